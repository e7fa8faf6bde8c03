/** Reads the body of one Postgres message: every read is bounded by its end. */
import { FirebreakError } from '../../base/error.ts'

// A byte order mark is part of the text: the server sees it as well.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function malformed(what: string): FirebreakError {
  return new FirebreakError('bad_input', `a message of the Postgres protocol is malformed: ${what}`)
}

/** The text, or null where the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes)
  } catch {
    // The decoder's only way to say so.
    return null
  }
}

export class Cursor {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number

  /** Reads from `at` up to `end`, and never a byte beyond. */
  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = at
    this.#end = Math.min(end, bytes.length)
  }

  get left(): number {
    return this.#end - this.#at
  }

  byte(): number {
    const [at] = this.#next(1)
    return this.#bytes[at] ?? 0
  }

  /** Unsigned. */
  int16(): number {
    return (this.byte() << 8) | this.byte()
  }

  /** Signed. */
  int32(): number {
    return (this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()
  }

  /** A view, no copy. */
  take(length: number): Uint8Array {
    const [at, end] = this.#next(length)
    return this.#bytes.subarray(at, end)
  }

  rest(): Uint8Array {
    return this.take(this.left)
  }

  /** Up to the zero byte, which is taken too; null where it is not UTF-8. */
  text(): string | null {
    const rest = this.#bytes.subarray(this.#at, this.#end)
    const zero = rest.indexOf(0)
    if (zero === -1) throw malformed('a text has no end')
    this.#at += zero + 1
    return textOf(rest.subarray(0, zero))
  }

  /** A count that announces items of at least `size` bytes each: more than there is room for is malformed. */
  count(size: number): number {
    const count = this.int16()
    if (count * size > this.left) throw malformed('it announces more than it holds')
    return count
  }

  /** `value`, if all has been read. */
  done<T>(value: T): T {
    if (this.left !== 0) throw malformed('it is longer than its content')
    return value
  }

  #next(length: number): readonly [number, number] {
    const at = this.#at
    if (length < 0 || length > this.left) throw malformed('it ends too early')
    this.#at = at + length
    return [at, this.#at]
  }
}
