/** What a program runs beside its own work, because a flag, a word or its input says so: `tar --to-command`, `vim -c '!x'`, `ssh -o ProxyCommand`. */
import type { Operation } from '../../core/operation.ts'
import type { Arg } from './arg.ts'
import { asClient } from './clients.ts'
import { readCode } from './code.ts'
import type { Nested } from './nested.ts'
import { unread } from './operation.ts'
import type { Run } from './run.ts'
import type { Scope } from './scope.ts'

type How =
  /** A text for a shell. */
  | 'shell'
  /** A command of an editor: `!x`, `:r !x`, `call system("x")`. */
  | 'editor'
  /** Code of another language. */
  | 'code'
  /** `ProxyCommand=x`. */
  | 'option'
  /** `exec=x`. */
  | 'action'
  /** `EXEC:x`, `SYSTEM:x`. */
  | 'address'

interface Beside {
  readonly flags: readonly string[]
  readonly how: How
  /** The rest of a word that begins so is it: `+cmd`. */
  readonly begins?: string
  /** What it reads is it as well. */
  readonly isFed?: boolean
  /** Every word is it. */
  readonly isWords?: boolean
}

const of = (how: How, flags = '', more: Omit<Beside, 'flags' | 'how'> = {}): Beside => ({
  flags: flags.split(' ').filter(Boolean),
  how,
  ...more,
})

const vim = [of('editor', '-c --cmd', { begins: '+' }), of('editor', '', { isFed: true })]
const netcat = [of('shell', '-c --sh-exec -e --exec --lua-exec')]

const table: ReadonlyMap<string, readonly Beside[]> = new Map<string, readonly Beside[]>([
  ['rg', [of('shell', '--pre --hostname-bin')]],
  [
    'tar',
    [
      of(
        'shell',
        '--to-command -I --use-compress-program --rsh-command -F --info-script --new-volume-script --rmt-command',
      ),
      of('action', '--checkpoint-action'),
    ],
  ],
  ['zip', [of('shell', '-TT --unzip-command')]],
  ['cpio', [of('shell', '--rsh-command')]],
  ['rsync', [of('shell', '-e --rsh --rsync-path')]],
  ['scp', [of('shell', '-S'), of('option', '-o')]],
  ['sftp', [of('shell', '-S -D'), of('option', '-o')]],
  ['ssh', [of('option', '-o')]],
  ['man', [of('shell', '-P --pager -H --html')]],
  ['less', [of('editor', '', { begins: '+' })]],
  ['more', [of('editor', '', { begins: '+' })]],
  ['mysql', [of('shell', '--pager')]],
  ['mariadb', [of('shell', '--pager')]],
  ...['nc', 'ncat', 'netcat'].map((name) => [name, netcat] as const),
  ['socat', [of('address', '', { isWords: true })]],
  ...['vim', 'vi', 'nvim', 'view', 'gvim', 'vimdiff', 'ex', 'rvim'].map(
    (name) => [name, vim] as const,
  ),
  ['ed', [of('editor', '', { isFed: true })]],
  ['red', [of('editor', '', { isFed: true })]],
  ['bc', [of('editor', '', { isFed: true })]],
  ['dc', [of('editor', '-e --expression', { isFed: true })]],
  ['gdb', [of('editor', '-ex -iex --eval-command --init-eval-command', { isFed: true })]],
  ['lldb', [of('editor', '-o -O --one-line', { isFed: true })]],
  ['ftp', [of('editor', '', { isFed: true })]],
  ['emacs', [of('code', '--eval -eval --execute -f')]],
  ['emacsclient', [of('code', '-e --eval', { isWords: true })]],
  ['tclsh', [of('code', '', { isFed: true })]],
  ['wish', [of('code', '', { isFed: true })]],
  ['expect', [of('code', '-c', { isFed: true })]],
  ['guile', [of('code', '-c', { isFed: true })]],
  ['racket', [of('code', '-e --eval', { isFed: true })]],
  ['sbcl', [of('code', '--eval', { isFed: true })]],
  ['clojure', [of('code', '-e -M')]],
  ['clj', [of('code', '-e -M')]],
  ['bb', [of('code', '-e')]],
  ['ghc', [of('code', '-e')]],
  ['ghci', [of('code', '-e', { isFed: true })]],
  ['groovy', [of('code', '-e')]],
  ['scala', [of('code', '-e')]],
  ['kotlin', [of('code', '-e')]],
  ['erl', [of('code', '-eval', { isFed: true })]],
  ['iex', [of('code', '-e --eval', { isFed: true })]],
  ['mix', [of('code', '-e --eval')]],
  ['r', [of('code', '-e', { isFed: true })]],
  ['jshell', [of('code', '', { isFed: true })]],
  ['m4', [of('code', '-D', { isFed: true })]],
  ['ipython', [of('code', '-c', { isFed: true }), of('editor', '-c', { isFed: true })]],
  ['swift', [of('code', '-e')]],
])

