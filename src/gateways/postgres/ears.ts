/** What the gateway hears when it speaks to the server itself: its own statements, and replies that it keeps back. */
import { readFields, readRow, readSetting, readTag } from '../../wire/postgres/back.ts'
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
  readonly #settings: Settings
  #left = mostOwnBytes

  constructor(asked: () => void, settings: Settings) {
    this.#asked = asked
    this.#settings = settings
  }

  begins(type: number, bodyBytes: number): Look {
    if (type === 83) return { goes: false, read: bodyBytes }
    if (isAside(type)) return { goes: true, read: 0 }
    if (type === 71) this.#asked()
    this.#left -= bodyBytes
    if (this.#left < 0) this.answer.overflow = true
    return { goes: false, read: this.#left < 0 && type === 68 ? 0 : bodyBytes }
  }

  ends(type: number, body: Uint8Array): void {
    if (type === 83) note(this.#settings, body)
    if (type === 67) this.answer.tags.push(readTag(body))
    if (type === 68) this.answer.rows.push(readRow(body))
    if (type === 69) this.answer.error ??= failure(body)
    if (type === 90) this.ready = true
  }
}

/** The server's own error, and how it was written. */
function failure(body: Uint8Array): Refusal {
  return { ...refusalOf(readFields(body)), frame: frame('E', body) }
}

/** What the server tells of its settings when it is ready, by name: the client is told when the desk is done. */
export type Settings = Map<string, Uint8Array>

function note(settings: Settings, body: Uint8Array): void {
  settings.set(readSetting(body)[0].toLowerCase(), frame('S', body))
}

/** Keeps the replies to a batch of the client's, until it is said what becomes of them. */
export class KeptEar implements Ear {
  readonly tells = true
  readonly answer: Answer & Heard = nothing()
  readonly #asked: () => void
  readonly #frames: Uint8Array[]
  readonly #settings: Settings
  #left: number

  /** `frames`: what is kept already, to which this adds. */
  constructor(
    mostBytes: number,
    asked: () => void,
    settings: Settings = new Map(),
    frames: Uint8Array[] = [],
  ) {
    this.#frames = frames
    this.#settings = settings
    this.#left = frames.reduce((left, { length }) => left - length, mostBytes)
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
    if (type === 69) this.answer.error ??= failure(body)
    if (type === 83) note(this.#settings, body)
    else if (type !== 90) this.#keep(type, body)
  }

  /** All that is kept; ReadyForQuery is not among it. */
  get frames(): readonly Uint8Array[] {
    return this.#frames
  }

  #overflow(): void {
    if (this.answer.overflow) return
    this.answer.overflow = true
    const asides = this.#frames.filter((kept) => isAside(kept[0] ?? 0))
    this.#frames.splice(0, this.#frames.length, ...asides.slice(0, 100))
  }

  #keep(type: number, body: Uint8Array): void {
    if (!this.answer.overflow) this.#frames.push(frame(String.fromCharCode(type), body))
  }
}

/** Lets the replies go on, ReadyForQuery aside: the desk is not done yet. */
export class PassEar implements Ear {
  readonly tells = true
  readonly answer: Answer & Heard = nothing()
  readonly #asked: () => void
  readonly #settings: Settings

  constructor(asked: () => void, settings: Settings) {
    this.#asked = asked
    this.#settings = settings
  }

  begins(type: number, bodyBytes: number): Look {
    if (type === 71) this.#asked()
    const looks = type === 67 || type === 69 || type === 90 || type === 83
    return { goes: type !== 90 && type !== 83, read: looks ? bodyBytes : 0 }
  }

  ends(type: number, body: Uint8Array): void {
    if (type === 83) note(this.#settings, body)
    if (type === 67) this.answer.tags.push(readTag(body))
    if (type === 69) this.answer.error ??= failure(body)
  }
}
