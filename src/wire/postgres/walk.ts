/** Walks along what a server sends, chunk by chunk: tells of each frame, and says which bytes go on. Copies nothing that goes on. */
import { copied, joined, frameLength, headBytes } from './frame.ts'

/** What becomes of a frame: its bytes go on, its bytes are kept from going on, and whether its body is read. */
export interface Look {
  readonly goes: boolean
  /** How much of the body is handed over, from its beginning; 0 for none. */
  readonly read: number
}

export interface Walker {
  /** A frame begins: its type and the length of its body. */
  begins(type: number, bodyBytes: number): Look
  /** A frame of which something was to be read is all there. The view holds only for the call. */
  ends(type: number, body: Uint8Array): void
  /** These go on now: a view of the chunk, mostly all of it. */
  goes(bytes: Uint8Array): void
}

export interface Walk {
  push(chunk: Uint8Array): void
  /** True if all that went on are whole frames: something else may be said behind them. */
  readonly whole: boolean
}

const nothing = new Uint8Array(0)

export function openWalk(walker: Walker, maxBytes: number): Walk {
  return new Walking(walker, maxBytes)
}

class Walking implements Walk {
  readonly #walker: Walker
  readonly #maxBytes: number
  /** The part of a head that has come; it goes on only with the rest of it. */
  #head: Uint8Array = nothing
  #type = 0
  /** How much of the body is still to come. */
  #left = 0
  #goes = true
  /** How much of the body is still to be read; -1 where the frame is not asked for. */
  #wanted = -1
  #read: Uint8Array[] = []
  /** Where in the chunk the bytes begin that go on and did not yet; -1 for none. */
  #from = -1

  constructor(walker: Walker, maxBytes: number) {
    this.#walker = walker
    this.#maxBytes = maxBytes
  }

  get whole(): boolean {
    return this.#left === 0 || !this.#goes
  }

  push(given: Uint8Array): void {
    const chunk = this.#head.length === 0 ? given : joined([this.#head, given])
    this.#head = nothing
    this.#from = this.#goes || this.#left === 0 ? 0 : -1
    let at = this.#left > 0 ? this.#body(chunk, 0) : 0
    while (at < chunk.length) {
      const length = frameLength(chunk, at, chunk.length, this.#maxBytes)
      if (length === 0) break
      this.#begin(chunk, at, length - headBytes)
      at = this.#body(chunk, at + headBytes)
    }
    if (at < chunk.length) this.#head = copied(chunk.subarray(at))
    this.#flush(chunk, at)
  }

  #begin(chunk: Uint8Array, at: number, bodyBytes: number): void {
    this.#type = chunk[at] ?? 0
    this.#left = bodyBytes
    const look = this.#walker.begins(this.#type, bodyBytes)
    if (!look.goes) this.#flush(chunk, at)
    if (look.goes && this.#from === -1) this.#from = at
    this.#goes = look.goes
    this.#wanted = look.read === 0 ? -1 : Math.min(look.read, bodyBytes)
  }

  #flush(chunk: Uint8Array, to: number): void {
    const from = this.#from
    this.#from = -1
    if (from === -1 || from === to) return
    this.#walker.goes(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to))
  }

  /** Takes what is there of the body; what comes back is where the next frame begins. */
  #body(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#left)
    const taken = Math.min(this.#wanted, end - at)
    this.#left -= end - at
    if (taken > 0) {
      const part = chunk.subarray(at, at + taken)
      this.#wanted -= taken
      // A view will do where the frame ends here; otherwise the chunk will be gone.
      this.#read.push(this.#left === 0 ? part : copied(part))
    }
    if (this.#left === 0 && this.#wanted !== -1) this.#finish()
    return end
  }

  #finish(): void {
    const body = this.#read.length === 1 ? (this.#read[0] ?? nothing) : joined(this.#read)
    this.#wanted = -1
    this.#read = []
    this.#walker.ends(this.#type, body)
  }
}
