/** One line to a server: what is said is said in turn, and heard to its ReadyForQuery before anything else is. */
import type { Socket } from 'node:net'
import { FirebreakError } from '../../base/error.ts'
import { openTurn } from '../../base/turn.ts'
import { readFields, readReady, readSetting } from '../../wire/postgres/back.ts'
import { frame } from '../../wire/postgres/frame.ts'
import { openWalk, type Look, type Walker } from '../../wire/postgres/walk.ts'
import type { Ear } from './back.ts'
import { moved } from './parameters.ts'
import type { Status } from './seam.ts'

export interface Line {
  /** As the server said it last. */
  readonly status: Status
  /** Says this when all before it is answered. Ends when the server is ready again; throws `not_reachable` when the line is lost. */
  exchange(bytes: Uint8Array, ear: Ear): Promise<void>
  /** Says more within an exchange; ends when there is room for more, or nobody to say it to. */
  more(bytes: Uint8Array): Promise<void>
  /** Whether more of the server is read for now. */
  listen(on: boolean): void
  /** Cut at once; whoever waits hears why. */
  cut(why: string): void
  /** Says goodbye; ends when the line is closed. */
  close(): Promise<void>
}

/** The longest message of a server. */
const mostBytes = 0x7fffffff
const goodbye = frame('X')
/** What the line itself looks at. */
const own: Readonly<Record<number, number>> = { 69: mostBytes, 83: 65_536, 90: 1 }

export function openLine(socket: Socket, ahead: Uint8Array): Line {
  const line = new Speaking(socket)
  line.start(ahead)
  return line
}

class Speaking implements Line, Walker {
  status: Status = 'I'
  readonly #socket: Socket
  readonly #walk = openWalk(this, mostBytes)
  readonly #turn = openTurn()
  readonly #closed = Promise.withResolvers<null>()
  #ear: Ear | null = null
  #done: PromiseWithResolvers<null> | null = null
  #lost: Error | null = null
  /** The last thing that the server refused: where it hangs up, why it does. */
  #lastWord = ''

  constructor(socket: Socket) {
    this.#socket = socket
  }

  start(ahead: Uint8Array): void {
    const socket = this.#socket
    socket.setKeepAlive(true, 30_000)
    socket.on('data', (chunk: Uint8Array) => this.#push(chunk))
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      this.#lose(this.#lastWord === '' ? 'it hung up' : `it said: ${this.#lastWord}`)
      this.#closed.resolve(null)
    })
    if (ahead.length > 0) this.#push(ahead)
    // It may have been closed before anybody listened.
    if (socket.destroyed) this.#lose('it hung up')
    if (socket.destroyed) this.#closed.resolve(null)
    socket.resume()
  }

  exchange(bytes: Uint8Array, ear: Ear): Promise<void> {
    return this.#turn(async () => {
      if (this.#lost !== null) throw this.#lost
      const done = Promise.withResolvers<null>()
      this.#ear = ear
      this.#done = done
      this.#lastWord = ''
      this.#socket.write(bytes)
      await done.promise
    })
  }

  async more(bytes: Uint8Array): Promise<void> {
    if (this.#lost !== null || this.#socket.write(bytes)) return
    const drained = new Promise<null>((resolve) => this.#socket.once('drain', () => resolve(null)))
    await Promise.race([drained, this.#closed.promise])
  }

  listen(on: boolean): void {
    if (on) this.#socket.resume()
    else this.#socket.pause()
  }

  cut(why: string): void {
    this.#lose(why)
    this.#socket.destroy()
  }

  async close(): Promise<void> {
    this.#lose('it was closed')
    this.#socket.end(goodbye)
    this.#socket.resume()
    await this.#closed.promise
  }

  begins(type: number, bodyBytes: number): Look {
    const look = this.#ear?.begins(type, bodyBytes)
    return { goes: false, read: Math.max(look?.read ?? 0, own[type] ?? 0) }
  }

  ends(type: number, body: Uint8Array): void {
    if (type === 83) this.#pin(body)
    if (type === 69) this.#lastWord = readFields(body).get('M') ?? ''
    if (type === 90) this.status = readReady(body)
    this.#ear?.ends(type, body)
    if (type !== 90) return
    this.#ear = null
    this.#done?.resolve(null)
    this.#done = null
  }

  goes(): void {}

  #push(chunk: Uint8Array): void {
    try {
      this.#walk.push(chunk)
    } catch (thrown) {
      // What is no message of the protocol ends the line: what comes after it cannot be trusted.
      this.cut(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }

  #pin(body: Uint8Array): void {
    const [name, value] = readSetting(body)
    if (moved(name, value)) this.cut(`its ${name} has become \`${value}\``)
  }

  #lose(why: string): void {
    this.#lost ??= new FirebreakError(
      'not_reachable',
      `the session with the database is lost: ${why}`,
    )
    this.#ear = null
    this.#done?.reject(this.#lost)
    this.#done = null
  }
}
