/** What a text has set so far: variables, lists, functions, aliases; and how much of it was looked at. */
import type { ParsedScript } from 'unbash'
import type { Arg } from './arg.ts'

/** A home that is nobody's: a path below it is somebody's home. */
export const home = '/home/~'

/** What every system sets alike, near enough to say where a path leads. */
const usually: ReadonlyMap<string, string> = new Map([
  ['HOME', home],
  ['TMPDIR', '/tmp'],
  ['PWD', '.'],
  ['IFS', ' '],
])

/** Steps that one text may take, over all that is nested in it. */
const mostSteps = 4000

type OutputOf = (script: ParsedScript, scope: Scope) => string | null

export class Scope {
  readonly home = home
  readonly depth: number
  readonly #outputOf: OutputOf
  #values = new Map<string, string | null>()
  #lists = new Map<string, readonly Arg[]>()
  /** What a substitution or another shell may call too: `$(f)`, `export -f f`. Known to all of one reading. */
  #named = {
    functions: new Map<string, (args: readonly Arg[] | null) => void>(),
    aliases: new Map<string, string>(),
    /** How often each is being called right now. */
    calls: new Map<string, number>(),
  }
  #budget = { left: mostSteps }

  constructor(outputOf: OutputOf, depth = 0) {
    this.#outputOf = outputOf
    this.depth = depth
  }

  /** A text within the text: it may see what was set, and what it sets stays its own. */
  inner(): Scope {
    const inner = new Scope(this.#outputOf, this.depth + 1)
    inner.#values = new Map(this.#values)
    inner.#lists = new Map(this.#lists)
    inner.#named = this.#named
    inner.#budget = this.#budget
    return inner
  }

  /** False once too much was looked at. */
  step(): boolean {
    this.#budget.left -= 1
    return this.#budget.left > 0
  }

  get functions(): Map<string, (args: readonly Arg[] | null) => void> {
    return this.#named.functions
  }

  get aliases(): Map<string, string> {
    return this.#named.aliases
  }

  get calls(): Map<string, number> {
    return this.#named.calls
  }

  /** `null`: set to something that cannot be told. */
  set(name: string, value: string | null): void {
    this.#values.set(name, value)
    this.#lists.delete(name)
  }

  /** An array; under `@` what a function, a script or `set --` was given. Null: not known. */
  setList(name: string, list: readonly Arg[] | null): void {
    if (list === null) {
      this.set(name, null)
      return
    }
    this.#values.delete(name)
    this.#lists.set(name, list)
  }

  /** Null: it is no list, or not known. */
  listOf(name: string): readonly Arg[] | null {
    return this.#lists.get(name === '*' ? '@' : name) ?? null
  }

  /** What it was set to in this text, or what every system has it set to; null where that is not known. */
  valueOf(name: string): string | null {
    const given = this.#lists.get('@')
    if (given !== undefined && /^[1-9]\d*$/.test(name)) return told(given, Number(name) - 1)
    if (given !== undefined && (name === '@' || name === '*')) return whole(given)
    const list = this.#lists.get(name)
    if (list !== undefined) return told(list, 0)
    const set = this.#values.get(name)
    return set === undefined ? (usually.get(name) ?? null) : set
  }

  /** Whether this very text has said what it is, or that it is nothing that can be told. */
  isSet(name: string): boolean {
    return this.#values.has(name) || this.#lists.has(name)
  }

  outputOf(script: ParsedScript): string | null {
    return this.depth > 20 ? null : this.#outputOf(script, this.inner())
  }
}

/** One of a list, by its place; beyond its end there is nothing. */
function told(list: readonly Arg[], at: number): string | null {
  const one = list[at]
  if (one === undefined) return list.every(({ isKnown }) => isKnown) ? '' : null
  return one.isKnown && !one.isGlob ? one.text : null
}

function whole(list: readonly Arg[]): string | null {
  return list.every(({ isKnown, isGlob }) => isKnown && !isGlob)
    ? list.map(({ text }) => text).join(' ')
    : null
}
