/** One client's connection: reads requests one by one, whole, and writes one answer for each. */
import type { Socket } from 'node:net'
import type { Answer } from './answer.ts'
import { answerBytes } from './answer-bytes.ts'
import { ChunkReader } from './chunks.ts'
import { fault, parseHead } from './head.ts'
import type { Fault, Head } from './head.ts'
import type { AllLimits } from './limits.ts'
import { HeadMemory } from './memory.ts'

/** What the connection asks of the gateway. */
export interface Door<V extends { readonly kind: 'visit' }> {
  /** Looks at a head before its body is read: a visit to read on for, or the answer. */
  readonly admit: (head: Head) => V | { readonly kind: 'answered'; readonly answer: Answer }
  /** Answers a whole request, now or later; never throws. */
  readonly handle: (visit: V, body: Buffer, reply: Reply) => void
  /** The answer to what cannot be read. */
  readonly unreadable: (fault: Fault) => Answer
}

/** The client's side of one exchange. After `send`, `end` or `cut` nothing more is written. */
export interface Reply {
  readonly isGone: boolean
  /** True once this must be the connection's last answer; a head then says so. */
  readonly isLast: boolean
  /** Writes a whole answer. */
  send(answer: Answer): void
  /** Writes a part; false when the client should be given time until `onDrain`. */
  write(bytes: Uint8Array): boolean
  /** The answer is complete. */
  end(): void
  /** The answer cannot be completed: nobody shall take half for whole. */
  cut(): void
  /** Calls back when the client leaves before the end. */
  onGone(task: () => void): void
  onDrain(task: () => void): void
}

/** Bytes of a next request that are kept while one is answered. */
const mostAhead = 64 * 1024
const nothing = Buffer.alloc(0)

export class Connection<V extends { readonly kind: 'visit' }> implements Reply {
  readonly #socket: Socket
  readonly #door: Door<V>
  readonly #limits: AllLimits
  readonly #now: () => number
  #phase: 'head' | 'body' | 'answering' | 'ended' = 'head'
  #pending: Buffer = nothing
  #head: Head | null = null
  #visit: V | null = null
  readonly #memory = new HeadMemory<V>()
  #parts: Buffer[] = []
  #size = 0
  #chunks: ChunkReader | null = null
  #deadline: number
  #draining = false
  #gone: (() => void) | null = null
  #drained: (() => void) | null = null

