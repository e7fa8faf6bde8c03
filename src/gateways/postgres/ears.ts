/** What the gateway hears when it speaks to the server itself: its own statements, and replies that it keeps back. */
import { readFields, readRow, readTag } from '../../wire/postgres/back.ts'
import { frame } from '../../wire/postgres/frame.ts'
import type { Look } from '../../wire/postgres/walk.ts'
import { isAside, type Ear } from './back.ts'
import { refusalOf } from './refusal.ts'
import type { Answer, Refusal } from './seam.ts'

/** More of an answer to the gateway's own statement is not kept. */
const mostOwnBytes = 1 << 20

interface Heard {
  readonly tags: string[]
  readonly rows: (readonly (string | null)[])[]
  error: Refusal | null
  overflow: boolean
}

function nothing(): Heard {
  return { tags: [], rows: [], error: null, overflow: false }
}

/** Hears the answer to a statement of the gateway's own; asides go on to the client. `asked` is told when data is asked for. */
export class OwnEar implements Ear {
  readonly tells = false
  readonly answer: Answer & Heard = nothing()
  /** True once the server is ready again. */
  ready = false
  readonly #asked: () => void
  #left = mostOwnBytes

  constructor(asked: () => void) {
    this.#asked = asked
  }

  begins(type: number, bodyBytes: number): Look {
    if (isAside(type)) return { goes: true, read: type === 83 ? 65_536 : 0 }
    if (type === 71) this.#asked()
    this.#left -= bodyBytes
    if (this.#left < 0) this.answer.overflow = true
    return { goes: false, read: this.#left < 0 && type === 68 ? 0 : bodyBytes }
  }

  ends(type: number, body: Uint8Array): void {
    if (type === 67) this.answer.tags.push(readTag(body))
    if (type === 68) this.answer.rows.push(readRow(body))
    if (type === 69) this.answer.error ??= refusalOf(readFields(body))
    if (type === 90) this.ready = true
  }
}

/** Keeps the replies to a batch of the client's, until it is said what becomes of them. */
export class KeptEar implements Ear {
  readonly tells = true
  readonly answer: Answer & Heard = nothing()
  readonly #asked: () => void
  readonly #frames: Uint8Array[] = []
  #left: number

  constructor(mostBytes: number, asked: () => void) {
    this.#left = mostBytes
    this.#asked = asked
  }

  begins(type: number, bodyBytes: number): Look {
    if (type === 71) this.#asked()
    this.#left -= bodyBytes + 5
    if (this.#left < 0) this.#overflow()
    if (bodyBytes === 0) this.#keep(type, new Uint8Array(0))
    const small = type === 67 || type === 69 || type === 90 || type === 83
    return { goes: false, read: this.answer.overflow && !small ? 0 : bodyBytes }
  }

  ends(type: number, body: Uint8Array): void {
    if (type === 67) this.answer.tags.push(readTag(body))
    if (type === 69) this.answer.error ??= refusalOf(readFields(body))
    if (type !== 90) this.#keep(type, body)
  }

  /** All that was kept, or the asides alone; ReadyForQuery is not among it. */
  frames(which: 'all' | 'asides'): readonly Uint8Array[] {
    return which === 'all' ? this.#frames : this.#frames.filter((kept) => isAside(kept[0] ?? 0))
  }

  #overflow(): void {
    this.answer.overflow = true
    const asides = this.frames('asides').slice()
    this.#frames.length = 0
    this.#frames.push(...asides.slice(0, 100))
  }

  #keep(type: number, body: Uint8Array): void {
    if (!this.answer.overflow || type === 83)
      this.#frames.push(frame(String.fromCharCode(type), body))
  }
}
