/** The chunked coding (RFC 9112 §7.1), taken apart strictly: no extensions, nothing but CRLF at a line's end. */

/** The longest line of a size or a trailer that is read on. */
const maxLine = 4096

export type ChunksState = 'open' | 'done' | 'broken'

/** Reads one chunked body; `trailers` says whether fields may follow it (they are dropped) or break it. */
export class ChunkReader {
  readonly #trailers: boolean
  #phase: 'size' | 'data' | 'end' | 'trailer' = 'size'
  #line = ''
  #left = 0
  #state: ChunksState = 'open'

  constructor(trailers: boolean) {
    this.#trailers = trailers
  }

  get state(): ChunksState {
    return this.#state
  }

  /** Hands the body's bytes to `sink`, in order; gives the index behind what was read, the length of `bytes` while open. */
  feed(bytes: Buffer, sink: (piece: Buffer) => void): number {
    let at = 0
    while (at < bytes.length && this.#state === 'open') {
      if (this.#phase !== 'data') {
        at = this.#readLine(bytes, at)
        continue
      }
      const piece = bytes.subarray(at, at + this.#left)
      at += piece.length
      this.#left -= piece.length
      if (this.#left === 0) this.#phase = 'end'
      sink(piece)
    }
    return at
  }

  #readLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(0x0a, from)
    const stop = end === -1 ? bytes.length : end + 1
    if (this.#line.length + stop - from > maxLine) this.#state = 'broken'
    else this.#line += bytes.toString('latin1', from, stop)
    if (end !== -1 && this.#state === 'open') {
      const line = this.#line
      this.#line = ''
      this.#state = line.endsWith('\r\n') ? this.#take(line.slice(0, -2)) : 'broken'
    }
    return stop
  }

  #take(line: string): ChunksState {
    switch (this.#phase) {
      case 'size':
        return this.#takeSize(line)
      case 'end':
        this.#phase = 'size'
        return line === '' ? 'open' : 'broken'
      case 'trailer':
      case 'data':
        if (line === '') return 'done'
        return this.#trailers && /^[^\s:]+:[\t\x20-\x7e\x80-\xff]*$/.test(line) ? 'open' : 'broken'
    }
  }

  #takeSize(line: string): ChunksState {
    if (!/^[0-9A-Fa-f]{1,8}$/.test(line)) return 'broken'
    this.#left = Number.parseInt(line, 16)
    this.#phase = this.#left === 0 ? 'trailer' : 'data'
    return 'open'
  }
}
