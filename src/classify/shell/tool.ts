/** What a program does, told as data: by its words and flags, the gravest rule that fits. */
import type { DestroyKind, Effect } from '../../core/effect.ts'
import type { Argv } from './argv.ts'
import type { Flags } from './argv.ts'
import { flagsOf } from './argv.ts'

export interface Rule {
  /** The words in their order: `volume`, `rm|remove`; `*` is any, `delete-*` any that begins so. */
  readonly words: readonly (readonly string[])[]
  readonly effect: Effect
  readonly kinds: readonly DestroyKind[]
  /** One line: what goes. */
  readonly says: string
  /** Flags of which one must stand there: `-a`, `--all`. */
  readonly only: readonly string[]
  /** Flags that make it harmless: `--dry-run`. */
  readonly but: readonly string[]
  /** What must stand in some word or value, as text. */
  readonly like: RegExp | null
  /** None of the words may be like it. */
  readonly unlike: RegExp | null
  /** At most so many words behind those named. */
  readonly most: number | null
}

export interface Tool {
  readonly flags: Flags
  readonly rules: readonly Rule[]
  /** What to do instead, for the agent. */
  readonly instead: string | null
  /** Flags by which the whole program only shows what it would do. */
  readonly shows: readonly string[]
}

/** `volume rm|remove`: words with their alternatives. */
export const wordsOf = (text: string): readonly (readonly string[])[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => word.split('|'))

export interface Made {
  readonly only?: string
  readonly but?: string
  readonly like?: RegExp
  readonly unlike?: RegExp
  readonly most?: number
}

export function rule(
  words: string,
  [effect, ...kinds]: readonly [Effect, ...DestroyKind[]],
  says: string,
  { only = '', but = '', like, unlike, most }: Made = {},
): Rule {
  return {
    words: wordsOf(words),
    effect,
    kinds,
    says,
    only: only.split(' ').filter(Boolean),
    but: but.split(' ').filter(Boolean),
    like: like ?? null,
    unlike: unlike ?? null,
    most: most ?? null,
  }
}

export function tool(rules: () => readonly Rule[], about: About = {}): Tool {
  return new Table(rules, about)
}

interface About {
  readonly valued?: string
  readonly plain?: string
  readonly isGo?: boolean
  readonly instead?: string
  readonly shows?: string
}

/** Its rules are made when somebody asks: a hook, which is started for each call, would spend more time on those of all programs than on all else. */
class Table implements Tool {
  readonly flags: Flags
  readonly instead: string | null
  readonly #shows: string
  readonly #make: () => readonly Rule[]
  #rules: readonly Rule[] | null = null

  constructor(make: () => readonly Rule[], { valued, plain, isGo, instead, shows = '' }: About) {
    this.flags = flagsOf(valued, plain, isGo)
    this.instead = instead ?? null
    this.#shows = shows
    this.#make = make
  }

  get rules(): readonly Rule[] {
    this.#rules ??= this.#make()
    return this.#rules
  }

  get shows(): readonly string[] {
    return ['--help', '--version', ...this.#shows.split(' ').filter(Boolean)]
  }
}

/** Whether the rule is about these words. Unknown words (`$X`) may be anything, so they fit. */
export function fits(one: Rule, { flags, words, behind }: Argv): boolean {
  const has = (flag: string): boolean => hasFlag(flags, flag)
  if (one.only.length > 0 && !one.only.some(has)) return false
  if (one.but.some(has)) return false
  const all = [...words, ...(behind ?? []).map((arg, at) => ({ ...arg, isMaybeValue: false, at }))]
  if (one.like !== null) {
    const { like } = one
    const values = [...flags.values()].flat()
    if (![...all, ...values].some(({ text }) => like.test(text))) return false
  }
  const { unlike } = one
  if (unlike !== null && all.some(({ text }) => unlike.test(text))) return false
  if (one.most !== null && all.length - one.words.length > one.most) return false
  return isMatch(one.words, all)
}

/** Whether it only shows what it would do. `--version 5` asks for a version, and shows none. */
export function isShown({ shows }: Tool, { flags }: Argv): boolean {
  return shows.some((flag) =>
    ['--help', '--version'].includes(flag)
      ? flags.get(flag)?.at(-1)?.text === ''
      : hasFlag(flags, flag),
  )
}

/** `--x=false` and `--dry-run=none` are as if the flag were not there; the last one counts. `-x=*` asks for a value. */
function hasFlag(flags: Argv['flags'], wanted: string): boolean {
  const [name = '', value] = wanted.split('=')
  const found = flags.get(name)?.at(-1)
  if (found === undefined) return false
  if (value !== undefined) return found.text === value
  return !/^(false|none|no|0)$/i.test(found.text)
}

/** Whether the words stand there in their order; only what may be some flag’s value is passed over. */
function isMatch(wanted: Rule['words'], words: Argv['words']): boolean {
  const [first, ...rest] = wanted
  if (first === undefined) return true
  for (const [at, word] of words.entries()) {
    const isIt = !word.isKnown || first.some((one) => isWord(one, word.text.toLowerCase()))
    if (isIt && isMatch(rest, words.slice(at + 1))) return true
    if (!word.isMaybeValue) return false
  }
  return false
}

/** `*` is any word, `delete-*` any that begins so. */
export function isWord(wanted: string, text: string): boolean {
  return wanted.endsWith('*') ? text.startsWith(wanted.slice(0, -1)) : text === wanted
}
