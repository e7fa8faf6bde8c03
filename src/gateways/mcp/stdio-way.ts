/** The way to a server that is a process: one for each session, as a client that starts it by itself would have it. */
import { randomUUID } from 'node:crypto'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import { plainProblem } from '../http/answer.ts'
import type { Answer } from '../http/answer.ts'
import type { Redactor, Visit } from '../http/house.ts'
import { jsonAnswer } from './answer.ts'
import { noSession, sessionOf } from './http-way.ts'
import { shownMessage } from './listed.ts'
import type { Shows } from './listed.ts'
import { startProcess } from './process.ts'
import type { Process, Started } from './process.ts'
import { replyOn, streamHead, writeEvent } from './reply.ts'
import { openStdioLine } from './stdio-line.ts'
import { openTalk, tokenIn } from './talk.ts'
import type { Talk, Waiting } from './talk.ts'
import type { Message } from '../../wire/jsonrpc.ts'
import { ownerOf } from './sessions.ts'
import type { Principal } from '../../core/principal.ts'
import type { Going, Way } from './target.ts'

export interface StdioWayHouse {
  /** What is started, with the credential in its environment. */
  readonly start: (credential: Secret | null) => Started
  readonly credential: () => Promise<Secret | null>
  readonly redactor: (secret: Secret | null) => Redactor
  readonly shows: (visit: Visit) => Shows
  /** How many processes at a time, in all and for each grant, and how long one stays that nobody talks to. */
  readonly limits: { readonly processes: number; readonly each: number; readonly idleMs: number }
}

interface Session {
  readonly root: string
  readonly owner: string
  readonly talk: Talk
  readonly process: Process
  readonly credential: Secret | null
  /** Milliseconds of the steady clock. */
  usedAt: number
}

export function stdioWay(house: StdioWayHouse): Way {
  const sessions = new Map<string, Session>()
  const sweep = setInterval(() => {
    for (const [id, { talk, usedAt, process }] of sessions)
      if (talk.isIdle() && performance.now() - usedAt > house.limits.idleMs) {
        sessions.delete(id)
        process.end()
      }
  }, 10_000).unref()

  const begin = async (id: string, principal: Principal): Promise<Session | null> => {
    const { root } = principal
    const own = [...sessions.values()].filter((one) => one.root === root)
    if (sessions.size >= house.limits.processes || own.length >= house.limits.each) return null
    const credential = await house.credential()
    const ears = {
      message: (message: JsonObject) => talk.heard(message),
      ended: (why: string) => {
        sessions.delete(id)
        talk.ended(why)
      },
    }
    const process = startProcess(house.start(credential), ears)
    const talk = openTalk(process.write)
    const session = {
      root,
      owner: ownerOf(principal),
      talk,
      process,
      credential,
      usedAt: performance.now(),
    }
    sessions.set(id, session)
    return session
  }

  /** INVARIANT (own session): a session is its grant's; what belongs to none (MCP 2026-07-28) has one process for each grant. */
  const sessionFor = async (going: Going): Promise<Found> => {
    const { visit, message } = going
    const owner = ownerOf(visit.principal)
    const named = sessionOf(visit.incoming.headers)
    if (named !== null) {
      const found = sessions.get(named)
      return found?.owner === owner ? { session: found, id: null } : { answer: noSession() }
    }
    const isHello = message.kind === 'request' && message.method === 'initialize'
    const id = isHello ? randomUUID() : `of ${owner}`
    const session = (isHello ? undefined : sessions.get(id)) ?? (await begin(id, visit.principal))
    return session === null ? { answer: tooMany() } : { session, id: isHello ? id : null }
  }

  const send = async (going: Going): Promise<Answer | null> => {
    const { passed } = going
    try {
      const found = await sessionFor(going)
      if ('answer' in found) passed?.done(503, 'no process')
      return 'answer' in found ? found.answer : say(house, going, found)
    } catch (thrown) {
      // Told, then thrown on: the request is refused.
      passed?.done(503, 'not sent')
      throw thrown
    }
  }

  const other = async (visit: Visit): Promise<Answer | null> => {
    const id = sessionOf(visit.incoming.headers)
    const session = id === null ? undefined : sessions.get(id)
    if (id === null) return await Promise.resolve(notHere())
    if (session === undefined || session.owner !== ownerOf(visit.principal)) return noSession()
    if (visit.incoming.method === 'DELETE') {
      sessions.delete(id)
      session.process.end()
      session.talk.ended('the session has ended')
      return jsonAnswer(204, null)
    }
    const shown = shownBy(house, visit, session.credential)
    visit.outgoing.on('close', visit.enter())
    visit.outgoing.writeHead(200, [...streamHead])
    visit.outgoing.flushHeaders()
    session.talk.stream(visit.outgoing, (message) => writeEvent(visit.outgoing, shown(message)))
    return null
  }
  return {
    send,
    other,
    line: async (signal) => {
      const credential = await house.credential()
      return await openStdioLine(house.start(credential), signal)
    },
    close: async () => {
      clearInterval(sweep)
      for (const { process } of sessions.values()) process.end()
      await Promise.resolve()
    },
  }
}

/** Says it to the process; the answer comes when it comes. */
function say(house: StdioWayHouse, going: Going, { session, id }: Spoken): Answer | null {
  const { message, passed } = going
  session.usedAt = performance.now()
  const body = parseJson(Buffer.from(going.body).toString('utf8'))
  if (!isObject(body)) throw new Error('a message was read that is none')
  if (message.kind === 'request' && session.talk.isFull()) {
    passed?.done(503, 'not sent')
    return busy('as many calls of this session are under way as may')
  }
  if (passed !== null && !passed.clearance.spend(passed.digest))
    throw new Error('the clearance is spent')
  if (message.kind !== 'request') {
    session.talk.tell(body)
    return jsonAnswer(202, null)
  }
  session.talk.ask(body, waitingFor(house, going, { session, id }, message))
  return null
}

function waitingFor(
  house: StdioWayHouse,
  { visit, passed }: Going,
  { session, id }: Spoken,
  message: Extract<Message, { readonly kind: 'request' }>,
): Waiting {
  const how = {
    id: message.id,
    token: tokenIn(message.params),
    shown: shownBy(house, visit, session.credential),
    headers: id === null ? [] : ['mcp-session-id', id],
    landed: passed?.landed ?? (() => {}),
    done: passed?.done ?? (() => {}),
  }
  return replyOn(visit, how, visit.enter())
}

interface Spoken {
  readonly session: Session
  /** Of a session that has begun just now. */
  readonly id: string | null
}

type Found = Spoken | { readonly answer: Answer }

/** The text of a message for this visitor: without what may not be shown, and without the credential. */
function shownBy(
  { redactor, shows }: StdioWayHouse,
  visit: Visit,
  credential: Secret | null,
): (message: JsonObject) => string {
  const may = shows(visit)
  return (message) => {
    const bytes = Buffer.from(JSON.stringify(shownMessage(message, may)))
    const looks = redactor(credential)
    return Buffer.concat([looks.push(bytes), looks.end()]).toString('utf8')
  }
}

function tooMany(): Answer {
  return busy('as many of this server run as may; end a session first')
}

function busy(detail: string): Answer {
  return plainProblem({ status: 503, kind: 'busy', detail }, { graphql: false, accept: null })
}

/** As the specification has it for a server without a stream of its own. */
function notHere(): Answer {
  const detail = 'a stream belongs to a session'
  return plainProblem({ status: 405, kind: 'method', detail }, { graphql: false, accept: null })
}
