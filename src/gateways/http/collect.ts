/** A whole answer of the upstream, bounded: for a stored action's one run, and for questions. */
import { FirebreakError } from '../../base/error.ts'
import type { Secret } from '../../base/secret.ts'
import { headerOf } from './head.ts'
import type { Headers } from './head.ts'
import type { Hearer } from './line.ts'
import type { Outgoing, Upstream } from './upstream.ts'

export interface Collected {
  readonly status: number
  readonly contentType: string | null
  /** The platform's own name for the request, for the comparison with its audit log. */
  readonly requestId: string | null
  readonly body: Buffer
}

export interface Collecting {
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** Sends once and collects; rejects when the upstream breaks, answers too much, or the signal aborts. */
export async function collect(
  upstream: Upstream,
  outgoing: Outgoing,
  credential: Secret,
  { maxBytes, signal }: Collecting,
): Promise<Collected> {
  const { promise, resolve, reject } = Promise.withResolvers<Collected>()
  const parts: Buffer[] = []
  let size = 0
  let head: Omit<Collected, 'body'> = { status: 0, contentType: null, requestId: null }
  const hearer: Hearer = {
    head: ({ status, headers }) => {
      const contentType = headerOf(headers, 'content-type')
      head = { status, contentType, requestId: requestIdOf(headers) }
    },
    data: (piece) => {
      size += piece.length
      if (size <= maxBytes) parts.push(piece)
      else
        giveUp(new FirebreakError('too_large', `the target answered more than ${maxBytes} bytes`))
    },
    flush: () => undefined,
    end: () => resolve({ ...head, body: Buffer.concat(parts) }),
    fail: ({ error }) => reject(error),
  }
  const late = (): void =>
    giveUp(new FirebreakError('not_reachable', 'the target did not answer in time'))
  if (signal.aborted) throw new FirebreakError('not_reachable', 'there was no time left to ask')
  const sending = upstream.send(outgoing, credential, hearer)
  const giveUp = (error: FirebreakError): void => {
    sending.abandon()
    reject(error)
  }
  signal.addEventListener('abort', late, { once: true })
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', late)
  }
}

/** The header by which the platform names a request in its own logs; null without one, or for what is no such name. */
export function requestIdOf(headers: Headers): string | null {
  const value = headerOf(headers, 'x-railway-request-id') ?? headerOf(headers, 'x-request-id')
  return value !== null && /^[\x21-\x7e]{1,200}$/.test(value) ? value : null
}
