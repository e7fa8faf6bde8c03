/** The HTTP gateway: reads a request whole, lets it pass the guard, answers. It decides nothing itself. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { FirebreakError } from '../../base/error.ts'
import type { Principal } from '../../core/principal.ts'
import { plainProblem } from './answer.ts'
import type { Answer, Plain } from './answer.ts'
import { HttpAsked } from './asked.ts'
import { answerPassed } from './passed.ts'
import type { LiveHouse } from './passed.ts'
import { ownAnswer, ownPath } from './own.ts'
import { readBody } from './body.ts'
import { send } from './forward.ts'
import { hookAnswer, hookPath } from './hook.ts'
import type { HttpHouse, Visit } from './house.ts'
import { openLives } from './lives.ts'
import { answerMisread } from './misread.ts'
import { grantOf, one, wishesOf } from './prefer.ts'
import { challenged, metadataAnswer } from './resource.ts'
import { routeOf } from './target.ts'
import type { Arrived, Route } from './target.ts'
import { forwardable } from './upstream.ts'

export interface HttpGateway {
  readonly server: Server
  /** Ends the answers that are on their way to whoever is barred by now. */
  cut(): void
  /** Stops accepting, lets what is under way end until the deadline, then cuts. */
  drain(deadline: Promise<void>): Promise<void>
}

/** INVARIANT (broken-is-closed): whatever throws between reading and the guard's yes answers 503, and nothing is sent on. */
export function openHttpGateway(house: HttpHouse): HttpGateway {
  const lives = openLives()
  const live = { ...house, lives }
  let underWay = 0
  let draining = false
  const ended = (): void => {
    underWay -= 1
  }
  const server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: 32 * 1024,
    headersTimeout: house.limits.headMs,
    requestTimeout: house.limits.requestMs,
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: Math.min(1000, house.limits.headMs),
  })
  server.maxConnections = house.limits.connections
  server.on('request', (incoming, outgoing) => {
    if (draining || underWay >= house.limits.concurrent) {
      send(
        outgoing,
        plainProblem(
          { status: 503, kind: 'busy', detail: 'Firebreak is busy or stopping' },
          noShape,
        ),
      )
      return
    }
    underWay += 1
    void serve(live, { incoming, outgoing, ended })
  })
  answerMisread(server)
  // What is no plain request goes nowhere: no tunnel, no upgrade.
  server.on('upgrade', (_, socket) => socket.destroy())
  server.on('connect', (_, socket) => socket.destroy())
  return {
    server,
    cut: () => lives.cut((principal) => house.guard.bars(principal) !== null),
    drain: async (deadline) => {
      draining = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await Promise.race([closed, deadline])
      server.closeAllConnections()
      await closed
    },
  }
}

const lingerMs = 2000

const noShape = { graphql: false, accept: null }

interface Call {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly ended: () => void
}

async function serve(house: LiveHouse, { incoming, outgoing, ended }: Call): Promise<void> {
  const shape = { graphql: false, accept: one(incoming.headers['accept']) }
  try {
    const refusal = await handle(house, incoming, outgoing)
    if (refusal !== null) send(outgoing, refusal)
  } catch (thrown) {
    // Fail closed: nothing was forwarded, and the reason holds no secret since faults never do.
    const large = thrown instanceof FirebreakError && thrown.code === 'too_large'
    const detail =
      thrown instanceof FirebreakError
        ? thrown.message
        : 'something broke inside Firebreak; nothing was sent on'
    send(
      outgoing,
      plainProblem(
        { status: large ? 413 : 503, kind: large ? 'too-large' : 'closed', detail },
        shape,
      ),
    )
    if (large) linger(incoming)
  } finally {
    ended()
  }
}

/** A client that is still sending would lose the answer to a reset (RFC 9112 §9.6): for a moment what comes is thrown away, then the connection ends. */
function linger(incoming: IncomingMessage): void {
  incoming.on('end', () => incoming.socket.end())
  incoming.resume()
  const timer = setTimeout(() => incoming.destroy(), lingerMs)
  incoming.on('close', () => clearTimeout(timer))
}

