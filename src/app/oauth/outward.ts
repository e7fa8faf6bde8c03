/** Asks what a server of MCP and its authorization server say of themselves: bounded, no redirect followed, nothing in the clear that leaves this machine. */
import { Agent, request } from 'undici'
import { FirebreakError } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { lookupPublic } from './nowhere-near.ts'

export interface Outward {
  /** As `fetch`, for a URL that may be asked; throws `not_reachable` for another. */
  readonly fetch: (url: string, asked?: Asked) => Promise<Response>
  readonly mayAsk: (url: string) => boolean
  readonly close: () => Promise<void>
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

const answerMs = 10_000
const mostBytes = 500_000

/** `isNear`: the server itself is on this machine and in the clear, so what it names may be too. `ca` adds to the trusted authorities. */
export function openOutward({
  isNear,
  ca,
  isPublicOnly = false,
}: {
  readonly isNear: boolean
  readonly ca: string | null
  /** For what a stranger names. */
  readonly isPublicOnly?: boolean
}): Outward {
  const agent = new Agent({
    connect: {
      timeout: 5000,
      ...(ca === null ? {} : { ca }),
      ...(isPublicOnly ? { lookup: lookupPublic } : {}),
    },
    headersTimeout: answerMs,
    bodyTimeout: answerMs,
  })
  const mayAsk = (url: string): boolean => {
    if (!URL.canParse(url)) return false
    const { protocol, hostname } = new URL(url)
    const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
    return protocol === 'https:' || (isNear && protocol === 'http:' && isHere)
  }
  return {
    mayAsk,
    close: () => agent.destroy(),
    fetch: async (url, { method = 'GET', headers = {}, body, signal } = {}) => {
      // INVARIANT (secret-stays): what a server names is not believed so far that a code or a token would go there in the clear.
      if (!mayAsk(url))
        throw new FirebreakError('not_reachable', `\`${url.slice(0, 200)}\` is not https`)
      const ends = AbortSignal.timeout(answerMs)
      const answer = await request(url, {
        method: method === 'POST' ? 'POST' : 'GET',
        headers: { 'user-agent': 'firebreak', ...headers },
        body: textOf(body),
        dispatcher: agent,
        signal: signal === undefined ? ends : AbortSignal.any([signal, ends]),
      })
      const said = Object.entries(answer.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((each): [string, string] => [name, each]),
      )
      return new Response(bodyFor(answer.statusCode, await whole(answer.body)), {
        status: answer.statusCode,
        headers: said,
      })
    },
  }
}

/** The JSON object at a URL; null where none is there. Throws `not_reachable` where nobody answers. */
export async function documentAt(outward: Outward, url: string): Promise<JsonObject | null> {
  const answer = await outward.fetch(url, { headers: { accept: 'application/json' } })
  if (answer.status !== 200) return null
  try {
    const found = parseJson(await answer.text())
    return isObject(found) ? found : null
  } catch {
    // A page for people: no such document.
    return null
  }
}

function textOf(body: unknown): string | null {
  if (body === undefined || body === null) return null
  return body instanceof URLSearchParams || typeof body === 'string' ? body.toString() : null
}

/** These have none (Fetch Standard, null body status). */
function bodyFor(status: number, bytes: Buffer): string | null {
  return [204, 205, 304].includes(status) ? null : bytes.toString('utf8')
}

async function whole(body: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    if (!(part instanceof Uint8Array)) continue
    parts.push(Buffer.from(part))
    bytes += part.length
    if (bytes > mostBytes) throw new FirebreakError('not_reachable', 'it answers too much')
  }
  return Buffer.concat(parts)
}
