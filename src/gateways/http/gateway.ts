/** The HTTP gateway: reads a request whole, lets it pass the guard, answers. It decides nothing itself. */
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { FirebreakError } from '../../base/error.ts'
import type { Principal } from '../../core/principal.ts'
import { plainProblem } from './answer.ts'
import type { Answer, Plain } from './answer.ts'
import { Connection } from './connection.ts'
import type { Door, Reply } from './connection.ts'
import { headerOf } from './head.ts'
import { rememberingForwarded } from './headers.ts'
import type { HttpHouse } from './house.ts'
import { allLimits } from './limits.ts'
import { forwardAllowed, refusal, waited } from './passed.ts'
import { openSlots } from './slots.ts'
import { storeRequest } from './stored.ts'
import type { Arrived } from './target.ts'
import { admit, challenge } from './visit.ts'
import type { Place, Visit } from './visit.ts'

export interface HttpGateway {
  readonly server: Server
  /** Stops accepting, lets what is under way end until the deadline, then cuts. Who waits for a person is told at once. */
  drain(deadline: Promise<void>): Promise<void>
}

/** How often slow clients are looked for: limits are kept to within this. */
const sweepMs = 250

/** INVARIANT (broken-is-closed): whatever throws between reading and the guard's yes answers 503, and nothing is sent on. */
export function openHttpGateway(house: HttpHouse): HttpGateway {
  const limits = allLimits(house.limits)
  const connections = new Set<Connection<Visit>>()
  const stopping = new AbortController()
  const slots = openSlots(limits)
  const forwards = rememberingForwarded()
  const now = (): number => performance.now()
  const door: Door<Visit> = {
    admit: (head) => admit(house.targets, head, forwards),
    unreadable: ({ status, problem, detail }) =>
      plainProblem({ status, kind: problem, detail, headers: allowed(status) }, noShape),
    handle: (visit, body, reply) =>
      void serve({ house, visit, body, reply, slots, stopping: stopping.signal }),
  }
  const server = createServer({ noDelay: true, highWaterMark: 64 * 1024 }, (socket) => {
    const connection = new Connection(socket, door, limits, now)
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  })
  server.maxConnections = limits.connections
  const sweeper = setInterval(
    () => {
      for (const connection of connections) connection.sweep(now())
    },
    Math.min(sweepMs, limits.headMs),
  )
  sweeper.unref()
  return {
    server,
    drain: async (deadline) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      stopping.abort()
      for (const connection of connections) connection.drain()
      await Promise.race([closed, deadline])
      for (const connection of connections) connection.cut()
      await closed
      clearInterval(sweeper)
    },
  }
}

const noShape = { graphql: false, accept: null }

function allowed(status: number): readonly string[] {
  return status === 405 ? ['allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] : []
}

interface Serving {
  readonly house: HttpHouse
  readonly visit: Visit
  readonly body: Buffer
  readonly reply: Reply
  readonly slots: ReturnType<typeof openSlots>
  readonly stopping: AbortSignal
}

/** Never rejects. */
async function serve(serving: Serving): Promise<void> {
  const { reply, visit } = serving
  try {
    const answer = await answerOf(serving)
    if (answer !== null) reply.send(answer)
  } catch (thrown) {
    // Fail closed: nothing was forwarded. Faults of our own hold no secret; of others' words nothing is told.
    const known = thrown instanceof FirebreakError
    const detail = known ? thrown.message : 'something broke inside Firebreak; nothing was sent on'
    reply.send(plainProblem({ status: 503, kind: 'closed', detail }, visit.shape))
  }
}

/** The answer to send, or null when it is on its way. */
async function answerOf(serving: Serving): Promise<Answer | null> {
  const { house, visit, slots } = serving
  const problem = (plain: Plain): Answer => plainProblem(plain, visit.shape)
  const principal = authenticated(house, visit)
  if (typeof principal === 'string') return problem(challenge(principal, true))
  const leave = slots.enter(principal.root)
  if (leave === null)
    return problem({ status: 503, kind: 'busy', detail: 'too many requests are under way' })
  const { place } = visit
  if (place.kind === 'target') return await ask(serving, { principal, place, leave })
  try {
    return await statusOf(serving, principal.root, place.id)
  } finally {
    leave()
  }
}

/** Where a hold stands, for the grant that asked for it. */
async function statusOf(
  { house, visit, reply, stopping }: Serving,
  root: string,
  id: string,
): Promise<Answer> {
  const { wishes, shape } = visit
  const passed = await house.guard.status(id, root)
  if (passed === null || passed.kind === 'allowed') {
    const detail = `there is no hold \`${id}\` of this grant`
    return plainProblem({ status: 404, kind: 'no-hold', detail }, shape)
  }
  const later = await waited(house, passed, wishes, untilGone(reply, stopping))
  return refusal(later, shape, { ...wishes, async: true })
}

interface Asking {
  readonly principal: Principal
  readonly place: Extract<Place, { readonly kind: 'target' }>
  readonly leave: () => void
}

async function ask(serving: Serving, { principal, place, leave }: Asking): Promise<Answer | null> {
  const { house, visit, body, reply } = serving
  const { wishes, shape, lines } = visit
  const { target } = place.found
  let goes = false
  try {
    const arrived = arrivedOf(visit, place, body)
    const passed = await house.guard.pass({
      principal,
      target: target.name,
      platform: target.platform,
      operations: target.read(arrived),
      key: wishes.key,
      request: storeRequest(arrived),
      reason: wishes.reason,
    })
    if (passed.kind !== 'allowed') {
      const signal = wishes.waitMs > 0 ? untilGone(reply, serving.stopping) : serving.stopping
      return refusal(await waited(house, passed, wishes, signal), shape, wishes)
    }
    goes = true
    const { found } = place
    await forwardAllowed({ house, reply, found, arrived, lines, shape, leave }, passed)
    return null
  } finally {
    // What goes keeps its place until it is done.
    if (!goes) leave()
  }
}

function authenticated(house: HttpHouse, { head, token }: Visit): Principal | string {
  const host = headerOf(head.headers, 'host') ?? ''
  const [path = ''] = head.target.split('?')
  const proof = headerOf(head.headers, 'dpop')
  return house.authenticate({ token, method: head.method, url: `http://${host}${path}`, proof })
}

function arrivedOf({ head }: Visit, { route }: Asking['place'], body: Buffer): Arrived {
  return {
    method: head.method,
    path: route.path,
    query: route.query,
    contentType: headerOf(head.headers, 'content-type'),
    contentEncoding: headerOf(head.headers, 'content-encoding'),
    accept: headerOf(head.headers, 'accept'),
    body,
  }
}

/** Aborts when the client has gone, or the gateway stops. */
function untilGone(reply: Reply, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.onGone(() => gone.abort())
  return AbortSignal.any([gone.signal, stopping])
}
