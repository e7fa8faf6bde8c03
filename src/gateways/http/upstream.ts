/** The one way out: a pool to the target's one host, TLS verified, no redirects, the real credential in its header. */
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import type { Secret } from '../../base/secret.ts'
import type { HttpTarget } from './target.ts'

export interface UpstreamLimits {
  readonly connectMs: number
  /** Until the head of the answer has come. */
  readonly headMs: number
  /** Between two parts of its body. */
  readonly bodyMs: number
  readonly connections: number
}

export interface Outgoing {
  readonly method: string
  readonly path: string
  readonly query: string
  /** Names and values in turn; no credential. */
  readonly headers: readonly string[]
  readonly body: Uint8Array
}

export interface Upstream {
  /** Sends with the credential; the handler hears the answer. */
  readonly send: (
    outgoing: Outgoing,
    /** Null for a target that takes none. */
    credential: Secret | null,
    handler: Dispatcher.DispatchHandler,
  ) => void
  readonly close: () => Promise<void>
}

/** `ca` adds to the trusted authorities; verification cannot be switched off. */
export function openUpstream(
  target: Pick<HttpTarget, 'origin' | 'basePath' | 'credential'>,
  limits: UpstreamLimits,
  ca: string | null,
): Upstream {
  const pool = new Pool(target.origin, {
    connections: limits.connections,
    headersTimeout: limits.headMs,
    bodyTimeout: limits.bodyMs,
    connect: {
      timeout: limits.connectMs,
      rejectUnauthorized: true,
      ...(ca === null ? {} : { ca }),
    },
  })
  return {
    close: () => pool.destroy(),
    send: (outgoing, credential, handler) => {
      const { name, prefix } = target.credential
      const query = outgoing.query === '' ? '' : `?${outgoing.query}`
      const withBody = outgoing.body.length > 0
      pool.dispatch(
        {
          method: methodOf(outgoing.method),
          path: `${target.basePath}${outgoing.path}${query}`,
          headers:
            credential === null
              ? [...outgoing.headers]
              : [...outgoing.headers, name, `${prefix}${credential.reveal()}`],
          body: withBody ? outgoing.body : null,
        },
        handler,
      )
    },
  }
}

/** The methods that are forwarded at all; the gateway has refused every other. */
export function methodOf(method: string): Dispatcher.HttpMethod {
  return forwardable.find((known) => known === method) ?? 'GET'
}

export const forwardable = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
