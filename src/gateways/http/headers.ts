/** Which headers cross the gateway: nothing that belongs to one connection, and no credential of the client's. */
import { connectionNames } from './head.ts'
import type { Headers } from './head.ts'

/** RFC 9110 §7.6.1 and its neighbours: they end at each hop; lengths are written anew. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What the gateway says itself or not at all, and what it was asked of the gateway. */
const notForwarded: ReadonlySet<string> = new Set([
  'accept-encoding',
  'dpop',
  'expect',
  'firebreak-reason',
  'host',
  'idempotency-key',
  'prefer',
  'via',
])

/** What a client might be known by, or steer the upstream with to read another request than the gateway did. */
const suspicious =
  /auth|cookie|credential|token|secret|session|api-?key|access-?key|password|signature|jwt|forwarded|override|^x-http-method|^x-(original|rewrite)|^x-real-ip|(host|url|uri|path)$/

/** What could lead the agent past the gateway, or hand it a session of the upstream's account. */
const notReturned: ReadonlySet<string> = new Set(['alt-svc', 'set-cookie', 'set-cookie2'])

/** True for a request header that goes on. INVARIANT (secret-stays): no credential of a client's travels with the real one. */
export function isForwarded(name: string): boolean {
  return !hopByHop.has(name) && !notForwarded.has(name) && !suspicious.test(name)
}

/** True for an answer's header that goes back to the client. */
export function isReturned(name: string): boolean {
  return !hopByHop.has(name) && !notReturned.has(name)
}

/**
 * The lines of a request's head for the upstream, each ended; without framing, host and credential. Compressed answers are
 * not asked for, since they could hide an echoed credential.
 */
export function forwardedLines(headers: Headers, forwards = isForwarded): string {
  const named = connectionNames(headers)
  let lines = ''
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    if (forwards(name) && !named.includes(name)) lines += `${name}: ${headers[index + 1] ?? ''}\r\n`
  }
  return `${lines}accept-encoding: identity\r\nvia: 1.1 firebreak\r\n`
}

/** `isForwarded`, remembered for the names that came before; bounded, since clients make up names. */
export function rememberingForwarded(): (name: string) => boolean {
  const known = new Map<string, boolean>()
  return (name) => {
    const before = known.get(name)
    if (before !== undefined) return before
    const forwards = isForwarded(name)
    if (known.size < 500) known.set(name, forwards)
    return forwards
  }
}
