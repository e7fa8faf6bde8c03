/** The Postgres protocol as bare frames, for tests only: shares no code with `src/wire`, so that both do not err alike. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface Frame {
  /** The message's letter, such as `D` for a row. */
  readonly type: string
  readonly body: Buffer
}

const bytes = (text: string | Buffer): Buffer =>
  Buffer.isBuffer(text) ? text : Buffer.from(text, 'utf8')
const ended = (text: string | Buffer): Buffer => Buffer.concat([bytes(text), Buffer.from([0])])
const int16 = (value: number): Buffer => {
  const out = Buffer.alloc(2)
  out.writeInt16BE(value)
  return out
}
const int32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeInt32BE(value)
  return out
}
const uint32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type, 'latin1'), int32(body.length + 4), body])
}

/** A value with its length, or NULL. */
const value = (of: string | Buffer | null): Buffer =>
  of === null ? int32(-1) : Buffer.concat([int32(bytes(of).length), bytes(of)])

/** What a client sends, one message each. */
export const send = {
  query: (text: string | Buffer) => message('Q', ended(text)),
  parse: (name: string, text: string | Buffer, types: readonly number[] = []) =>
    message('P', ended(name), ended(text), int16(types.length), ...types.map(uint32)),
  bind: (
    portal: string,
    statement: string,
    values: readonly (string | Buffer | null)[] = [],
    formats: { readonly in?: readonly number[]; readonly out?: readonly number[] } = {},
  ) =>
    message(
      'B',
      ended(portal),
      ended(statement),
      int16(formats.in?.length ?? 0),
      ...(formats.in ?? []).map(int16),
      int16(values.length),
      ...values.map(value),
      int16(formats.out?.length ?? 0),
      ...(formats.out ?? []).map(int16),
    ),
  describe: (what: 'S' | 'P', name: string) => message('D', Buffer.from(what), ended(name)),
  execute: (portal: string, rows = 0) => message('E', ended(portal), int32(rows)),
  close: (what: 'S' | 'P', name: string) => message('C', Buffer.from(what), ended(name)),
  call: (oid: number, args: readonly (string | Buffer | null)[]) =>
    message('F', uint32(oid), int16(0), int16(args.length), ...args.map(value), int16(0)),
  copyData: (of: string | Buffer) => message('d', bytes(of)),
  copyDone: () => message('c'),
  copyFail: (why: string) => message('f', ended(why)),
  flush: () => message('H'),
  sync: () => message('S'),
  terminate: () => message('X'),
} as const

export interface Login {
  readonly port: number
  readonly user: string
  readonly database: string
  /** Given in clear text when the server asks so; null where none is asked for. */
  readonly password?: string
  /** Further startup parameters, such as `options`. */
  readonly parameters?: Readonly<Record<string, string>>
}

/** One connection; frames are taken from it one after another. */
export class Session {
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  readonly #frames: Frame[] = []
  #wake: (() => void) | null = null
  #closed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('close', () => {
      this.#closed = true
      this.#wake?.()
    })
    // A reset shows as an end of the frames, which the reader sees.
    socket.on('error', () => undefined)
  }

  /** Connects and logs in; all frames up to the first ReadyForQuery, or to the end when the server refused. */
  static async open(
    login: Login,
  ): Promise<{ readonly session: Session; readonly frames: readonly Frame[] }> {
    const socket = connect(login.port, '127.0.0.1')
    const session = new Session(socket)
    const { user, database, parameters = {} } = login
    const pairs = Object.entries({ user, database, ...parameters })
      .flat()
      .map(ended)
    const body = Buffer.concat([int32(196_608), ...pairs, Buffer.from([0])])
    session.write(Buffer.concat([int32(body.length + 4), body]))
    const frames: Frame[] = []
    for (;;) {
      const frame = await session.next()
      if (frame === null) return { session, frames }
      frames.push(frame)
      if (frame.type === 'R' && frame.body.readInt32BE(0) === 3)
        session.write(message('p', ended(login.password ?? '')))
      if (frame.type === 'Z') return { session, frames }
    }
  }

  write(of: Buffer): void {
    this.#socket.write(of)
  }

  /** The next frame; null when the connection has ended. */
  async next(): Promise<Frame | null> {
    while (this.#frames.length === 0 && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#frames.shift() ?? null
  }

  /** Frames up to and with the first of one of these types; fewer when the connection ends. */
  async until(types: string): Promise<readonly Frame[]> {
    const frames: Frame[] = []
    for (;;) {
      const frame = await this.next()
      if (frame === null) return frames
      frames.push(frame)
      if (types.includes(frame.type)) return frames
    }
  }

  /** Says goodbye; resolves when the server has closed. */
  async end(): Promise<void> {
    if (this.#closed) return
    const closed = new Promise((resolve) => this.#socket.once('close', resolve))
    this.#socket.end(send.terminate())
    await closed
  }

  /** Goes without a word, in the middle of whatever is said. */
  cut(): void {
    this.#socket.resetAndDestroy()
  }

  #read(chunk: Buffer): void {
    let left = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (left.length >= 5 && left.length > left.readInt32BE(1)) {
      const size = left.readInt32BE(1) + 1
      this.#frames.push({ type: left.toString('latin1', 0, 1), body: left.subarray(5, size) })
      left = left.subarray(size)
    }
    this.#rest = left
    this.#wake?.()
  }
}

/** The fields of an ErrorResponse or NoticeResponse by their letter: `C` the code, `M` the message. */
export function errorFields(body: Buffer): ReadonlyMap<string, string> {
  const fields = body.toString('utf8').split('\0')
  return new Map(
    fields.filter((field) => field !== '').map((field) => [field.slice(0, 1), field.slice(1)]),
  )
}

/** The columns of a row as text. */
export function columns(body: Buffer): readonly (string | null)[] {
  const values: (string | null)[] = []
  let at = 2
  for (let left = body.readInt16BE(0); left > 0; left -= 1) {
    const size = body.readInt32BE(at)
    at += 4
    values.push(size < 0 ? null : body.toString('utf8', at, at + size))
    at += Math.max(size, 0)
  }
  return values
}
