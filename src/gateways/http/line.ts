/** One connection to the upstream: carries one exchange at a time, and is thrown away at the first doubt. */
import type { Socket } from 'node:net'
import { FirebreakError } from '../../base/error.ts'
import { parseAnswerHead } from './answer-head.ts'
import type { AnswerHead } from './answer-head.ts'
import { ChunkReader } from './chunks.ts'

/** Hears one exchange: a head, pieces of a body, then `end`; or `fail` at any time. Exactly one of the last two comes. */
export interface Hearer {
  head(head: AnswerHead): void
  data(piece: Buffer): void
  end(): void
  fail(failure: Failure): void
  /** What came together has been told: a good time to write it out. */
  flush(): void
}

export interface Failure {
  readonly error: FirebreakError
  /** False: not a byte of the request has left, so it has surely not happened. */
  readonly sent: boolean
  /** True: a kept connection was closed before anything came back, as happens when both sides act at once. */
  readonly stale: boolean
}

export interface Job {
  readonly bytes: Buffer
  /** True for a HEAD, whose answer has no body. */
  readonly toHead: boolean
  readonly hearer: Hearer
}

export interface LineLimits {
  readonly connectMs: number
  /** Until the head of the answer has come. */
  readonly headMs: number
  /** Between two parts of its body. */
  readonly bodyMs: number
}

/** What a line tells its pool. */
export interface LineEvents {
  readonly idle: (line: Line) => void
  readonly gone: (line: Line) => void
}

const maxHeadBytes = 64 * 1024
/** Upstreams close idle connections at a time of their own; unless they say which, a kept one is used this long. */
const keptMs = 4000

export class Line {
  readonly #socket: Socket
  readonly #limits: LineLimits
  readonly #now: () => number
  readonly #events: LineEvents
  #job: Job | null = null
  #connected = false
  #used = false
  #heard = false
  #pending: Buffer | null = null
  #head: AnswerHead | null = null
  #left = 0
  #chunks: ChunkReader | null = null
  #deadline = 0

