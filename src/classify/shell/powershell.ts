/** PowerShell and the shell of Windows: no grammar of theirs is here, so what takes things away is known by name, and what runs a text that nobody has read is held. */
import type { Operation } from '../../core/operation.ts'
import type { Arg } from './arg.ts'
import { argOf } from './arg.ts'
import type { Nested, Special } from './nested.ts'
import { destroys, unread } from './operation.ts'
import { isThrowaway } from './paths.ts'
import { programOf } from './run.ts'
import type { Scope } from './scope.ts'

/** Its flags are taken in any case, and by any beginning. */
const texts = /^-(c|co\w*)$/i
const encoded = /^-(e|ec|en\w*)$/i
const fileFlag = /^-(f|fi\w*)$/i
const valued =
  /^-(ex\w*|ep|in\w*|if|o|of|ou\w*|w|wi\w*|wo\w*|wd|ve\w*|cu\w*|config\w*|settings\w*)$/i

const pwsh: Special = ({ argv, stdin }, scope, nested) => {
  const name = programOf(argv[0]?.text ?? '')
  const args = argv.slice(1)
  for (let at = 0; at < args.length; at += 1) {
    const { text } = args[at] ?? argOf('')
    const behind = args.slice(at + 1)
    if (encoded.test(text)) return decodedOf(name, behind[0], scope, nested)
    if (texts.test(text)) return textOf(name, behind, scope, nested)
    if (fileFlag.test(text)) return fileOf(name, behind[0], scope, nested)
    if (valued.test(text)) at += 1
    else if (!text.startsWith('-'))
      return name === 'pwsh'
        ? fileOf(name, args[at], scope, nested)
        : textOf(name, args.slice(at), scope, nested)
  }
  return stdin.kind === 'text' ? readPowershell(name, stdin.text, scope, nested) : null
}

function textOf(
  name: string,
  args: readonly Arg[],
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  const text = args.map((one) => one.text).join(' ')
  const found = readPowershell(name, text, scope, nested)
  return args.every(({ isKnown }) => isKnown) || found.length > 0
    ? found
    : [unread(name, 'would run a text that is not known before')]
}

/** UTF-16 in base64. */
function decodedOf(
  name: string,
  arg: Arg | undefined,
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  try {
    const bytes = Uint8Array.from(atob(arg?.text ?? ''), (letter) => letter.charCodeAt(0))
    if (arg?.isKnown !== true || bytes.length < 2) throw new RangeError('nothing in it')
    return readPowershell(name, new TextDecoder('utf-16le').decode(bytes), scope, nested)
  } catch {
    // Said here: what is no base64 cannot be read before it runs.
    return [unread(name, 'would run a text in base64 that cannot be read')]
  }
}

function fileOf(
  name: string,
  file: Arg | undefined,
  scope: Scope,
  nested: Nested,
): readonly Operation[] | null {
  const held = file === undefined ? { kind: 'none' as const } : nested.file(file, scope)
  if (held.kind === 'none') return null
  return held.kind === 'text'
    ? readPowershell(name, held.text, scope, nested)
    : [unread(name, `would run what \`${held.from}\` gives it: nobody has read that`)]
}

const removes =
  /(?:^|[\s;|&({])(?:Remove-Item|Microsoft\.PowerShell\.Management\\Remove-Item|ri|rm|rmdir|rd|del|erase)\s([^;|}\n]*)/gi
const grave =
  /\b(?:Clear-(?:Disk|RecycleBin)|Format-Volume|Initialize-Disk|Remove-(?:Partition|VirtualDisk|StoragePool|Volume|VM|Az\w+|AzureRm\w+|S3\w+|RDS\w+|EC2\w+|DDB\w+|KMS\w+|GC\w+|SqlDatabase|DbaDatabase|ADUser|LocalUser|WBBackupSet|ComputerRestorePoint)|Reset-ComputerMachinePassword|Invoke-Sqlcmd\b[^\n]*\b(?:DROP|TRUNCATE|DELETE)\b)/gi
const hidden =
  /\b(?:Invoke-Expression|iex|Invoke-Command|icm|FromBase64String|DownloadString)\b|\[scriptblock\]::Create|&\s*(?:\$|\()|\.Invoke\(/i

export function readPowershell(
  name: string,
  text: string,
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  const taken = [...text.matchAll(removes)].flatMap(([, words = '']) => removed(name, words))
  const named = [...text.matchAll(grave)].map(([call]) =>
    destroys(`${name} ${call.slice(0, 40)}`, ['data'], `\`${call.slice(0, 60)}\` takes data away`),
  )
  // Programs are called as in any shell.
  const called = nested
    .text(text, scope.inner())
    .filter(({ effect }) => effect === 'destroy' || effect === 'expose')
  const unknown = hidden.test(text)
    ? [unread(name, 'would run a text that nobody here can read before it runs')]
    : []
  return [...taken, ...named, ...called, ...unknown]
}

function removed(name: string, words: string): readonly Operation[] {
  if (!/\s-r\w*\b|(^|\s)\/s\b/i.test(` ${words}`)) return []
  const paths = words.split(/[\s,]+/).filter((word) => word !== '' && !/^[-/]\w+$/.test(word))
  return paths
    .map((path) => argOf(path.replaceAll('\\', '/').replaceAll(/^["']|["']$/g, '')))
    .filter(
      (path) => !/^(true|false|SilentlyContinue|Stop)$/i.test(path.text) && !isThrowaway(path),
    )
    .map(({ text }) =>
      destroys(`${name} Remove-Item`, ['data'], `takes \`${text}\` and all below it away`),
    )
}

/** `cmd /c rd /s /q X`. */
const cmd: Special = ({ argv }, scope, nested) => {
  const at = argv.findIndex(({ text }) => /^\/[ck]/i.test(text))
  if (at < 0) return null
  const text = argv
    .slice(at + 1)
    .map((one) => one.text)
    .join(' ')
  const formats = /(?:^|&)\s*(?:format|diskpart|cipher\s+\/w)\b/i.test(text)
    ? [destroys('cmd format', ['data'], 'makes a disk anew')]
    : []
  return [...formats, ...readPowershell('cmd', text, scope, nested)]
}

export const powershell: readonly (readonly [string, Special])[] = [
  ['pwsh', pwsh],
  ['pwsh-preview', pwsh],
  ['powershell', pwsh],
  ['cmd', cmd],
]
