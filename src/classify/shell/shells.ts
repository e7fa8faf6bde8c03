/** Shells, and what a shell does by its own words: texts that become commands. */
import { argvOf, flagsOf } from './argv.ts'
import type { Operation } from '../../core/operation.ts'
import type { Nested, Special } from './nested.ts'
import { unread } from './operation.ts'
import { programOf } from './run.ts'
import type { Fed } from './run.ts'
import type { Scope } from './scope.ts'
import type { Arg } from './words.ts'

const flags = flagsOf('-o -O +O --rcfile --init-file', '-c -e -x -u -l -i')

/** What fetches or decodes: its output has nobody seen. */
export const hides = new Set([
  'curl',
  'wget',
  'http',
  'https',
  'xh',
  'aria2c',
  'fetch',
  'nc',
  'ncat',
  'socat',
  'telnet',
  'ftp',
  'base64',
  'base32',
  'basenc',
  'xxd',
  'openssl',
  'gpg',
  'age',
  'rev',
  'tr',
  'gunzip',
  'zcat',
  'gzip',
  'bzip2',
  'xz',
  'unzip',
  'uudecode',
  'jq',
  'sed',
  'awk',
  'perl',
  'python',
  'python3',
  'node',
  'ruby',
  'php',
  'printenv',
  'env',
  'ssh',
  'dig',
  'nslookup',
])

const shell: Special = ({ argv, stdin }, scope, nested) => {
  const [first, ...args] = argv
  const name = programOf(first?.text ?? '')
  const told = argvOf(args, flags, 1)
  const [word = told.behind?.[0]] = told.words
  const isText = told.flags.has('-c') || told.flags.has('--command')
  if (word === undefined || told.flags.has('-s'))
    return isText ? [] : fedTo(name, stdin, { scope, nested })
  if (!isText) return fromFile(word, name, { scope, nested })
  const inner = scope.inner()
  const at = args.findIndex((one) => one.text === word.text)
  args.slice(at + 1).forEach((one, nth) => inner.set(String(nth), one.isKnown ? one.text : null))
  return nested.script(word, inner, `${name} -c`)
}

/** What a shell without a file reads from its standard input. */
function fedTo(name: string, stdin: Fed, { scope, nested }: Place): readonly Operation[] | null {
  if (stdin.kind === 'none') return null
  const text = stdin.kind === 'text' ? stdin.text : nested.about.readers.file(stdin.from)
  if (text !== null) return nested.text(text, scope.inner())
  const from = stdin.kind === 'unread' ? stdin.from : ''
  const isHidden = hides.has(programOf(from)) || from.startsWith('$')
  return isHidden ? [unread(name, unseen(name, from))] : null
}

const unseen = (name: string, from: string): string =>
  `\`${name}\` would run what \`${from}\` gives it: nobody has read that`

interface Place {
  readonly scope: Scope
  readonly nested: Nested
}

/** A script that lies there is read; one that cannot be is as the agent’s other code. What comes from the network by a substitution is held. */
export function fromFile(
  { text, isKnown }: Arg,
  name: string,
  { scope, nested }: Place,
): readonly Operation[] | null {
  const [, inside] = /^[<>]\(\s*(?:sudo\s+)?([^\s)]+)/.exec(text) ?? []
  if (inside !== undefined && hides.has(programOf(inside)))
    return [unread(name, unseen(name, inside))]
  const script = isKnown ? nested.about.readers.file(text) : null
  return script === null ? null : nested.text(script, scope.inner())
}

const source: Special = ({ argv }, scope, nested) => {
  const [, file] = argv
  return file === undefined ? [] : fromFile(file, 'source', { scope, nested })
}

/** Programs that print what their own shell is to run: `eval "$(ssh-agent -s)"`. */
const tells = new Set([
  'ssh-agent',
  'direnv',
  'brew',
  'pyenv',
  'rbenv',
  'nodenv',
  'jenv',
  'goenv',
  'fnm',
  'mise',
  'asdf',
  'rtx',
  'starship',
  'zoxide',
  'conda',
  'micromamba',
  'opam',
  'keychain',
  'dircolors',
  'docker-machine',
  'minikube',
  'luarocks',
  'thefuck',
  'atuin',
  'devbox',
  'register-python-argcomplete',
  'resize',
  'lesspipe',
  'gh',
  'kubectl',
  'helm',
  'op',
])

const evalText: Special = ({ argv }, scope, nested) => {
  const text = argv
    .slice(1)
    .map((one) => one.text)
    .join(' ')
  const [, program] = /^"?\$\(\s*([\w./-]+)[^$`|;&]*\)"?$/.exec(text) ?? []
  if (program !== undefined && tells.has(programOf(program))) return []
  const isKnown = argv.every((one) => one.isKnown)
  return nested.script({ text, isKnown, isGlob: false }, scope, 'eval')
}

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
  const lines = stdin.text
    .split('\n')
    .map((line) => (isCron ? line.replace(/^\s*(?:@\w+|(?:\S+\s+){5})/, '') : line))
  return nested.text(lines.join('\n'), scope.inner())
}

/** `find … -exec rm {} ;`: what it runs, with a path that nobody here knows. */
const fd: Special = ({ argv }, scope, nested) => {
  const at = argv.findIndex(({ text }) => ['-x', '--exec', '-X', '--exec-batch'].includes(text))
  if (at < 0) return null
  const rest = argv.slice(at + 1)
  const path = { text: '{}', isKnown: false, isGlob: false }
  const run = {
    argv: rest.some(({ text }) => text === '{}') ? rest : [...rest, path],
    env: new Map(),
    stdin: { kind: 'none' as const },
    writes: [],
  }
  return rest.length === 0 ? null : nested.run(run, scope)
}

/** `set -- a b`, `cd`: nothing that is judged. */
const nothing: Special = () => []

export const shells: readonly (readonly [string, Special])[] = [
  ...['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash', 'mksh', 'fish', 'rbash', 'pwsh-x'].map(
    (name) => [name, shell] as const,
  ),
  ['eval', evalText],
  ['source', source],
  ['.', source],
  ['alias', alias],
  ['trap', trap],
  ['at', later],
  ['batch', later],
  ['crontab', later],
  ['fd', fd],
  ['fdfind', fd],
  ...[
    'cd',
    'set',
    'shift',
    'export',
    'readonly',
    'local',
    'declare',
    'true',
    'false',
    ':',
    'test',
    '[',
    'echo',
    'printf',
  ].map((name) => [name, nothing] as const),
]