  /** `ready` is the event after which the socket may carry a secret: for TLS, when the upstream is verified. */
  constructor(socket: Socket, ready: string, limits: LineLimits, world: LineWorld) {
    this.#socket = socket
    this.#limits = limits
    this.#now = world.now
    this.#events = world.events
    socket.on(ready, () => this.#connect())
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('end', () => this.#close())
    socket.on('error', (error) => this.#break(unreachable(error)))
    socket.on('close', () => this.#close())
  }

  /** Carries a job; the line must be idle. */
  carry(job: Job): void {
    this.#job = job
    this.#heard = false
    this.#head = null
    if (this.#connected) this.#send(job)
    else this.#deadline = this.#now() + this.#limits.connectMs
  }

  /** Gives this exchange up, with its connection; the hearer hears nothing more. Nothing when it is over. */
  abandon(job: Job): void {
    if (this.#job !== job) return
    this.#job = null
    this.#socket.destroy()
  }

  pause(job: Job): void {
    if (this.#job === job) this.#socket.pause()
  }

  resume(job: Job): void {
    if (this.#job !== job || !this.#socket.isPaused()) return
    this.#deadline = this.#now() + this.#limits.bodyMs
    this.#socket.resume()
  }

  /** Ends what takes too long: a job, or an idle time after which the upstream may close. */
  sweep(now: number): void {
    if (now < this.#deadline || this.#socket.isPaused()) return
    if (this.#job === null) this.#socket.destroy()
    else this.#break(new FirebreakError('not_reachable', 'the target did not answer in time'))
  }

  /** Ends it; an exchange under way fails. */
  close(): void {
    this.#break(new FirebreakError('not_reachable', 'Firebreak is stopping'))
  }

  #connect(): void {
    this.#connected = true
    if (this.#job !== null) this.#send(this.#job)
  }

  #send(job: Job): void {
    this.#deadline = this.#now() + this.#limits.headMs
    this.#socket.write(job.bytes)
  }

  #read(chunk: Buffer): void {
    const job = this.#job
    if (job === null) {
      // Nobody has asked: what comes now could be taken for the answer to the next question.
      this.#socket.destroy()
      return
    }
    this.#heard = true
    if (this.#head === null) this.#readHead(job, chunk)
    else this.#readBody(job, this.#head, chunk)
    job.hearer.flush()
  }

  #readHead(job: Job, chunk: Buffer): void {
    const bytes = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk])
    const end = bytes.indexOf('\r\n\r\n', 0, 'latin1')
    this.#pending = end === -1 ? bytes : null
    if (end === -1) {
      if (bytes.length > maxHeadBytes) this.#break(unclear())
      return
    }
    const head = parseAnswerHead(bytes.toString('latin1', 0, end), job.toHead)
    const rest = bytes.subarray(end + 4)
    if (head === null || head.status === 101) this.#break(unclear())
    else if (head.status < 200) this.#readHead(job, rest)
    else this.#begin(job, head, rest)
  }

  #begin(job: Job, head: AnswerHead, rest: Buffer): void {
    this.#head = head
    this.#left = head.framing.kind === 'length' ? head.framing.bytes : 0
    this.#chunks = head.framing.kind === 'chunked' ? new ChunkReader(true) : null
    this.#deadline = this.#now() + this.#limits.bodyMs
    job.hearer.head(head)
    if (this.#job !== job) return
    if (head.framing.kind === 'none') this.#finish(job, head, rest.length)
    else if (rest.length > 0) this.#readBody(job, head, rest)
  }

  #readBody(job: Job, head: AnswerHead, chunk: Buffer): void {
    this.#deadline = this.#now() + this.#limits.bodyMs
    if (this.#chunks !== null) {
      const read = this.#chunks.feed(chunk, (piece) => job.hearer.data(piece))
      if (this.#chunks.state === 'broken') this.#break(unclear())
      else if (this.#chunks.state === 'done') this.#finish(job, head, chunk.length - read)
      return
    }
    if (head.framing.kind === 'close') {
      job.hearer.data(chunk)
      return
    }
    const piece = chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk
    this.#left -= piece.length
    job.hearer.data(piece)
    if (this.#left === 0) this.#finish(job, head, chunk.length - piece.length)
  }

  /** More bytes than the answer has are no good sign: such a connection is not kept. */
  #finish(job: Job, head: AnswerHead, surplus: number): void {
    if (this.#job !== job) return
    this.#job = null
    this.#used = true
    const keep = head.keepAlive && surplus === 0 && !this.#socket.destroyed
    if (keep) {
      const keptFor = head.idleMs === null ? keptMs : Math.max(0, head.idleMs - 1000)
      this.#deadline = this.#now() + Math.min(keptFor, 60_000)
      if (this.#socket.isPaused()) this.#socket.resume()
      this.#events.idle(this)
    } else this.#socket.destroy()
    job.hearer.end()
  }

  #close(): void {
    const job = this.#job
    if (job !== null && this.#head?.framing.kind === 'close') this.#finish(job, this.#head, 0)
    else this.#break(new FirebreakError('not_reachable', 'the target closed the connection'))
    this.#events.gone(this)
  }

  #break(error: FirebreakError): void {
    const job = this.#job
    this.#job = null
    this.#socket.destroy()
    const stale = this.#used && !this.#heard
    job?.hearer.fail({ error, sent: this.#connected, stale })
  }
}

export interface LineWorld {
  readonly now: () => number
  readonly events: LineEvents
}

function unclear(): FirebreakError {
  return new FirebreakError('not_reachable', 'the target gave an answer that is not clear HTTP')
}

function unreachable(error: Error): FirebreakError {
  const code =
    'code' in error && typeof error.code === 'string' ? error.code : 'a broken connection'
  return new FirebreakError('not_reachable', `the target cannot be reached: ${code}`, null, error)
}
