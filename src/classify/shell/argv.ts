/** A program's words told apart: flags with their values, and what is none. By a table of which flags take a value, since no program says so. */
import type { Arg } from './words.ts'

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

export const flagsOf = (valued = '', plain = '', isGo = false): Flags => ({
  valued: new Set(valued.split(' ').filter(Boolean)),
  plain: new Set(plain.split(' ').filter(Boolean)),
  isGo,
})

/** `until`: stops before the word with that number, as wrappers need: what follows is another program's. */
export function argvOf(args: readonly Arg[], flags: Flags, until = Number.POSITIVE_INFINITY): Argv {
  const found = new Map<string, Arg[]>()
  const words: Word[] = []
  const put = (name: string, value: Arg): void => {
    found.set(name, [...(found.get(name) ?? []), value])
  }
  const none: Arg = { text: '', isKnown: true, isGlob: false }
  let isMaybeValue = false
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]
    if (arg === undefined) break
    const { text } = arg
    if (text === '--') return { flags: found, words, behind: args.slice(at + 1) }
    if (!/^-./.test(text)) {
      if (words.length >= until) break
      words.push({ ...arg, isMaybeValue, at })
      isMaybeValue = false
      continue
    }
    isMaybeValue = false
    const eq = text.indexOf('=')
    if (eq > 0 && (text.startsWith('--') || flags.isGo)) {
      put(text.slice(0, eq), { ...arg, text: text.slice(eq + 1) })
      continue
    }
    const names = text.startsWith('--') || flags.isGo ? [text] : letters(text, flags)
    for (const [nth, name] of names.entries()) {
      if (name.startsWith('=')) continue
      const isLast = nth === names.length - 1
      const inline = names[nth + 1]?.startsWith('=') === true ? names[nth + 1]?.slice(1) : undefined
      if (inline !== undefined) put(name, { ...arg, text: inline })
      else if (isLast && flags.valued.has(name)) put(name, args[(at += 1)] ?? none)
      else {
        put(name, none)
        isMaybeValue = isLast && !flags.plain.has(name)
      }
    }
  }
  return { flags: found, words, behind: null }
}

/** `-rf` is `-r` and `-f`; `-nprod`, where `-n` takes a value, is `-n` with `prod` (told as `=prod`). */
function letters(text: string, { valued }: Flags): readonly string[] {
  const names: string[] = []
  for (let at = 1; at < text.length; at += 1) {
    const name = `-${text[at] ?? ''}`
    names.push(name)
    if (valued.has(name) && at + 1 < text.length)
      return [...names, `=${text.slice(at + 1).replace(/^=/, '')}`]
  }
  return names
}