/** The refusal to send, or null when the answer is on its way. */
async function handle(
  house: LiveHouse,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<Answer | null> {
  const url = incoming.url ?? '/'
  const accept = one(incoming.headers['accept'])
  const plain = (facts: Plain): Answer => plainProblem(facts, { graphql: false, accept })
  const odd = oddity(incoming, url)
  if (odd !== null) return plain(odd)
  if (url === '/.firebreak/health')
    return plain({ status: 200, kind: 'healthy', detail: 'Firebreak is up' })
  const open = metadataAnswer(house.resources, incoming, url)
  if (open !== null) return open
  const principal = authenticated(house, incoming, url)
  if (url === hookPath) return await hookAnswer(house, incoming, principal)
  if (typeof principal === 'string') {
    const answer = plain({ status: 401, kind: 'grant', detail: principal })
    return challenged(house.resources, incoming, { url, answer })
  }
  const mount = house.mounts?.get(url.split('?')[0] ?? url)
  if (mount !== undefined)
    return await mount.serve({
      principal,
      incoming,
      outgoing,
      enter: () => house.lives.enter(principal, outgoing),
    })
  const own = url.startsWith(ownPath)
    ? await ownAnswer(house.guard, url, { principal, accept })
    : null
  return own ?? (await toTarget(house, { principal, incoming, outgoing }, { url, accept }))
}

/** To the target that stands in the path. */
async function toTarget(
  house: LiveHouse,
  { principal, incoming, outgoing }: Omit<Visit, 'enter'>,
  { url, accept }: { readonly url: string; readonly accept: string | null },
): Promise<Answer | null> {
  const plain = (facts: Plain): Answer => plainProblem(facts, { graphql: false, accept })
  const route = routeOf(url)
  const found = route === null ? undefined : house.targets.get(route.target)
  if (route === null || found === undefined)
    return plain({ status: 404, kind: 'no-target', detail: 'no target answers at this path' })
  const wishes = wishesOf(incoming.headers)
  if (typeof wishes === 'string') return plain({ status: 400, kind: 'header', detail: wishes })
  const arrived = arrive(incoming, route, await readBody(incoming, house.limits.bodyBytes))
  const { target } = found
  const passed = await house.guard.pass(new HttpAsked({ principal, target, arrived, wishes }))
  const shape = { graphql: target.graphql, accept }
  const exchange = { house, principal, incoming, outgoing, found, arrived, wishes, shape }
  return await answerPassed(exchange, passed)
}

/** Headers that two servers could read differently when they come twice. */
const single: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'authorization',
  'host',
  'project-access-token',
  'idempotency-key',
  'dpop',
])

/** What is wrong with the head of a request before anything else is looked at; null when nothing is. */
function oddity(incoming: IncomingMessage, url: string): Plain | null {
  const method = incoming.method ?? 'GET'
  if (!forwardable.some((known) => known === method))
    return { status: 405, kind: 'method', detail: `\`${method}\` is not forwarded` }
  if (url.includes('fbk_'))
    return { status: 400, kind: 'grant', detail: 'a grant goes in a header, never in a URL' }
  const twice = cameTwice(incoming.rawHeaders)
  return twice === null ? null : { status: 400, kind: 'header', detail: `\`${twice}\` came twice` }
}

/** The first of the `single` headers that comes again; null where none does. */
function cameTwice(raw: readonly string[]): string | null {
  const seen: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? ''
    if (!single.has(name)) continue
    if (seen.includes(name)) return name
    seen.push(name)
  }
  return null
}

function authenticated(
  house: HttpHouse,
  incoming: IncomingMessage,
  url: string,
): Principal | string {
  const token = grantOf(incoming.headers)
  if (token === null)
    return 'a grant is needed: `Authorization: Bearer fbk_…`; a person mints it (`firebreak grant mint`)'
  const host = incoming.headers.host ?? ''
  const [path = ''] = url.split('?')
  return house.authenticate({
    token,
    method: incoming.method ?? 'GET',
    url: `http://${host}${path}`,
    proof: one(incoming.headers['dpop']),
  })
}

function arrive(incoming: IncomingMessage, route: Route, body: Uint8Array): Arrived {
  const { headers } = incoming
  return {
    method: incoming.method ?? 'GET',
    path: route.path,
    query: route.query,
    contentType: one(headers['content-type']),
    contentEncoding: one(headers['content-encoding']),
    accept: one(headers['accept']),
    body,
  }
}
