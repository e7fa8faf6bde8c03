/** What a script has set by then: variables, functions and aliases, and how much of it was looked at. */
import type { ParsedScript } from 'unbash'

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

export class Scope {
  readonly home = home
  readonly functions = new Map<string, () => void>()
  readonly aliases = new Map<string, string>()
  readonly #values: Map<string, string | null>
  readonly #outputOf: (script: ParsedScript) => string | null
  readonly depth: number
  #budget: { left: number }

  constructor(
    outputOf: (script: ParsedScript) => string | null,
    depth = 0,
    values = new Map<string, string | null>(),
    budget = { left: mostSteps },
  ) {
    this.#outputOf = outputOf
    this.depth = depth
    this.#values = values
    this.#budget = budget
  }

  /** A text within the text: it may see what was set, and what it sets stays its own. */
  inner(): Scope {
    return new Scope(this.#outputOf, this.depth + 1, new Map(this.#values), this.#budget)
  }

  /** False once too much was looked at. */
  step(): boolean {
    this.#budget.left -= 1
    return this.#budget.left > 0
  }

  /** `null`: set to something that cannot be told. */
  set(name: string, value: string | null): void {
    this.#values.set(name, value)
  }

  /** What it was set to in this text, or what every system has it set to; null where that is not known. */
  valueOf(name: string): string | null {
    const set = this.#values.get(name)
    return set === undefined ? (usually.get(name) ?? null) : set
  }

  outputOf(script: ParsedScript): string | null {
    return this.#outputOf(script)
  }
}
