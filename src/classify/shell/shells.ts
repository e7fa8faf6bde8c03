/** Shells, and what a shell does by its own words: texts that become commands. */
import { argvOf, flagsOf } from './argv.ts'
import type { Argv } from './argv.ts'
import type { Operation } from '../../core/operation.ts'
import type { Nested, Special } from './nested.ts'
import { unread } from './operation.ts'
import { nothingFed, programOf } from './run.ts'
import type { Fed } from './run.ts'
import type { Scope } from './scope.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'

const flags = flagsOf('-o -O +O --rcfile --init-file --command', '-c -e -x -u -l -i')

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
  'a group of commands',
])

const shell: Special = ({ argv, stdin }, scope, nested) => {
  const [first, ...args] = argv
  const name = programOf(first?.text ?? '')
  const told = argvOf(
    args.filter(({ text }) => !/^\+[a-zA-Z]$/.test(text)),
    flags,
    1,
  )
  const place = { scope, nested }
  const starts = ['--rcfile', '--init-file'].flatMap((flag) => told.flags.get(flag) ?? [])
  const own = starts.flatMap((file) => fromFile(file, name, place) ?? [])
  return orNull([...own, ...(mainOf(name, { args, told, stdin }, place) ?? [])])
}

interface Words {
  readonly args: readonly Arg[]
  readonly told: Argv
  readonly stdin: Fed
}

/** What it runs: a text, a file, or what it reads. */
function mainOf(
  name: string,
  { args, told, stdin }: Words,
  place: Place,
): readonly Operation[] | null {
  const { scope, nested } = place
  const inline = told.flags.get('--command')?.at(-1)
  if (inline !== undefined && inline.text !== '') return nested.script(inline, scope, `${name} -c`)
  const [word = told.behind?.[0]] = told.words
  const isText = told.flags.has('-c')
  if (word === undefined || told.flags.has('-s')) return isText ? [] : fedTo(name, stdin, place)
  const behind = args.slice(args.findIndex((one) => one.text === word.text) + 1)
  return isText ? textOf(word, name, behind, place) : fromFile(word, name, place, { behind, stdin })
}

/** `bash -c TEXT ZERO ONE…`. */
function textOf(
  text: Arg,
  name: string,
  [zero, ...behind]: readonly Arg[],
  { scope, nested }: Place,
): readonly Operation[] {
  const inner = given(scope, behind)
  inner.set('0', zero?.isKnown === true ? zero.text : null)
  return nested.script(text, inner, `${name} -c`)
}

const orNull = (found: readonly Operation[]): readonly Operation[] | null =>
  found.length > 0 ? found : null

/** A text of its own that is given these words: `$1`, `$@`. */
export function given(scope: Scope, args: readonly Arg[]): Scope {
  const inner = scope.inner()
  inner.setList('@', args)
  return inner
}

/** What a shell without a file reads from its standard input. */
export function fedTo(name: string, stdin: Fed, place: Place): readonly Operation[] | null {
  const { scope, nested } = place
  if (stdin.kind === 'none') return null
  const held = stdin.kind === 'text' ? stdin : nested.file(argOf(stdin.from), scope)
  if (held.kind === 'text') return nested.text(held.text, scope.inner())
  const from = held.kind === 'unread' ? held.from : stdin.kind === 'unread' ? stdin.from : ''
  return isHidden(from) ? [unread(name, unseen(name, from))] : null
}

/** Whether it comes from what fetches, decodes, or is not known at all. */
function isHidden(from: string): boolean {
  const [, inside] = /^[<>]\(\s*(?:sudo\s+)?([^\s)]+)/.exec(from) ?? []
  return hides.has(programOf(inside ?? from)) || /^[$<]/.test(from)
}

const unseen = (name: string, from: string): string =>
  `\`${name}\` would run what \`${from}\` gives it: nobody has read that`

interface Place {
  readonly scope: Scope
  readonly nested: Nested
}

/** A script that lies there is read; one that cannot be is as the agent’s other code. What comes from the network by a substitution is held. */
export function fromFile(
  file: Arg,
  name: string,
  { scope, nested }: Place,
  {
    behind = [],
    stdin = nothingFed,
  }: { readonly behind?: readonly Arg[]; readonly stdin?: Fed } = {},
): readonly Operation[] | null {
  const held = nested.file(file, scope, stdin)
  return held.kind === 'none'
    ? null
    : fedTo(name, held, { scope: behind.length > 0 ? given(scope, behind) : scope, nested })
}

const source: Special = ({ argv, stdin }, scope, nested) => {
  const [, file, ...behind] = argv
  return file === undefined ? [] : fromFile(file, 'source', { scope, nested }, { behind, stdin })
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

/** `echo 'rm -rf /x' | at now`, `crontab FILE`. */
const later: Special = ({ argv, stdin }, scope, nested) => {
  const { flags, words } = argvOf(argv.slice(1), flagsOf('-u -f -q -t -c'))
  const isCron = programOf(argv[0]?.text ?? '') === 'crontab'
  const [file] = isCron ? words.filter(({ text }) => text !== '-') : (flags.get('-f') ?? [])
  const held = file === undefined ? stdin : nested.file(file, scope, stdin)
  if (held.kind === 'none' || held.text === undefined) return null
  return nested.text(isCron ? cronLines(held.text) : held.text, scope.inner())
}

/** What a schedule runs, without when. */
export const cronLines = (text: string): string =>
  text.replaceAll(/^[ \t]*(?:@\w+|(?:[\d*][\d*,/-]*[ \t]+){4}[\d*a-zA-Z][\w*,/-]*)[ \t]+/gm, '')

/** `find … -exec rm {} ;`: what it runs, with a path that nobody here knows. */
const fd: Special = ({ argv }, scope, nested) => {
  const at = argv.findIndex(({ text }) => /^(-[a-zA-Z]*[xX]|--exec(-batch)?(=.*)?)$/.test(text))
  const own = argv[at]
  if (own === undefined) return null
  const [, inline] = /^--[\w-]+=(.*)$/.exec(own.text) ?? []
  const rest = [...(inline === undefined ? [] : [{ ...own, text: inline }]), ...argv.slice(at + 1)]
  const path = { text: '{}', isKnown: false, isGlob: false }
  const run = {
    argv: rest.some(({ text }) => text === '{}') ? rest : [...rest, path],
    env: new Map(),
    stdin: { kind: 'none' as const },
    writes: [],
  }
  return rest.length === 0 ? null : nested.run(run, scope)
}

/** Nothing that is judged. */
const nothing: Special = () => []

export const shells: readonly (readonly [string, Special])[] = [
  ...[
    'sh',
    'bash',
    'zsh',
    'dash',
    'ksh',
    'ash',
    'mksh',
    'fish',
    'rbash',
    'csh',
    'tcsh',
    'yash',
    'oksh',
    'posh',
    'nu',
    'xonsh',
    'elvish',
  ].map((name) => [name, shell] as const),
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
  ...['true', 'false', ':', 'test', '[', 'echo'].map((name) => [name, nothing] as const),
]
