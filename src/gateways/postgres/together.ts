/** What is true of all statements of a message, looked at once: it may hold thousands. */
import { isPlain } from './ahead.ts'
import { makesFunction } from './reading.ts'
import type { Reading } from './reading.ts'

interface Whole {
  /** One of several makes a function, which another may call. */
  readonly makes: boolean
  /** None changes anything of the catalog. */
  readonly isPlain: boolean
}

export class Together {
  readonly #known = new WeakMap<Reading, Whole>()

  of(reading: Reading): Whole {
    const known = this.#known.get(reading)
    if (known !== undefined) return known
    const { statements } = reading
    const makes = statements.length > 1 && statements.some(makesFunction)
    const whole = { makes, isPlain: statements.every(isPlain) }
    this.#known.set(reading, whole)
    return whole
  }
}
