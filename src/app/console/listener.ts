/** The console's door to the network: an origin of its own, answering its own page and nobody else. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { FirebreakError, messageOf } from '../../base/error.ts'
import type { ErrorCode } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { readAll } from '../read-all.ts'
import type { ConsoleSite } from '../site.ts'
import { SignedOut } from './api.ts'
import type { Api, Carried } from './api.ts'
import type { Authorization } from './authorization.ts'
import { keepCertificate, oldestTls, readCertificate } from './certificate.ts'
import type { CertificateFiles } from './certificate.ts'
import { misnamed, turnedAway } from './door.ts'
import { headersFor } from './headers.ts'
import type { PageFile } from './files.ts'
import type { Live } from './live.ts'
import type { Sessions } from './sessions.ts'

export interface ConsoleParts {
  readonly site: ConsoleSite
  readonly api: Api
  readonly authorization: Authorization
  readonly live: Live
  readonly sessions: Sessions
  readonly files: ReadonlyMap<string, PageFile>
  readonly tls: CertificateFiles | null
  readonly log: (line: string) => void
}

/** Not listening yet. Throws `bad_config` where certificate and key cannot be used. */
export function consoleServer(parts: ConsoleParts): Server {
  const limits = { maxHeaderSize: 16 * 1024, headersTimeout: 15_000, requestTimeout: 30_000 }
  const heard = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    answer(parts, incoming, outgoing).catch(() => outgoing.destroy())
  }
  const server = parts.tls === null ? createServer(limits, heard) : secure(parts, limits, heard)
  server.maxConnections = 500
  return server
}

function secure(
  { tls, log }: ConsoleParts,
  limits: ServerOptions,
  heard: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server {
  if (tls === null) throw new FirebreakError('internal', 'there is no certificate')
  const server = createTlsServer(
    { ...limits, ...readCertificate(tls), minVersion: oldestTls },
    heard,
  )
  server.once('close', keepCertificate(server, tls, log))
  return server
}

async function answer(
  parts: ConsoleParts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(headersFor(parts.site)))
    outgoing.setHeader(name, value)
  // What stands behind a `?` means nothing here.
  const [path = '/'] = (incoming.url ?? '/').split('?')
  const isApi = path.startsWith('/api/')
  const turned = misnamed(incoming, parts.site)
  // A client is no page: it has no session, and is asked for none.
  if (turned === null && (await parts.authorization.answer(incoming, outgoing))) return
  const shut = turned ?? turnedAway(incoming, isApi, parts.site)
  if (shut !== null) {
    refuse(outgoing, shut.status, { code: 'bad_input', message: shut.why, hint: null })
    return
  }
  if (isApi) await answerCall(parts, path.slice('/api/'.length), incoming, outgoing)
  else page(parts.files.get(path), parts.files.size > 0, outgoing)
}

async function answerCall(...asked: Parameters<typeof call>): Promise<void> {
  const [, , , outgoing] = asked
  try {
    await call(...asked)
  } catch (thrown) {
    const { code, message, hint } =
      thrown instanceof FirebreakError ? thrown : new FirebreakError('internal', messageOf(thrown))
    const status = thrown instanceof SignedOut ? 401 : (statuses[code] ?? 500)
    refuse(outgoing, status, { code, message, hint })
  }
}

async function call(
  { api, live, sessions, site }: ConsoleParts,
  name: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const carried = carriedBy(incoming, cookieName(site))
  if (incoming.method === 'GET') {
    const { session } = await api.sitting(carried)
    if (name !== 'live') throw new FirebreakError('not_found', 'there is nothing to read here')
    outgoing.setHeader('content-type', 'text/event-stream')
    live.listen(outgoing, after(incoming), {
      seat: session.seat,
      isLive: () => sessions.isLive(session.id),
    })
    return
  }
  const { body, cookie } = await api.call(name, await bodyOf(incoming), carried)
  if (cookie !== null) outgoing.setHeader('set-cookie', cookieOf(site, cookie))
  outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function page(file: PageFile | undefined, isBuilt: boolean, outgoing: ServerResponse): void {
  if (file === undefined) {
    const why = isBuilt ? 'there is no such page' : 'the page is not built: `npm run build`'
    outgoing.writeHead(isBuilt ? 404 : 503, { 'content-type': 'text/plain' }).end(`${why}\n`)
    return
  }
  if (file.isLasting) outgoing.setHeader('cache-control', 'public, max-age=31536000, immutable')
  outgoing.writeHead(200, { 'content-type': file.type, 'content-length': file.body.length })
  outgoing.end(file.body)
}

function refuse(
  outgoing: ServerResponse,
  status: number,
  error: { readonly code: string; readonly message: string; readonly hint: string | null },
): void {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  const { code, message, hint } = error
  outgoing.writeHead(status, { 'content-type': 'application/json' })
  outgoing.end(JSON.stringify({ error: { code, message, hint } }))
}

const statuses: Partial<Record<ErrorCode, number>> = {
  bad_input: 400,
  factor_refused: 403,
  grant_refused: 403,
  not_found: 404,
  wrong_state: 409,
  too_large: 429,
  halted: 423,
  not_reachable: 502,
}

async function bodyOf(incoming: IncomingMessage): Promise<JsonObject> {
  const body = read(await readAll(incoming))
  if (!isObject(body)) throw new FirebreakError('bad_input', 'the body must be a JSON object')
  return body
}

function read(text: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(text)
  } catch {
    throw new FirebreakError('bad_input', 'the body must be a JSON object')
  }
}

/** The entry behind which the stream goes on. */
function after({ headers }: IncomingMessage): number | null {
  const text = headers['last-event-id']
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null
}

function carriedBy({ headers }: IncomingMessage, name: string): Carried {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const mine = pairs.filter((pair) => pair.startsWith(`${name}=`))
  const secret = headers['x-firebreak']
  return {
    cookies: mine.map((pair) => pair.slice(name.length + 1)),
    page: typeof secret === 'string' ? secret : '',
  }
}

function cookieName({ origin }: ConsoleSite): string {
  return origin.startsWith('https:') ? '__Host-firebreak' : 'firebreak'
}

/** RFC 6265bis, §4.1: no script reads it, no other site sends it; empty takes it away. */
function cookieOf(site: ConsoleSite, value: string): string {
  const secure = site.origin.startsWith('https:') ? '; Secure' : ''
  const end = value === '' ? '; Max-Age=0' : ''
  return `${cookieName(site)}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}${end}`
}
