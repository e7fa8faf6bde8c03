/** A whole answer of the upstream, bounded: for a stored action's one run, and for questions. */
import type { Dispatcher } from 'undici'
import { FirebreakError } from '../../base/error.ts'
import type { Secret } from '../../base/secret.ts'
import type { Outgoing, Upstream } from './upstream.ts'

export interface Collected {
  readonly status: number
  readonly contentType: string | null
  /** The platform's own name for the request, for the comparison with its audit log. */
  readonly requestId: string | null
  readonly body: Buffer
  /** The session that an MCP server has begun by it. */
  readonly session: string | null
}

export interface Collecting {
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** Sends and collects; rejects when the upstream breaks, answers too much, or the signal aborts. */
export function collect(
  upstream: Upstream,
  outgoing: Outgoing,
  credential: Secret | null,
  { maxBytes, signal }: Collecting,
): Promise<Collected> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    let head: Omit<Collected, 'body'> = {
      status: 0,
      contentType: null,
      requestId: null,
      session: null,
    }
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: (controller) => {
        const abort = (): void =>
          controller.abort(new FirebreakError('not_reachable', 'the target did not answer in time'))
        if (signal.aborted) abort()
        else signal.addEventListener('abort', abort, { once: true })
      },
      onResponseStart: (_, status, headers) => {
        head = {
          status,
          contentType: one(headers['content-type']),
          requestId: requestIdOf(headers),
          session: one(headers['mcp-session-id']),
        }
      },
      onResponseData: (controller, chunk) => {
        size += chunk.length
        parts.push(chunk)
        if (size > maxBytes)
          controller.abort(
            new FirebreakError('too_large', `the target answered more than ${maxBytes} bytes`),
          )
      },
      onResponseEnd: () => resolve({ ...head, body: Buffer.concat(parts) }),
      onResponseError: (_, error) => reject(error),
    }
    upstream.send(outgoing, credential, handler)
  })
}

/** The header by which the platform names a request in its own logs, as far as it sends one. */
export function requestIdOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | null {
  const found = one(headers['x-railway-request-id'] ?? headers['x-request-id'])
  return found !== null && /^[\x21-\x7e]{1,200}$/.test(found) ? found : null
}

function one(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : (value?.[0] ?? null)
}
