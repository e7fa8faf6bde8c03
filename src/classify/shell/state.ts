/** What a shell's own words change for what follows: its variables, its folder, what it was given. */
import { argvOf, flagsOf } from './argv.ts'
import type { Special } from './nested.ts'
import { normal } from './paths.ts'
import { programOf } from './run.ts'
import type { Fed } from './run.ts'
import { printed } from './said.ts'
import type { Scope } from './scope.ts'
import { setIn } from './set.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'

const cd: Special = ({ argv }, scope) => {
  const [to] = argv.slice(1).filter(({ text }) => !/^-\w/.test(text))
  const before = scope.valueOf('PWD')
  if (to === undefined) scope.set('PWD', scope.home)
  else if (!to.isKnown || to.text === '-') scope.set('PWD', null)
  else if (to.text.startsWith('/') || before !== null)
    scope.set('PWD', normal(to.text.startsWith('/') ? to.text : `${before ?? '.'}/${to.text}`))
  return []
}

/** `set -- a b`, `set a b`: what stands under `$1`, `$@`. */
const set: Special = ({ argv }, scope) => {
  const args = argv.slice(1)
  const at = args.findIndex(({ text }) => text === '--' || !/^[-+]/.test(text))
  if (at >= 0) scope.setList('@', args.slice(args[at]?.text === '--' ? at + 1 : at))
  return []
}

const shift: Special = ({ argv }, scope) => {
  const many = Number(argv[1]?.text ?? '1')
  const list = scope.listOf('@')
  if (list !== null) scope.setList('@', Number.isInteger(many) ? list.slice(many) : null)
  return []
}

/** `export A=b`, also in quotes; the variable may be one that is run. */
const exported: Special = ({ argv }, scope, nested) =>
  argv.slice(1).flatMap((one) => {
    const [, name = '', value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(one.text) ?? []
    if (value === undefined) return []
    scope.set(name, one.isKnown ? value : null)
    return setIn(name, { ...one, text: value }, scope, nested)
  })

const read: Special = ({ argv, stdin }, scope) => {
  const { flags, words } = argvOf(argv.slice(1), flagsOf('-d -n -N -p -t -u -i -a', '-r -s -e'))
  const line = lineOf(stdin, flags.get('-d')?.at(-1)?.text === '')
  const list = flags.get('-a')?.at(-1)
  const parts = line === null ? null : line.trim().split(/\s+/)
  if (list !== undefined) scope.setList(list.text, parts?.map(argOf) ?? null)
  const names = words.length === 0 ? ['REPLY'] : words.map(({ text }) => text)
  names.forEach((name, nth) => {
    const isLast = nth === names.length - 1
    scope.set(
      name,
      parts === null ? null : isLast ? parts.slice(nth).join(' ') : (parts[nth] ?? ''),
    )
  })
  return []
}

function lineOf(stdin: Fed, isWhole: boolean): string | null {
  if (stdin.kind !== 'text') return null
  return isWhole ? stdin.text : (stdin.text.split('\n')[0] ?? '')
}

/** `mapfile -t a`, and `-C`, which runs a text for each of so many lines. */
const mapfile: Special = ({ argv, stdin }, scope, nested) => {
  const { flags, words } = argvOf(argv.slice(1), flagsOf('-d -n -O -s -u -C -c', '-t'))
  const lines = stdin.kind === 'text' ? stdin.text.split('\n').filter(Boolean).map(argOf) : null
  scope.setList(words[0]?.text ?? 'MAPFILE', lines)
  return (flags.get('-C') ?? []).flatMap((text) => nested.script(text, scope, 'mapfile -C'))
}

const printf: Special = ({ argv }, scope) => {
  const [flag, name, ...rest] = argv.slice(1)
  if (flag?.text === '-v' && name !== undefined)
    scope.set(name.text, rest.every(isPlain) ? printed(rest.map(({ text }) => text)) : null)
  return []
}
const isPlain = ({ isKnown, isGlob }: Arg): boolean => isKnown && !isGlob

/** `hash -p /bin/rm x`, `BASH_CMDS[x]=…`: another name for a program. */
const hash: Special = ({ argv }, scope) => {
  const [flag, path, name] = argv.slice(1)
  if (flag?.text === '-p' && path !== undefined && name !== undefined)
    scope.aliases.set(name.text, path.text)
  return []
}

const compgen: Special = ({ argv }, scope, nested) => {
  const { flags } = argvOf(argv.slice(1), flagsOf('-C -A -F -W -X -P -S -o -G'))
  return (flags.get('-C') ?? []).flatMap((text) => nested.script(text, scope, 'compgen -C'))
}

const unalias: Special = ({ argv }, scope: Scope) => {
  for (const { text } of argv.slice(1)) {
    if (programOf(argv[0]?.text ?? '') === 'unalias') scope.aliases.delete(text)
    else scope.set(text, '')
  }
  return []
}

export const state: readonly (readonly [string, Special])[] = [
  ['cd', cd],
  ['pushd', cd],
  ['set', set],
  ['shift', shift],
  ...['export', 'readonly', 'local', 'declare', 'typeset'].map((name) => [name, exported] as const),
  ['read', read],
  ['mapfile', mapfile],
  ['readarray', mapfile],
  ['printf', printf],
  ['hash', hash],
  ['compgen', compgen],
  ['unset', unalias],
  ['unalias', unalias],
]
