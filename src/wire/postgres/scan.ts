/** Cuts what a client sends into batches, and finds which bytes of it go on. The bytes are looked at where they lie. */
import { FirebreakError } from '../../base/error.ts'
import { malformed } from './cursor.ts'
import { frameLength } from './frame.ts'

/** One thing to act on, from `at` to `end` in the scanned bytes. */
export interface Found {
  /**
   * `extended`: steps, closed by a Sync, a Flush, or by `part` where something else stands behind them or they are many.
   * `copy`: data, which goes on as it comes. `copy-end`: CopyDone or CopyFail. `bye`: Terminate.
   */
  readonly kind: 'query' | 'call' | 'extended' | 'copy' | 'copy-end' | 'bye'
  readonly closes: 'sync' | 'flush' | 'part'
  readonly at: number
  readonly end: number
}

/** Steps that make more bytes than this are judged in parts. */
const partBytes = 1 << 20

export class Scan {
  readonly #maxBytes: number
  #bytes: Uint8Array = new Uint8Array(0)
  /** What lies before it is done with. */
  #at = 0
  #end = 0
  /** Up to where frames of the batch that begins at `#at` were found. */
  #seen = 0
  /** How much of a frame of COPY data is still to come. */
  #data = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The bytes that a `Found` speaks of; the next `push` may move them. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** How much waits to be found. */
  get left(): number {
    return this.#end - this.#at
  }

  push(chunk: Uint8Array): void {
    if (this.left === 0) {
      this.#bytes = chunk
      this.#at = this.#seen = 0
      this.#end = chunk.length
      return
    }
    const room = this.left + chunk.length
    if (this.#at > 0 || room > this.#bytes.length) {
      // Doubled, so that a long message is not copied again with each of its chunks.
      const grown = new Uint8Array(room > this.#bytes.length ? 2 * room : this.#bytes.length)
      grown.set(this.#bytes.subarray(this.#at, this.#end))
      this.#bytes = grown
      this.#seen -= this.#at
      this.#end = this.left
      this.#at = 0
    }
    this.#bytes.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** The next thing that is all there, or null. */
  next(): Found | null {
    if (this.#data > 0) return this.#copied()
    for (;;) {
      const length = frameLength(this.#bytes, this.#seen, this.#end, this.#maxBytes)
      if (length === 0) return null
      const found = this.#frame(String.fromCharCode(this.#bytes[this.#seen] ?? 0), length)
      if (found !== 'more') return found
    }
  }

  #frame(type: string, length: number): Found | 'more' | null {
    const whole = this.#seen + length <= this.#end
    if ('PBDCE'.includes(type)) {
      if (!whole) return null
      this.#seen += length
      return this.#seen - this.#at > partBytes ? this.#take('extended', 0) : 'more'
    }
    if (type === 'S' || type === 'H') {
      if (length !== 5) throw malformed('it is longer than its content')
      return this.#take('extended', length, type === 'S' ? 'sync' : 'flush')
    }
    // What stands before it goes first.
    if (this.#seen > this.#at) return this.#take('extended', 0)
    if (type === 'd') {
      this.#data = length
      return this.#copied()
    }
    return whole ? this.#take(kindOf(type), length) : null
  }

  #take(kind: Found['kind'], length: number, closes: Found['closes'] = 'part'): Found {
    const at = this.#at
    const end = this.#seen + length
    this.#at = this.#seen = end
    return { kind, closes, at, end }
  }

  #copied(): Found | null {
    const length = Math.min(this.#data, this.left)
    if (length === 0) return null
    this.#data -= length
    return this.#take('copy', length)
  }
}

function kindOf(type: string): Found['kind'] {
  switch (type) {
    case 'Q':
      return 'query'
    case 'F':
      return 'call'
    case 'c':
    case 'f':
      return 'copy-end'
    case 'X':
      return 'bye'
    default:
      throw new FirebreakError(
        'bad_input',
        `a client sends no message of the type \`${type}\` here`,
      )
  }
}
