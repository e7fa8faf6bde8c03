/** A cleared request on its way: sent upstream with the real credential, the answer streamed back as it comes. */
import type { Secret } from '../../base/secret.ts'
import { plainProblem } from './answer.ts'
import type { Answer, Shape } from './answer.ts'
import { returnedHead } from './answer-head.ts'
import type { AnswerHead } from './answer-head.ts'
import { joined } from './bytes.ts'
import { requestIdOf } from './collect.ts'
import type { Reply } from './connection.ts'
import { hidesCredential, maxEncoded } from './encoded.ts'
import { headerOf } from './head.ts'
import type { Failure, Hearer } from './line.ts'
import type { Redactor } from './redactor.ts'
import type { Outgoing, Sending, Upstream } from './upstream.ts'

export interface Forwarding {
  readonly reply: Reply
  readonly outgoing: Outgoing
  readonly upstream: Upstream
  readonly credential: Secret
  readonly redactor: (secret: Secret) => Redactor
  readonly shape: Shape
  /** A read: given up when its client has gone, sent again over a fresh connection when a kept one was just closed. */
  readonly reads: boolean
  /** Hears the platform's own id of a request that is no read. */
  readonly sent: (requestId: string) => void
  /** Hears once what came of it; status 0 when no answer came. */
  readonly done: (status: number, summary: string) => void
}

/** Sends and relays; `done` hears the end. Throws only before anything was sent. */
export function forward(way: Forwarding): void {
  new Relay(way).start()
}

/** INVARIANT (secret-stays): every byte that goes to the client has been through the redactor. */
class Relay implements Hearer {
  readonly #way: Forwarding
  readonly #redactor: Redactor
  #sending: Sending | null = null
  /** What goes out at the next flush, not yet redacted unless the body is chunked. */
  #out: (string | Uint8Array)[] = []
  #chunked = false
  #status = 0
  #requestId: string | null = null
  #encoded: Encoded | null = null
  #again = false

  constructor(way: Forwarding) {
    this.#way = way
    this.#redactor = way.redactor(way.credential)
  }

  start(): void {
    const { upstream, outgoing, credential, reply, reads } = this.#way
    this.#sending = upstream.send(outgoing, credential, this)
    reply.onDrain(() => this.#sending?.resume())
    reply.onGone(() => {
      if (reads) this.#giveUp()
      else this.#sending?.resume()
    })
  }

  head(head: AnswerHead): void {
    const { outgoing, reply, reads, sent } = this.#way
    const { headers, framing } = head
    this.#status = head.status
    this.#chunked = framing.kind === 'chunked' || framing.kind === 'close'
    this.#requestId = requestIdOf(headers)
    if (this.#requestId !== null && !reads) sent(this.#requestId)
    const text = returnedHead(head, outgoing.method === 'HEAD', reply.isLast)
    const coding = headerOf(headers, 'content-encoding')
    if (coding !== null && coding.toLowerCase() !== 'identity' && framing.kind !== 'none')
      this.#encoded = { coding, text, parts: [], size: 0 }
    else this.#out.push(this.#chunked ? this.#clean(Buffer.from(text, 'latin1')) : text)
  }

  data(piece: Buffer): void {
    if (this.#encoded === null) this.#put(piece)
    else {
      this.#encoded.size += piece.length
      if (this.#encoded.size <= maxEncoded) this.#encoded.parts.push(piece)
    }
  }

  flush(): void {
    if (this.#out.length === 0) return
    const bytes = joined(this.#out)
    this.#out = []
    const clean = this.#chunked ? bytes : this.#redactor.push(bytes)
    if (clean.length > 0 && !this.#way.reply.write(clean)) this.#sending?.pause()
  }

  end(): void {
    const { reply } = this.#way
    if (this.#encoded !== null && !this.#release(this.#encoded)) return
    if (this.#chunked) this.#chunk(this.#redactor.end(), '0\r\n\r\n')
    this.flush()
    const rest = this.#redactor.end()
    if (rest.length > 0) reply.write(rest)
    reply.end()
    this.#done('forwarded')
  }

  fail(failure: Failure): void {
    const { reply, shape, reads } = this.#way
    if (reads && failure.stale && !this.#again && !reply.isGone) {
      this.#again = true
      this.start()
      return
    }
    // A head that has gone out cannot be taken back: the connection is cut, so that nobody takes half for whole.
    if (this.#status !== 0 && this.#encoded === null) reply.cut()
    else reply.send(brokenAnswer(failure, reads, shape))
    this.#status = 0
    this.#done(`broken${failure.sent ? '' : ' before it was sent'}: ${failure.error.message}`)
  }

  #put(piece: Uint8Array): void {
    if (this.#chunked) this.#chunk(this.#redactor.push(piece), '')
    else this.#out.push(piece)
  }

  #chunk(bytes: Uint8Array, after: string): void {
    if (bytes.length > 0) this.#out.push(`${bytes.length.toString(16)}\r\n`, bytes, `\r\n${after}`)
    else if (after !== '') this.#out.push(after)
  }

  #clean(bytes: Buffer): Uint8Array {
    return joined([this.#redactor.push(bytes), this.#redactor.end()])
  }

  /** Asked not to, it compressed: looked through as a whole before a byte goes on. False when it was refused instead. */
  #release({ coding, text, parts, size }: Encoded): boolean {
    const { reply, shape } = this.#way
    const whole = Buffer.concat(parts)
    this.#encoded = null
    if (size > maxEncoded || hidesCredential(whole, coding, this.#redactor)) {
      const detail = 'the target compressed its answer in a way that cannot be looked through'
      reply.send(plainProblem({ status: 502, kind: 'upstream', detail, executed: null }, shape))
      this.#done(`answered, not handed on: ${detail}`)
      return false
    }
    this.#out.push(this.#clean(Buffer.from(text, 'latin1')))
    this.#put(whole)
    return true
  }

  #giveUp(): void {
    this.#sending?.abandon()
    this.#done('the client has gone')
  }

  #done(summary: string): void {
    const from = this.#requestId === null ? '' : ` (request ${this.#requestId})`
    this.#way.done(this.#status, `${summary}${from}`)
  }
}

interface Encoded {
  readonly coding: string
  /** The head that goes before it. */
  readonly text: string
  readonly parts: Buffer[]
  size: number
}

/** What was not read may have happened: only where nothing was sent, or it only reads, can it be said that it has not. */
function brokenAnswer({ error, sent }: Failure, reads: boolean, shape: Shape): Answer {
  const executed = sent && !reads ? null : false
  const doubt = executed === null ? '; it may have happened all the same' : ''
  const detail = `${error.message}${doubt}`
  return plainProblem({ status: 502, kind: 'upstream', detail, executed }, shape)
}
