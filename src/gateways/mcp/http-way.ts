/** The way to a server that speaks Streamable HTTP: what is let through goes as it came, with the real credential. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Secret } from '../../base/secret.ts'
import { plainProblem } from '../http/answer.ts'
import { forward } from '../http/forward.ts'
import type { Redactor, Visit } from '../http/house.ts'
import type { Answer } from '../http/answer.ts'
import { one } from '../http/prefer.ts'
import type { Upstream } from '../http/upstream.ts'
import { openHttpLine } from './http-line.ts'
import { openListed } from './listed.ts'
import type { Shows } from './listed.ts'
import { openRenewed } from './renewed.ts'
import { openSessions, ownerOf } from './sessions.ts'
import type { Going, Way } from './target.ts'

export interface HttpWayHouse {
  readonly upstream: Upstream
  /** Of our own questions and of approved acts. */
  readonly own: Upstream
  readonly credential: () => Promise<Secret | null>
  /** Another in the place of one that the server refuses. */
  readonly renew: (refused: Secret) => Promise<Secret | null>
  readonly redactor: (secret: Secret | null) => Redactor
  /** What this visitor may be shown. */
  readonly shows: (visit: Visit) => Shows
  readonly limits: { readonly queueMs: number; readonly idleMs: number }
}

export function httpWay(house: HttpWayHouse): Way {
  // INVARIANT (own session): a session is its grant's; another grant's holder does not find it.
  const sessions = openSessions()
  const relay = async (
    visit: Visit,
    { body, passed, mayStop }: Pick<Going, 'body' | 'passed'> & { readonly mayStop: boolean },
  ): Promise<Answer | null> => {
    const { incoming, outgoing, principal } = visit
    const session = sessionOf(incoming.headers)
    if (session !== null && !sessions.isOf(session, ownerOf(principal))) return noSession()
    // Events that are sent again belong to a session; without one nobody could say whose they are.
    if (session === null && incoming.headers['last-event-id'] !== undefined) return noSession()
    let credential = await credentialOr(house, passed)
    const upstream = openRenewed({
      upstream: house.upstream,
      renew: house.renew,
      took: (fresh) => {
        credential = fresh
      },
    })
    if (passed !== null && !passed.clearance.spend(passed.digest))
      throw new Error('the clearance is spent')
    let isStream = false
    const leave = visit.enter()
    try {
      await forward({
        incoming,
        outgoing,
        request: { ...bare, method: incoming.method ?? 'POST', body },
        upstream,
        credential,
        redactor: openListed(
          late(() => house.redactor(credential)),
          () => isStream,
          house.shows(visit),
        ),
        shape: { graphql: false, accept: null },
        abortable: mayStop,
        ...house.limits,
        sent: () => {},
        head: (headers) => {
          isStream = isEventStream(headers['content-type'])
          const begun = one(headers['mcp-session-id'])
          if (begun !== null) sessions.begin(begun, ownerOf(principal))
          // What is taken out of a list makes it shorter.
          return withoutLength(headers)
        },
        landed: passed?.landed ?? (() => {}),
        done: passed?.done ?? (() => {}),
      })
    } finally {
      leave()
    }
    return null
  }
  return {
    send: async ({ visit, body, passed }) =>
      await relay(visit, { body, passed, mayStop: passed === null || readsOnly(passed) }),
    other: async (visit) => await relay(visit, { body: nothing, passed: null, mayStop: true }),
    line: async (signal) => {
      const upstream = openRenewed({ upstream: house.own, renew: house.renew, took: () => {} })
      return await openHttpLine(upstream, await house.credential(), signal)
    },
    close: async () => {
      await Promise.all([house.upstream.close(), house.own.close()])
    },
  }
}

/** Made when the answer begins: until then the credential may be another. */
function late(make: () => Redactor): Redactor {
  let made: Redactor | null = null
  const redactor = (): Redactor => (made ??= make())
  return {
    push: (chunk) => redactor().push(chunk),
    end: () => redactor().end(),
    whole: (text) => redactor().whole(text),
  }
}

const nothing = new Uint8Array(0)
const bare = { path: '', query: '', contentType: null, contentEncoding: null, accept: null }

function isEventStream(type: unknown): boolean {
  return typeof type === 'string' && type.trim().toLowerCase().startsWith('text/event-stream')
}

function withoutLength<T>(headers: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length')
  return Object.fromEntries(kept)
}

function readsOnly({ action }: NonNullable<Going['passed']>): boolean {
  return action.operations.every(({ effect }) => effect === 'read')
}

/** The credential; where none can be had, the outcome is told before the fault goes on. */
async function credentialOr(house: HttpWayHouse, passed: Going['passed']): Promise<Secret | null> {
  try {
    return await house.credential()
  } catch (thrown) {
    // Told, then thrown on: the request is refused.
    passed?.done(503, 'no credential')
    throw thrown
  }
}

export function sessionOf(headers: IncomingHttpHeaders): string | null {
  return one(headers['mcp-session-id'])
}

/** As the specification has it: the client begins another. */
export function noSession(): Answer {
  const detail = 'there is no such session for this grant'
  return plainProblem({ status: 404, kind: 'session', detail }, { graphql: false, accept: null })
}