/** Only what is grave of it. */
export function besides(
  program: string,
  run: Run,
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  const { argv, stdin } = run
  const args = argv.slice(1)
  const found = (table.get(program) ?? []).flatMap((one) => {
    const texts = [...one.flags.flatMap((flag) => valuesOf(args, flag)), ...wordsOf(args, one)]
    if (one.isFed === true && stdin.kind === 'text')
      texts.push({ text: stdin.text, isKnown: true, isGlob: false })
    return texts.flatMap((text) => readAs(program, text, one.how, { scope, nested }))
  })
  return [
    ...found.filter(({ effect }) => effect !== 'read' && effect !== 'write'),
    ...asClient(program, run, scope, nested),
  ]
}

/** `-c X`, `-cX`, `--cmd X`, `--cmd=X`. */
function valuesOf(args: readonly Arg[], flag: string): readonly Arg[] {
  return args.flatMap((arg, at) => {
    if (arg.text === flag) return args.slice(at + 1, at + 2)
    const rest = arg.text.slice(flag.length)
    if (!arg.text.startsWith(flag) || (flag.length > 2 && !rest.startsWith('='))) return []
    return [{ ...arg, text: rest.replace(/^=/, '') }]
  })
}

function wordsOf(args: readonly Arg[], { begins, isWords }: Beside): readonly Arg[] {
  if (isWords === true) return args.filter(({ text }) => !text.startsWith('-'))
  if (begins === undefined) return []
  return args
    .filter(({ text }) => text.startsWith(begins))
    .map((arg) => ({ ...arg, text: arg.text.slice(begins.length) }))
}

const listening = /^(nc|ncat|netcat|socat)$/

interface Place {
  readonly scope: Scope
  readonly nested: Nested
}

function readAs(
  program: string,
  arg: Arg,
  how: How,
  { scope, nested }: Place,
): readonly Operation[] {
  const shell = (text: string): readonly Operation[] =>
    listening.test(program) && /^\S*\b(ba|z|da|k|a)?sh(\s+-\w*i\w*)?$/.test(text)
      ? [unread(program, 'gives a shell to whoever is at the other end')]
      : nested.script({ ...arg, text }, scope, program)
  switch (how) {
    case 'shell':
      return shell(arg.text)
    case 'code':
      return readCode(program, arg.text, scope, nested)
    case 'editor':
      return [
        ...[...arg.text.matchAll(escapes)].flatMap(([, text = '']) => shell(text)),
        ...readCode(program, arg.text, scope, nested),
      ]
    case 'option':
      return matched(arg.text, /^\s*(?:Proxy|Local|Remote|KnownHosts)Command[=\s]+(.*)$/is, shell)
    case 'action':
      return matched(arg.text, /^exec=(.*)$/s, shell)
    case 'address':
      return matched(arg.text, /^(?:EXEC|SYSTEM|SHELL):(.*?)(?:,\w+)*$/is, shell)
  }
}

function matched(
  text: string,
  pattern: RegExp,
  read: (text: string) => readonly Operation[],
): readonly Operation[] {
  const [, found] = pattern.exec(text) ?? []
  return found === undefined ? [] : read(found)
}

/** `!x`, `:!x`, `silent !x`, `r !x`, `%!x`, `shell x`: what an editor or a debugger hands to a shell. */
const escapes =
  /^[\s:]*(?:(?:silent|exe(?:cute)?|sil|r(?:ead)?|w(?:rite)?|e|f|term(?:inal)?)!?\s+["']?|[\d,.$%]*\s*[rwe]?\s*)?(?:!|shell\s+|make\s+)(.+)$/gim
