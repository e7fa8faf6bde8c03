/** What a script has set by then: variables, functions and aliases, and how much of it was looked at. */
import type { ParsedScript } from 'unbash'

/** What every system sets alike, near enough to say where a path leads. */
const usually: ReadonlyMap<string, string> = new Map([
  ['TMPDIR', '/tmp'],
  ['PWD', '.'],
  ['IFS', ' '],
])

/** A home that is nobody's: a path below it is somebody's home. */
export const home = '/home/~'

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

  /** What it was set to in this text; null where that is not known. */
  valueOf(name: string): string | null {
    if (name === 'HOME' && !this.#values.has(name)) return home
    return this.#values.get(name) ?? null
  }

  usual(name: string): string | null {
    return this.#values.has(name) ? null : (usually.get(name) ?? null)
  }

  outputOf(script: ParsedScript): string | null {
    return this.#outputOf(script)
  }
}
