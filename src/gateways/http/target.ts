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
 * empty segments, parameters of segments, encoded slashes, dots, percents or controls, characters outside RFC 3986.
 */
export function routeOf(requestTarget: string): Route | null {
  const match = /^\/([a-z][a-z0-9-]{0,39})(\/[^?#]*)?(?:\?([^#]*))?$/.exec(requestTarget)
  if (match === null) return null
  const [, target = '', path = '/', query = ''] = match
  const plain = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[0-9A-Fa-f]{2})*$/
  const odd = /\/\/|\/\.{1,2}(\/|$)|%(2f|5c|2e|25|3b|7f|[01][0-9a-f])/i
  const asked = /^(?:[\x21\x24-\x3b\x3d\x3f-\x5a\x5f\x61-\x7a\x7e[\]{}|"^`]|%[0-9A-Fa-f]{2})*$/
  if (!plain.test(path) || odd.test(path) || !asked.test(query)) return null
  return { target, path, query }
}

/** True where a grant stands in a URL, also in disguise: URLs are logged, and must not hold one. */
export function holdsGrant(requestTarget: string): boolean {
  return /fbk_/i.test(requestTarget.replaceAll(/%[0-9a-f]{2}/gi, decoded))
}

function decoded(escape: string): string {
  return String.fromCharCode(Number.parseInt(escape.slice(1), 16))
}
