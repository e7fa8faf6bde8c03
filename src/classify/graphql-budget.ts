/** How much one request may carry in all: a variable that is used a hundred times counts a hundred times. */
import { FirebreakError } from '../base/error.ts'
import { isObject } from '../base/json.ts'
import type { Json } from '../base/json.ts'

/** Values that one request may carry, and how many characters of text count as one more. */
const mostValues = 20_000
const charactersEach = 64

/** The room that one request has; each value that is read takes some of it. */
export class Budget {
  #left: number = mostValues

  /** Takes the room of a value; throws `bad_input` where there is too little, without walking on. */
  take(value: Json): void {
    this.#left -= 1
    if (typeof value === 'string') this.#left -= Math.floor(value.length / charactersEach)
    if (this.#left < 0)
      throw new FirebreakError('bad_input', 'it carries more values than are read in one request')
    if (typeof value !== 'object' || value === null) return
    const inner = isObject(value) ? Object.values(value) : value
    for (const one of inner) this.take(one)
  }
}
