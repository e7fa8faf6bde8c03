/** What git runs because its configuration, or a flag of one of its commands, names a program. */
import type { Operation } from '../../core/operation.ts'
import type { Arg } from './arg.ts'
import type { Argv } from './argv.ts'
import type { Nested } from './nested.ts'
import { destroys } from './operation.ts'
import type { Scope } from './scope.ts'

export interface Pair {
  /** In small letters, but for what stands between the dots. */
  readonly name: string
  readonly value: string
}

/** Keys whose value is handed to a shell. */
const runs =
  /^(core\.(sshcommand|pager|editor|askpass|gitproxy|fsmonitor|alternaterefscommand)|sequence\.editor|pager\..+|diff\.external|diff\..+\.(command|textconv)|(diff|merge)tool\..+\.(cmd|path)|merge\..+\.driver|filter\..+\.(clean|smudge|process)|credential\.(.+\.)?helper|gpg\.(.+\.)?program|interactive\.difffilter|remote\..+\.(uploadpack|receivepack|vcs)|submodule\..+\.update|uploadpack\.packobjectshook|trailer\..+\.(cmd|command)|(browser|man)\..+\.cmd|web\.browser|sendemail\..*cmd|alias\..+|gc\.recentobjectshook)$/

/** The pairs that this very call is given: `-c a.b=x`, or by the environment. */
export function pairsIn(
  { flags: found }: Argv,
  env: ReadonlyMap<string, Arg>,
  scope: Scope,
): readonly Pair[] {
  const all = (name: string): string => env.get(name)?.text ?? scope.valueOf(name) ?? ''
  const quoted = [...all('GIT_CONFIG_PARAMETERS').matchAll(/'([^']*)'(?:='([^']*)')?/g)].map(
    ([, pair = '', value]) => (value === undefined ? pair : `${pair}=${value}`),
  )
  const many = Math.min(Number(all('GIT_CONFIG_COUNT')) || 0, 20)
  const counted = Array.from(
    { length: many },
    (_, nth) => `${all(`GIT_CONFIG_KEY_${nth}`)}=${all(`GIT_CONFIG_VALUE_${nth}`)}`,
  )
  return [...(found.get('-c') ?? []).map(({ text }) => text), ...quoted, ...counted].map(pairOf)
}

function pairOf(text: string): Pair {
  const at = text.indexOf('=')
  return at < 0 ? named(text, 'true') : named(text.slice(0, at), text.slice(at + 1))
}

function named(name: string, value: string): Pair {
  const isAlias = /^alias\./i.test(name)
  return { name: isAlias ? `alias.${name.slice(6)}` : name.toLowerCase(), value }
}

/** An alias is git's own words, or a shell's behind `!`. */
export const aliased = (value: string): string =>
  value.startsWith('!') ? value.slice(1) : `git ${value}`

/** What comes of a pair that is set, for this call or for all that follow. Only what is grave. */
export function configured(
  { name, value }: Pair,
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  const isMirror = /^remote\..+\.mirror$/.test(name) && /^(true|yes|on|1)$/i.test(value)
  if (isMirror || (/^remote\..+\.push$/.test(name) && /^[+:]/.test(value)))
    return [
      destroys('git push --force', ['overwrite'], 'has each push write over what others pull'),
    ]
  if (!runs.test(name) || value === '') return []
  const text = name.startsWith('alias.') ? aliased(value) : value.replace(/^!/, '')
  return nested
    .text(text, scope.inner())
    .filter(({ effect }) => effect !== 'read' && effect !== 'write')
}

/** Flags of its commands whose value is a program. */
const flags: ReadonlyMap<string, readonly string[]> = new Map([
  ['clone', ['-u', '--upload-pack']],
  ['fetch', ['--upload-pack']],
  ['pull', ['--upload-pack']],
  ['ls-remote', ['--upload-pack', '--exec']],
  ['fetch-pack', ['--upload-pack', '--exec']],
  ['push', ['--receive-pack', '--exec']],
  ['send-pack', ['--receive-pack', '--exec']],
  ['archive', ['--exec']],
  ['grep', ['-O', '--open-files-in-pager']],
  ['difftool', ['-x', '--extcmd']],
  ['filter-branch', ['--tree-filter', '--index-filter', '--msg-filter', '--env-filter']],
])

/** What a command of git runs by its flags, sets by `config`, or reaches by `ext::`. */
export function beside(
  verb: string,
  rest: readonly Arg[],
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  const texts = valuesOf(rest, flags.get(verb) ?? [])
  const reached = rest.flatMap((arg) => {
    const [, text] = /^ext::(.*)$/s.exec(arg.text) ?? []
    return text === undefined ? [] : [{ ...arg, text }]
  })
  const own = [...texts, ...reached].flatMap((text) => nested.script(text, scope, `git ${verb}`))
  const pairs =
    verb === 'clone'
      ? valuesOf(rest, ['-c', '--config']).map(({ text }) => pairOf(text))
      : verb === 'config'
        ? setBy(rest, scope)
        : []
  const each =
    verb === 'for-each-repo' ? rest.filter(({ text }) => !/^--(config|keep)/.test(text)) : []
  return [
    ...own.filter(({ effect }) => effect !== 'read' && effect !== 'write'),
    ...pairs.flatMap((pair) => configured(pair, scope, nested)),
    ...(each.length > 0
      ? nested.text(['git', ...each.map(({ text }) => text)].join(' '), scope.inner())
      : []),
  ]
}

/** `git config [set] KEY VALUE`: from here on an alias is known. */
function setBy(rest: readonly Arg[], scope: Scope): readonly Pair[] {
  const words = rest.map(({ text }) => text).filter((text) => !text.startsWith('-'))
  const at = words.findIndex((text) => /^[\w-]+\..*[\w-]$/.test(text))
  const [name, value] = at < 0 ? [] : words.slice(at)
  if (name === undefined || value === undefined) return []
  const pair = named(name, value)
  if (pair.name.startsWith('alias.')) scope.aliases.set(`git ${pair.name.slice(6)}`, value)
  return [pair]
}

/** `-x V`, `-xV`, `--long V`, `--long=V`. */
export function valuesOf(args: readonly Arg[], names: readonly string[]): readonly Arg[] {
  return args.flatMap((arg, at) => {
    const name = names.find((one) => arg.text.startsWith(one))
    if (name === undefined) return []
    if (arg.text === name) return args.slice(at + 1, at + 2)
    const rest = arg.text.slice(name.length)
    if (name.startsWith('--') && !rest.startsWith('=')) return []
    return [{ ...arg, text: rest.replace(/^=/, '') }]
  })
}
