/** A cleared request on its way: sent upstream with the real credential, the answer streamed back as it comes. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import { messageOf } from '../../base/error.ts'
import type { Secret } from '../../base/secret.ts'
import { plainProblem } from './answer.ts'
import type { Answer, Shape } from './answer.ts'
import { requestIdOf } from './collect.ts'
import { bodyOf } from './flow.ts'
import { forwardedHeaders, returnedHeaders } from './headers.ts'
import type { Redactor } from './house.ts'
import type { Arrived } from './target.ts'
import type { Upstream } from './upstream.ts'

export interface Forwarding {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly request: Arrived
  readonly upstream: Upstream
  readonly credential: Secret | null
  readonly redactor: Redactor
  readonly shape: Shape
  /** A read whose client has gone is given up; anything else goes on, so that its outcome is known. */
  readonly abortable: boolean
  /** How long it may wait for a way to the target. */
  readonly queueMs: number
  /** How long a client may take none of what waits for it. */
  readonly idleMs: number
  readonly sent: (requestId: string) => void
  /** The head that goes to the client, where it is not the one that came. */
  readonly head?: (headers: AnswerHeaders) => AnswerHeaders
  /** Hears that the target has begun to answer. */
  readonly landed: () => void
  /** Hears once what came of it; status 0 when no answer came. */
  readonly done: (status: number, summary: string) => void
}

type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Fulfils when the answer has been handed over or given up; never rejects. */
export function forward(way: Forwarding): Promise<void> {
  return new Promise((resolve) => {
    const { request, incoming } = way
    const headers = forwardedHeaders(incoming.rawHeaders)
    headers.push('accept-encoding', 'identity')
    const { method, path, query, body } = request
    const handler = relay(way, resolve)
    way.upstream.send({ method, path, query, headers, body }, way.credential, handler)
  })
}

function relay(way: Forwarding, resolve: () => void): Dispatcher.DispatchHandler {
  const { outgoing, redactor } = way
  const body = bodyOf(outgoing)
  let status = 0
  let from = ''
  let isGivenUp = false
  const queued = setTimeout(() => {
    isGivenUp = true
    const detail = 'every way to the target is taken, and nothing was sent'
    send(outgoing, plainProblem({ status: 503, kind: 'busy', detail }, way.shape))
    way.done(status, `given up: ${detail}`)
  }, way.queueMs)
  const end = (summary: string): void => {
    way.done(status, `${summary}${from}`)
    resolve()
  }
  return {
    onRequestStart: (controller) => {
      // INVARIANT (halt-halts): what waited for a way to the target and was cut meanwhile, or whose client went, is not sent.
      clearTimeout(queued)
      if (isGivenUp || outgoing.destroyed) {
        controller.abort(new Error('nobody waits for it any more, and nothing was sent'))
        return
      }
      outgoing.on('close', () => {
        if (!outgoing.writableFinished && way.abortable)
          controller.abort(new Error('the client has gone'))
        else controller.resume()
      })
    },
    onResponseStart: (controller, code, headers) => {
      // A hint (RFC 9110 §15.2) is no answer.
      if (code < 200) return
      status = code
      way.landed()
      const coding = String(headers['content-encoding'] ?? 'identity')
      // INVARIANT (secret-stays): the redactor reads plain bytes, so that is all that may pass.
      if (coding.toLowerCase() !== 'identity') {
        controller.abort(new Error(`it answered in \`${coding}\`, which was not asked for`))
        return
      }
      const id = requestIdOf(headers)
      from = id === null ? '' : ` (request ${id})`
      if (id !== null && !way.abortable) way.sent(id)
      outgoing.writeHead(code, returnedHeaders(rawOf(way.head?.(headers) ?? headers), redactor))
      body.begin(() => {
        if (!controller.paused) onceTaken(way, () => controller.resume())
        controller.pause()
      })
    },
    onResponseData: (_, chunk) => body.push(redactor.push(chunk)),
    onResponseEnd: () => {
      body.end(redactor.end())
      end('forwarded')
    },
    onResponseError: (_, error) => {
      clearTimeout(queued)
      // Until here its body lay in the queue, so until here it counts as under way.
      if (isGivenUp) {
        resolve()
        return
      }
      // A head that has gone out cannot be taken back: the connection is cut, so that nobody takes half for whole.
      if (outgoing.headersSent) outgoing.destroy()
      else
        send(
          outgoing,
          plainProblem(
            {
              status: 502,
              kind: 'upstream',
              detail: `the target gave no answer: ${messageOf(error)}`,
            },
            way.shape,
          ),
        )
      end(`broken: ${messageOf(error)}`)
    },
  }
}

/** Hears when the client has taken what waits for it; one that takes nothing for long is cut off, which Node does by itself. */
function onceTaken({ outgoing, idleMs }: Forwarding, go: () => void): void {
  outgoing.setTimeout(idleMs)
  outgoing.once('drain', () => {
    outgoing.setTimeout(0)
    go()
  })
}

/** Writes one whole answer. */
export function send(outgoing: ServerResponse, answer: Answer): void {
  if (outgoing.destroyed || outgoing.headersSent) return
  outgoing.writeHead(answer.status, [...answer.headers])
  outgoing.end(answer.body)
}

function rawOf(headers: AnswerHeaders): readonly string[] {
  const raw: string[] = []
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? ''
    if (typeof value === 'string') raw.push(name, value)
    else for (const each of value) raw.push(name, each)
  }
  return raw
}
