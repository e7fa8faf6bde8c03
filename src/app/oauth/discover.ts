/** Where a server of MCP wants its tokens from: its 401 (RFC 6750), its metadata (RFC 9728), and the issuer that this names. */
import { FirebreakError } from '../../base/error.ts'
import { textOf, textsIn } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import { documentAt } from './outward.ts'
import type { Outward } from './outward.ts'

export interface Discovered {
  readonly issuer: URL
  /** What the token is for (RFC 8707). */
  readonly resource: string
  /** What the server asks for, where it says. */
  readonly scopes: readonly string[]
}

interface Wish {
  readonly url: string
  /** By the config; it goes before what the server says. */
  readonly issuer: string | null
}

const hello = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'firebreak', version: '1' },
  },
})

/** Throws `not_reachable` where the server does not say it, or says it of another than itself. */
export async function discover(outward: Outward, { url, issuer }: Wish): Promise<Discovered> {
  const { metadata, scope } = await challengeOf(outward, url)
  const places = metadata === null ? wellKnown(url) : [metadata]
  for (const place of places) {
    const found = await documentAt(outward, place)
    if (found === null) continue
    const { resource, authorization_servers: servers, scopes_supported: known } = found
    // INVARIANT (one audience): the token is for the server that the config names, and not for another that it points at.
    if (typeof resource !== 'string' || !covers(resource, url))
      throw silent(url, `its metadata is about \`${plain(textOf(resource ?? null))}\``)
    const named = issuer ?? textsIn(servers)[0]
    if (named === undefined) throw silent(url, 'its metadata names no authorization server')
    const asked = scope ?? textsIn(known)
    return { issuer: issuerAt(outward, named), resource, scopes: asked }
  }
  if (issuer === null)
    throw silent(url, 'it says nowhere who gives its tokens; name it: `oauth: { issuer: … }`')
  return { issuer: issuerAt(outward, issuer), resource: url, scopes: scope ?? [] }
}

async function challengeOf(
  outward: Outward,
  url: string,
): Promise<{ readonly metadata: string | null; readonly scope: readonly string[] | null }> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  const answer = await outward.fetch(url, { method: 'POST', headers, body: hello })
  const said = answer.headers.get('www-authenticate') ?? ''
  const scope = /[ ,]scope="([^"]*)"/i.exec(said)?.[1]
  return {
    metadata: /[ ,]resource_metadata="([^"]+)"/i.exec(said)?.[1] ?? null,
    scope: scope === undefined ? null : scope.split(' ').filter((one) => one !== ''),
  }
}

/** RFC 9728 §3.1: with the path of the resource behind it, and without. */
function wellKnown(url: string): readonly string[] {
  const { origin, pathname } = new URL(url)
  const base = `${origin}/.well-known/oauth-protected-resource`
  return pathname === '/' ? [base] : [`${base}${pathname}`, base]
}

/** The same place, or one above it on the same origin. */
function covers(resource: string, url: string): boolean {
  if (!URL.canParse(resource)) return false
  const [of, at] = [new URL(resource), new URL(url)]
  const [above, below] = [of, at].map(({ pathname }) => `${pathname.replace(/\/$/, '')}/`)
  return of.origin === at.origin && (below ?? '').startsWith(above ?? '?')
}

function issuerAt({ mayAsk }: Outward, named: string): URL {
  if (mayAsk(named)) return new URL(named)
  throw new FirebreakError('not_reachable', `the issuer \`${plain(named)}\` is not https`)
}

function silent(url: string, why: string): FirebreakError {
  return new FirebreakError('not_reachable', `\`${url}\` cannot be logged in to: ${why}`)
}
