/** Which headers cross the gateway: nothing that belongs to one connection, and no credential of the client's. */

import type { Redactor } from './house.ts'

/** RFC 9110 §7.6.1 and its neighbours: they end at each hop. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What a client might try to be known by, or to steer the upstream with; the gateway says these itself or not at all. */
const notForwarded: ReadonlySet<string> = new Set([
  // Compressed answers could hide an echoed credential from the redactor: the gateway asks for none.
  'accept-encoding',
  'authorization',
  'cookie',
  'dpop',
  'expect',
  'firebreak-reason',
  'forwarded',
  'host',
  // Two parts of one answer could each hold half of an echoed credential.
  'if-range',
  'content-length',
  'project-access-token',
  'range',
  'idempotency-key',
  'prefer',
  'x-api-key',
  'x-auth-token',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  // The platform names each request itself, and the bypass watch goes by that name: an agent must not choose it.
  'x-railway-request-id',
  'x-real-ip',
  'x-request-id',
  'x-rewrite-url',
])

/** By these a request was read, so they arrive as they were read. */
const readBy: ReadonlySet<string> = new Set(['accept', 'content-encoding', 'content-type'])

/** Request headers for the upstream, from Node's raw list of names and values. */
export function forwardedHeaders(raw: readonly string[]): string[] {
  return filtered(raw, (name) => {
    // Some servers take `_` for `-`: a second framing or type of the body, written so, would be another request to them.
    const plain = name.includes('_') ? name.replaceAll('_', '-') : name
    const isSecond = plain !== name && (hopByHop.has(plain) || readBy.has(plain))
    return isSecond || notForwarded.has(plain) || plain.startsWith('x-forwarded-')
  })
}

/** Answer headers for the client. Neither a cookie of the upstream's account nor an echo of its credential is for the agent. */
export function returnedHeaders(
  raw: readonly string[],
  redactor: Pick<Redactor, 'whole'>,
): string[] {
  const kept = filtered(raw, (name) => name === 'set-cookie')
  // No name and no value has a line feed in it, so that all of them can be looked at in one go.
  const text = kept.join('\n')
  const shown = redactor.whole(text)
  return shown === text ? kept : shown.split('\n')
}

function filtered(raw: readonly string[], drop: (name: string) => boolean): string[] {
  const named = connectionNames(raw)
  const kept: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const lower = name.toLowerCase()
    if (hopByHop.has(lower) || named.has(lower) || drop(lower)) continue
    kept.push(name, raw[index + 1] ?? '')
  }
  return kept
}

/** The names that a `Connection` header declares to end here too. */
function connectionNames(raw: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (let index = 0; index < raw.length; index += 2)
    if (isConnection(raw[index] ?? ''))
      for (const name of (raw[index + 1] ?? '').split(',')) names.add(name.trim().toLowerCase())
  for (const name of readBy) names.delete(name)
  return names
}

function isConnection(name: string): boolean {
  return name.length === 'connection'.length && name.toLowerCase() === 'connection'
}
