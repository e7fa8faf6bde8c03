/** A target behind the HTTP gateway, and the way from a request's path to it. */
import type { Operation } from '../../core/operation.ts'
import type { CredentialHeader } from '../../platforms/platform.ts'

/** A request as it arrived, whole: what the reader sees and what may be stored. */
export interface Arrived {
  readonly method: string
  /** Below the target's base, beginning with `/`. */
  readonly path: string
  /** Behind the `?`, still encoded; empty without one. */
  readonly query: string
  readonly contentType: string | null
  readonly contentEncoding: string | null
  readonly accept: string | null
  readonly body: Uint8Array
}

export interface HttpTarget {
  readonly name: string
  readonly platform: string
  /** `https://host[:port]`, without a path: one upstream host, for good. */
  readonly origin: string
  /** What stands before each path upstream; empty, or `/v1`. */
  readonly basePath: string
  readonly credential: CredentialHeader
  /** True where the answers to a refusal also take GraphQL's own shape. */
  readonly graphql: boolean
  /** The operations of a request; what is not understood is `unread`. Never throws. */
  readonly read: (request: Arrived) => readonly Operation[]
}

export interface Route {
  readonly target: string
  readonly path: string
  readonly query: string
}

/**
 * The target and the rest of an origin-form request target (RFC 9112 §3.2.1): `/railway/graphql/v2?x` → `railway`,
 * `/graphql/v2`, `x`. Null for every other form, and for a path that two servers could read differently: dot segments,
 * empty segments, encoded slashes or dots, backslashes, control characters, bytes beyond ASCII.
 */
export function routeOf(requestTarget: string): Route | null {
  const match = /^\/([a-z][a-z0-9-]{0,39})(\/[^?#]*)?(?:\?([^#]*))?$/.exec(requestTarget)
  if (match === null) return null
  const [, target = '', path = '/', query = ''] = match
  const odd = /[^\x21-\x7e]|\\|\/\/|%(2f|5c|2e|00)|\/\.{1,2}(\/|$)/i
  return odd.test(path) || /[^\x21-\x7e]/.test(query) ? null : { target, path, query }
}