  constructor(socket: Socket, door: Door<V>, limits: AllLimits, now: () => number) {
    this.#socket = socket
    this.#door = door
    this.#limits = limits
    this.#now = now
    this.#deadline = now() + limits.headMs
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => this.#drain())
    socket.on('end', () => this.#leave())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#leave())
  }

  get isGone(): boolean {
    return this.#socket.destroyed || this.#phase !== 'answering'
  }

  get isLast(): boolean {
    return this.#draining || this.#head?.keepAlive !== true
  }

  send(answer: Answer): void {
    if (this.isGone) return
    this.write(answerBytes(answer, { last: this.isLast, bodiless: this.#head?.method === 'HEAD' }))
    this.end()
  }

  write(bytes: Uint8Array): boolean {
    if (this.isGone) return true
    if (this.#socket.write(bytes)) return true
    this.#deadline = this.#now() + this.#limits.writeMs
    return false
  }

  end(): void {
    if (this.#phase !== 'answering') return
    const last = this.isLast
    this.#gone = null
    this.#drained = null
    this.#head = null
    if (last) {
      this.#close()
      return
    }
    this.#phase = 'head'
    const { headMs, idleMs } = this.#limits
    this.#deadline = this.#now() + (this.#pending.length > 0 ? headMs : idleMs)
    if (this.#socket.isPaused()) this.#socket.resume()
    // Later, since thousands of small requests may lie here already and each would deepen the stack.
    if (this.#pending.length > 0) queueMicrotask(() => this.#advance())
  }

  cut(): void {
    this.#socket.destroy()
  }

  onGone(task: () => void): void {
    this.#gone = task
  }

  onDrain(task: () => void): void {
    this.#drained = task
  }

  /** No further request is read: an idle connection ends now, a busy one after its answer. */
  drain(): void {
    this.#draining = true
    if (this.#phase === 'head' && this.#pending.length === 0) this.#close()
  }

  /** Ends what takes too long; the gateway calls it now and then. */
  sweep(now: number): void {
    if (now < this.#deadline) return
    switch (this.#phase) {
      case 'head':
        if (this.#pending.length === 0) this.#close()
        else this.#refuse(fault(408, 'slow', 'the head took too long'))
        return
      case 'body':
        this.#refuse(fault(408, 'slow', 'the body took too long'))
        return
      case 'answering':
        if (this.#socket.writableNeedDrain) this.#socket.destroy()
        return
      case 'ended':
        this.#socket.destroy()
    }
  }

  #read(chunk: Buffer): void {
    if (this.#phase === 'ended') return
    const first = this.#pending.length === 0 && this.#phase === 'head'
    if (first) this.#deadline = this.#now() + this.#limits.headMs
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    if (this.#phase !== 'answering') this.#advance()
    else if (this.#pending.length > mostAhead) this.#socket.pause()
  }

  #advance(): void {
    if (this.#phase === 'head') this.#readHead()
    if (this.#phase === 'body' && this.#head !== null && this.#visit !== null)
      this.#readBody(this.#head, this.#visit)
  }

  #readHead(): void {
    const end = this.#pending.indexOf('\r\n\r\n', 0, 'latin1')
    const { headBytes } = this.#limits
    if (end > headBytes || (end === -1 && this.#pending.length > headBytes)) {
      this.#refuse(fault(431, 'header', `the head is larger than ${headBytes} bytes`))
      return
    }
    if (end === -1) {
      if (bareLineFeed(this.#pending))
        this.#refuse(fault(400, 'header', 'a line ends without a carriage return'))
      return
    }
    const text = this.#pending.toString('latin1', 0, end)
    this.#pending = this.#pending.subarray(end + 4)
    const known = this.#memory.recall(text)
    const head = known?.head ?? parseHead(text)
    if (head.kind === 'fault') this.#refuse(head)
    else this.#begin(text, head, known?.visit ?? null)
  }

  #begin(text: string, head: Head, known: V | null): void {
    this.#head = head
    this.#phase = 'body'
    this.#size = 0
    this.#chunks = head.framing.kind === 'chunked' ? new ChunkReader(false) : null
    const { bodyBytes, requestMs } = this.#limits
    if (head.framing.kind === 'length' && head.framing.bytes > bodyBytes) {
      this.#refuse(tooLarge(bodyBytes))
      return
    }
    const admitted = known ?? this.#door.admit(head)
    if (admitted.kind === 'answered') {
      this.#answerEarly(admitted.answer, head)
      return
    }
    this.#visit = admitted
    if (known === null) this.#memory.keep(text, head, admitted)
    if (head.framing.kind === 'none') return
    this.#deadline = this.#now() + requestMs
    if (head.expects && this.#pending.length === 0)
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
  }

  #readBody({ framing }: Head, visit: V): void {
    if (framing.kind === 'none') this.#answer(visit, nothing)
    else if (framing.kind === 'length') this.#readLength(visit, framing.bytes - this.#size)
    else if (this.#chunks !== null) this.#readChunks(visit, this.#chunks)
  }

  #readLength(visit: V, missing: number): void {
    const bytes = this.#pending
    this.#pending = nothing
    if (bytes.length < missing) {
      this.#keep(bytes)
      return
    }
    this.#keep(bytes.subarray(0, missing))
    this.#pending = bytes.subarray(missing)
    this.#answer(visit, this.#collected())
  }

  #readChunks(visit: V, chunks: ChunkReader): void {
    const bytes = this.#pending
    const read = chunks.feed(bytes, (piece) => this.#keep(piece))
    this.#pending = bytes.subarray(read)
    if (this.#size > this.#limits.bodyBytes) this.#refuse(tooLarge(this.#limits.bodyBytes))
    else if (chunks.state === 'broken')
      this.#refuse(fault(400, 'body', 'the chunks of the body cannot be read'))
    else if (chunks.state === 'done') this.#answer(visit, this.#collected())
  }

  /** Beyond the limit bytes are counted only. */
  #keep(piece: Buffer): void {
    this.#size += piece.length
    if (this.#size <= this.#limits.bodyBytes) this.#parts.push(piece)
  }

  #collected(): Buffer {
    const [only = nothing] = this.#parts
    const body = this.#parts.length > 1 ? Buffer.concat(this.#parts) : only
    this.#parts = []
    return body
  }

  #answer(visit: V, body: Buffer): void {
    this.#phase = 'answering'
    this.#deadline = Number.POSITIVE_INFINITY
    this.#visit = null
    this.#door.handle(visit, body, this)
  }

  /** A refusal before the body: the body cannot be trusted to come, so it is the last answer unless there is none. */
  #answerEarly(answer: Answer, head: Head): void {
    if (head.framing.kind !== 'none') {
      this.#last(answer)
      return
    }
    this.#phase = 'answering'
    this.send(answer)
  }

  #refuse(fault: Fault): void {
    this.#last(this.#door.unreadable(fault))
  }

  #last(answer: Answer): void {
    this.#socket.write(answerBytes(answer, { last: true, bodiless: false }))
    this.#close()
  }

  /** Says goodbye, and for a moment throws away what still arrives: a reset would take the answer from the client. */
  #close(): void {
    this.#phase = 'ended'
    this.#pending = nothing
    this.#parts = []
    this.#deadline = this.#now() + this.#limits.lingerMs
    this.#socket.end()
    this.#socket.resume()
  }

  #drain(): void {
    if (this.#phase === 'answering') this.#deadline = Number.POSITIVE_INFINITY
    this.#drained?.()
  }

  /** A client that ends its side has left: whoever wants the answer keeps the connection. */
  #leave(): void {
    const gone = this.#gone
    this.#gone = null
    this.#drained = null
    if (this.#phase === 'answering') {
      this.#socket.destroy()
      gone?.()
    }
  }
}

function tooLarge(maxBytes: number): Fault {
  return fault(
    413,
    'too-large',
    `the body is larger than ${maxBytes} bytes, and must be read whole`,
  )
}

function bareLineFeed(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1))
    if (at === 0 || bytes[at - 1] !== 0x0d) return true
  return false
}
