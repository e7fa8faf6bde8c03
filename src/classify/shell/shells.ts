/** Shells, and what a shell does by its own words: texts that become commands. */
import { argvOf, flagsOf } from './argv.ts'
import type { Special } from './nested.ts'
import { unread } from './operation.ts'
import { programOf } from './run.ts'

const flags = flagsOf('-c -o -O +O --rcfile --init-file')

/** What fetches or decodes: its output has nobody seen. */
export const hides = new Set([
  'curl', 'wget', 'http', 'https', 'xh', 'aria2c', 'fetch', 'nc', 'ncat', 'socat', 'telnet', 'ftp',
  'base64', 'base32', 'basenc', 'xxd', 'openssl', 'gpg', 'age', 'rev', 'tr', 'gunzip', 'zcat', 'gzip', 'bzip2', 'xz',
  'unzip', 'uudecode', 'jq', 'sed', 'awk', 'perl', 'python', 'python3', 'node', 'ruby', 'php', 'printenv', 'env', 'ssh', 'dig', 'nslookup',
])

const shell: Special = ({ argv, stdin }, scope, nested) => {
  const [first, ...args] = argv
  const name = programOf(first?.text ?? '')
  const told = argvOf(args, flags, 1)
  const text = told.flags.get('-c')?.at(-1)
  if (text !== undefined) {
    const inner = scope.inner()
    const at = args.indexOf(text)
    args.slice(at + 1).forEach((one, nth) => inner.set(String(nth), one.isKnown ? one.text : null))
    return nested.script(text, inner, `${name} -c`)
  }
  const [file] = told.words
  if (file !== undefined) return fromFile(file.text, name)
  if (told.flags.has('--version') || told.flags.has('--help')) return []
  if (stdin.kind === 'text') return nested.text(stdin.text, scope.inner())
  if (stdin.kind === 'unread' && (hides.has(stdin.from) || stdin.from.startsWith('$')))
    return [unread(name, `\`${name}\` would run what \`${stdin.from}\` gives it: nobody has read that`)]
  return null
}

/** A script of the checkout is as the agent’s other code: it is not read here. What comes from the network by a substitution is held. */
function fromFile(path: string, name: string): ReturnType<Special> {
  const [, inside] = /^[<>]\(\s*(?:sudo\s+)?([^\s)]+)/.exec(path) ?? []
  if (inside === undefined || !hides.has(programOf(inside))) return null
  return [unread(name, `\`${name}\` would run what \`${inside}\` gives it: nobody has read that`)]
}

const source: Special = ({ argv }) => fromFile(argv[1]?.text ?? '', 'source')

const alias: Special = ({ argv }, scope) => {
  for (const { text } of argv.slice(1)) {
    const [name = '', ...rest] = text.split('=')
    if (rest.length > 0) scope.aliases.set(name, rest.join('='))
  }
  return []
}

const trap: Special = ({ argv }, scope, nested) => {
  const [, text] = argv
  return text === undefined || text.text.startsWith('-') ? [] : nested.script(text, scope, 'trap')
}

/** `echo 'rm -rf /x' | at now`, `crontab -`. */
const later: Special = ({ argv, stdin }, scope, nested) => {
  if (stdin.kind !== 'text') return null
  const isCron = programOf(argv[0]?.text ?? '') === 'crontab'
  const lines = stdin.text.split('\n').map((line) => (isCron ? line.replace(/^\s*(?:@\w+|(?:\S+\s+){5})/, '') : line))
  return nested.text(lines.join('\n'), scope.inner())
}

/** `find … -exec rm {} ;`: what it runs, with a path that nobody here knows. */
const fd: Special = ({ argv }, scope, nested) => {
  const at = argv.findIndex(({ text }) => ['-x', '--exec', '-X', '--exec-batch'].includes(text))
  if (at < 0) return null
  const rest = argv.slice(at + 1)
  const path = { text: '{}', isKnown: false, isGlob: false }
  const run = { argv: rest.some(({ text }) => text === '{}') ? rest : [...rest, path], env: new Map(), stdin: { kind: 'none' as const }, writes: [] }
  return rest.length === 0 ? null : nested.run(run, scope)
}

/** `set -- a b`, `cd`: nothing that is judged. */
const nothing: Special = () => []

export const shells: readonly (readonly [string, Special])[] = [
  ...['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash', 'mksh', 'fish', 'rbash', 'pwsh-x'].map((name) => [name, shell] as const),
  ['source', source],
  ['.', source],
  ['alias', alias],
  ['trap', trap],
  ['at', later],
  ['batch', later],
  ['crontab', later],
  ['fd', fd],
  ['fdfind', fd],
  ...['cd', 'set', 'shift', 'export', 'readonly', 'local', 'declare', 'true', 'false', ':', 'test', '[', 'echo', 'printf'].map(
    (name) => [name, nothing] as const,
  ),
]

