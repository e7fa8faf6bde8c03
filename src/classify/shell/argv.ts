/** A program's words told apart: flags with their values, and what is none. By a table of which flags take a value, since no program says so. */
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'

export interface Argv {
  /** By name (`--namespace`, `-n`); of one that stands twice, each value in order. A flag without a value has ''. */
  readonly flags: ReadonlyMap<string, readonly Arg[]>
  readonly words: readonly Word[]
  /** What stands behind `--`; null where there is none. */
  readonly behind: readonly Arg[] | null
}

export interface Word extends Arg {
  /** It follows a flag of which nobody here knows whether it takes a value: it may be that. */
  readonly isMaybeValue: boolean
  /** Where it stood. */
  readonly at: number
}

export interface Flags {
  /** Flags that take the next word, where they stand without `=`. */
  readonly valued: ReadonlySet<string>
  /** Flags that take none. */
  readonly plain: ReadonlySet<string>
  /** One dash and many letters is one flag (`-chdir=x`, as Go writes them), and not letters in a row. */
  readonly isGo: boolean
}

const setOf = (text: string): ReadonlySet<string> => new Set(text.split(' ').filter(Boolean))

export const flagsOf = (valued = '', plain = '', isGo = false): Flags =>
  new FlagTable(valued, plain, isGo)

/** Its sets are made when somebody asks: there are hundreds of tables, and a hook, which is started for each call, needs one or two. */
class FlagTable implements Flags {
  readonly isGo: boolean
  readonly #texts: { readonly valued: string; readonly plain: string }
  #valued: Flags['valued'] | null = null
  #plain: Flags['plain'] | null = null

  constructor(valued: string, plain: string, isGo: boolean) {
    this.#texts = { valued, plain }
    this.isGo = isGo
  }

  get valued(): Flags['valued'] {
    this.#valued ??= setOf(this.#texts.valued)
    return this.#valued
  }

  get plain(): Flags['plain'] {
    this.#plain ??= setOf(this.#texts.plain)
    return this.#plain
  }
}

/** `until`: stops before the word with that number, as wrappers need: what follows is another program's. */
export function argvOf(args: readonly Arg[], flags: Flags, until = Number.POSITIVE_INFINITY): Argv {
  const found = new Map<string, readonly Arg[]>()
  const words: Word[] = []
  let isMaybeValue = false
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? nothing
    if (arg.text === '--') return { flags: found, words, behind: args.slice(at + 1) }
    if (/^-./.test(arg.text)) {
      const told = flagIn(arg, flags)
      const end = endOf(told, flags)
      if (end === 'takes') at += 1
      for (const one of told) put(found, one, end === 'takes' ? args[at] : nothing)
      isMaybeValue = end === 'unknown'
    } else if (words.length < until) {
      words.push({ ...arg, isMaybeValue, at })
      isMaybeValue = false
    } else break
  }
  return { flags: found, words, behind: null }
}

/** `--comm x` for `--command x`: programs take a long flag by any beginning that is one flag’s alone. */
export function spelled(args: readonly Arg[], { valued, plain }: Flags): readonly Arg[] {
  const all = [...valued, ...plain]
  return args.map((arg) => {
    const [, name = '', rest = ''] = /^(--[a-z][a-z-]+)(=.*)?$/s.exec(arg.text) ?? []
    const like = name === '' || all.includes(name) ? [] : all.filter((one) => one.startsWith(name))
    return like.length === 1 ? { ...arg, text: `${like[0] ?? name}${rest}` } : arg
  })
}

const nothing = argOf('')

/** Whether the next word is the value of the last of these flags. */
function endOf(told: readonly Told[], { valued, plain }: Flags): 'takes' | 'none' | 'unknown' {
  const last = told.at(-1)
  if (last === undefined || last.value !== null) return 'none'
  if (valued.has(last.name)) return 'takes'
  return plain.has(last.name) ? 'none' : 'unknown'
}

/** Only the last of several letters takes the next word: those before it take none. */
function put(found: Map<string, readonly Arg[]>, { name, value }: Told, next = nothing): void {
  found.set(name, [...(found.get(name) ?? []), value ?? next])
}

interface Told {
  readonly name: string
  /** Null where it stands without one. */
  readonly value: Arg | null
}

/** `--a=b` is one with its value; `-rf` is `-r` and `-f`; `-nprod`, where `-n` takes a value, is `-n` with `prod`. */
function flagIn(arg: Arg, { valued, isGo }: Flags): readonly Told[] {
  const { text } = arg
  if (text.startsWith('--') || isGo) {
    const eq = text.indexOf('=')
    if (eq <= 0) return [{ name: text, value: null }]
    return [{ name: text.slice(0, eq), value: { ...arg, text: text.slice(eq + 1) } }]
  }
  const told: Told[] = []
  for (let at = 1; at < text.length; at += 1) {
    const name = `-${text[at] ?? ''}`
    const rest = text.slice(at + 1).replace(/^=/, '')
    if (valued.has(name) && rest !== '') return [...told, { name, value: { ...arg, text: rest } }]
    told.push({ name, value: null })
  }
  return told
}
