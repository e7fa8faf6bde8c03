/** What Firebreak's own client hears: rows of an answer, rows of a COPY, and when data is wanted. */
import { FirebreakError } from '../../base/error.ts'
import type { Row } from '../../platforms/postgres/questions.ts'
import { readColumns, readFields, readRow } from '../../wire/postgres/back.ts'
import { joined } from '../../wire/postgres/frame.ts'
import type { Look } from '../../wire/postgres/walk.ts'
import type { Ear } from './back.ts'
import { refusalOf } from './refusal.ts'
import type { Refusal } from './seam.ts'

/** The server's own no: `code` is its SQLSTATE. */
export class ServerError extends Error {
  readonly code: string
  readonly refusal: Refusal

  constructor(said: Refusal) {
    super(said.message)
    this.name = 'ServerError'
    this.code = said.code
    this.refusal = said
  }
}

/** More than this is no answer to a question. */
const mostBytes = 256 << 20
/** What waits to be taken of a COPY before the server is not listened to. */
const waitingBytes = 1 << 20

abstract class ClientEar implements Ear {
  readonly tells = false
  protected error: Error | null = null

  begins(type: number, bodyBytes: number): Look {
    if (type === 71) this.asked()
    return { goes: false, read: this.wants(type) ? bodyBytes : 0 }
  }

  ends(type: number, body: Uint8Array): void {
    if (type === 69) this.error ??= new ServerError(refusalOf(readFields(body)))
    else this.takes(type, body)
  }

  /** Throws what the server has said, if it said no. */
  check(): void {
    if (this.error !== null) throw this.error
  }

  /** The server wants data. */
  protected abstract asked(): void
  protected abstract wants(type: number): boolean
  protected abstract takes(type: number, body: Uint8Array): void
}

/** The rows of one statement; of several, those of the last. */
export class AskEar extends ClientEar {
  readonly #asked: () => void
  #columns: readonly string[] = []
  #rows: Row[] = []
  #left = mostBytes

  constructor(asked: () => void) {
    super()
    this.#asked = asked
  }

  answer(): readonly Row[] {
    this.check()
    return this.#rows
  }

  override begins(type: number, bodyBytes: number): Look {
    this.#left -= bodyBytes
    if (this.#left < 0)
      this.error ??= new FirebreakError(
        'too_large',
        `the database answers with more than ${mostBytes} bytes`,
      )
    return super.begins(type, bodyBytes)
  }

  protected asked(): void {
    this.#asked()
  }

  protected wants(type: number): boolean {
    return type === 84 || (type === 68 && this.#left >= 0)
  }

  protected takes(type: number, body: Uint8Array): void {
    if (type === 84) {
      this.#columns = readColumns(body)
      this.#rows = []
    }
    if (type === 68 && this.error === null) this.#rows.push(rowOf(this.#columns, readRow(body)))
  }
}

/** The bytes of a COPY to us: no more wait to be taken than a little. */
export class CopyOutEar extends ClientEar {
  readonly #listen: (on: boolean) => void
  readonly #asked: () => void
  #waiting: Uint8Array[] = []
  #bytes = 0
  #woken = Promise.withResolvers<null>()
  #over = false
  #dropped = false

  constructor(listen: (on: boolean) => void, asked: () => void) {
    super()
    this.#listen = listen
    this.#asked = asked
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    while (!this.#over || this.#waiting.length > 0) {
      if (this.#waiting.length === 0) await this.#woken.promise
      this.#woken = Promise.withResolvers<null>()
      const pieces = this.#waiting
      this.#waiting = []
      this.#bytes = 0
      this.#listen(true)
      if (pieces.length > 0) yield joined(pieces)
    }
    this.check()
  }

  /** The server is ready again, or the session is lost. */
  end(lost: unknown): void {
    if (lost instanceof Error) this.error = lost
    this.#over = true
    this.#woken.resolve(null)
  }

  /** Nobody takes any more: the rest is thrown away. */
  drop(): void {
    this.#dropped = true
    this.#waiting = []
    this.#listen(true)
  }

  protected asked(): void {
    this.#asked()
  }

  protected wants(type: number): boolean {
    return type === 100 && !this.#dropped
  }

  protected takes(type: number, body: Uint8Array): void {
    if (type !== 100 || this.#dropped) return
    this.#waiting.push(body.slice())
    this.#bytes += body.length
    if (this.#bytes > waitingBytes) this.#listen(false)
    this.#woken.resolve(null)
  }
}

/** A COPY from us: told when the server takes data, and when it takes no more. */
export class CopyInEar extends ClientEar {
  over = false
  readonly #begin: () => void
  #begun = false

  constructor(begin: () => void) {
    super()
    this.#begin = begin
  }

  override check(): void {
    super.check()
    if (!this.#begun) throw new FirebreakError('internal', 'the database wanted no data')
  }

  override begins(type: number, bodyBytes: number): Look {
    if (type === 69) this.over = true
    return super.begins(type, bodyBytes)
  }

  protected asked(): void {
    this.#begun = true
    this.#begin()
  }

  protected wants(): boolean {
    return false
  }

  protected takes(): void {}
}

function rowOf(columns: readonly string[], values: readonly (string | null)[]): Row {
  return Object.fromEntries(columns.map((name, at) => [name, values[at] ?? null]))
}
