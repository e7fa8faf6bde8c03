/** What is said without a grant: which resource this is and where a grant is had (RFC 9728), as an MCP client looks for it. */
import type { IncomingMessage } from 'node:http'
import type { JsonObject } from '../../base/json.ts'
import { plainProblem } from './answer.ts'
import type { Answer } from './answer.ts'
import { one } from './prefer.ts'

export interface ProtectedResources {
  /** The metadata of the resource of that name; null where there is none. */
  readonly describe: (name: string, at: Reached) => JsonObject | null
}

/** By which name and port somebody came. */
export interface Reached {
  readonly host: string
  readonly port: number
}

type Asking = Pick<IncomingMessage, 'headers' | 'socket' | 'method'>

/** RFC 9728 §3.1: the path of the resource stands behind it. */
const wellKnown = '/.well-known/oauth-protected-resource'

/** The answer to a question for metadata; null for any other path. */
export function metadataAnswer(
  resources: ProtectedResources | undefined,
  incoming: Asking,
  url: string,
): Answer | null {
  const [path = url] = url.split('?')
  if (path !== wellKnown && !path.startsWith(`${wellKnown}/`)) return null
  const found = resources?.describe(path.slice(wellKnown.length + 1), reachedBy(incoming)) ?? null
  if (found === null || incoming.method !== 'GET') return none(incoming)
  const body = Buffer.from(JSON.stringify(found))
  const type = ['content-type', 'application/json', 'cache-control', 'no-store']
  return { status: 200, headers: [...type, 'content-length', String(body.length)], body }
}

/** Says at a 401 where to ask (RFC 9728 §5.1, RFC 6750 §3); the answer as it was where the path is no such resource. */
export function challenged(
  resources: ProtectedResources | undefined,
  incoming: Asking,
  { url, answer }: { readonly url: string; readonly answer: Answer },
): Answer {
  const [path = ''] = url.split('?')
  const found = resources?.describe(path.slice(1), reachedBy(incoming)) ?? null
  if (typeof found?.['resource'] !== 'string') return answer
  const { origin, pathname } = new URL(found['resource'])
  // Whoever showed one is told that it is no good: a client then asks anew instead of trying it again.
  const fault = incoming.headers.authorization === undefined ? '' : ', error="invalid_token"'
  const said = `Bearer realm="firebreak", resource_metadata="${origin}${wellKnown}${pathname}"${fault}`
  const headers = answer.headers.map((value, index) =>
    answer.headers[index - 1] === 'www-authenticate' ? said : value,
  )
  return { ...answer, headers }
}

function reachedBy({ headers, socket }: Asking): Reached {
  return { host: headers.host ?? '', port: socket.localPort ?? 0 }
}

function none({ headers }: Asking): Answer {
  const detail = 'there is no such resource: each MCP server has its own, under its name'
  const shape = { graphql: false, accept: one(headers['accept']) }
  return plainProblem({ status: 404, kind: 'no-target', detail }, shape)
}
