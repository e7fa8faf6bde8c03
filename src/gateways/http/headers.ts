/** Which headers cross the gateway: nothing that belongs to one connection, and no credential of the client's. */

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
  'authorization',
  'cookie',
  'dpop',
  'expect',
  'firebreak-reason',
  'forwarded',
  'host',
  'content-length',
  'project-access-token',
  'idempotency-key',
  'prefer',
  'x-api-key',
  'x-auth-token',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
])

/** Request headers for the upstream, from Node's raw list of names and values. */
export function forwardedHeaders(raw: readonly string[]): string[] {
  return filtered(raw, (name) => notForwarded.has(name))
}

/** Answer headers for the client. A cookie of the upstream's account is not for the agent. */
export function returnedHeaders(raw: readonly string[]): string[] {
  return filtered(raw, (name) => name === 'set-cookie')
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
    if (raw[index]?.toLowerCase() === 'connection')
      for (const name of (raw[index + 1] ?? '').split(',')) names.add(name.trim().toLowerCase())
  // Which of these a client may name is no power: what must arrive is written by the gateway itself.
  return names
}
