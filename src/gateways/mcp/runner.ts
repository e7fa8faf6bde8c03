/** Runs a stored request, once: the clearance is spent, a session of our own is begun, the answer comes back whole. */
import { FirebreakError, messageOf } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { actionDigest } from '../../core/action.ts'
import type { Ran, Runner } from '../../guard/ports.ts'
import { openStored } from './asked.ts'
import { hashOf } from './catalog.ts'
import type { StoredRequest } from './asked.ts'
import type { Line } from './target.ts'

export interface RunnerHouse {
  /** The tools as the server tells of them now. */
  readonly tools: (line: Line) => Promise<readonly JsonObject[]>
  readonly line: (signal: AbortSignal) => Promise<Line>
  readonly deadline: (ms: number) => AbortSignal
  /** Takes the credential out of what comes back. */
  readonly redact: (bytes: Buffer) => Promise<Buffer>
}

const runMs = 120_000

export function openMcpRunner({ line, deadline, redact, tools }: RunnerHouse): Runner {
  /** INVARIANT (pinned): what was approved is a call of the tool that it was then. */
  const becameOther = async (
    { params, hash: before }: StoredRequest,
    session: Line,
  ): Promise<string | null> => {
    if (before === null) return null
    const told = await tools(session).catch(() => null)
    if (told === null) return 'not sent: its server does not tell of its tools'
    const now = told.filter(({ name }) => name === params['name']).map(hashOf)
    return now.length > 0 && now.every((hash) => hash === before) ? null : other
  }
  return {
    // No server of MCP tells what it has done: a person settles what a crash has cut.
    happened: () => Promise.resolve('unknown'),
    run: async (clearance, action, stored) => {
      const request = openStored(stored)
      if (request === null)
        throw new FirebreakError('broken_store', 'what is stored is not a request')
      const session = await line(deadline(runMs))
      try {
        const why = await becameOther(request, session)
        if (why !== null) return refused(why)
        if (!clearance.spend(actionDigest(action)))
          throw new FirebreakError(
            'internal',
            'the clearance does not cover this action, or is spent',
          )
        return ranOf(await asked(session, request.method, request.params), redact)
      } finally {
        await session.close()
      }
    },
  }
}

/** What the server says, or that it refused; what broke on the way is thrown. */
async function asked(session: Line, method: string, params: JsonObject): Promise<Answered> {
  try {
    return { result: await session.ask(method, params), why: null }
  } catch (thrown) {
    const why = messageOf(thrown)
    // An answer that says no is an outcome; no answer is not known to be one.
    if (why.startsWith('the server says:')) return { result: {}, why }
    throw thrown
  }
}

const other = 'not sent: its server tells of the tool in other words than when it was asked for'

function refused(summary: string): Ran {
  return { kind: 'failed', status: 400, summary, answer: null }
}

interface Answered {
  readonly result: JsonObject
  readonly why: string | null
}

async function ranOf({ result, why }: Answered, redact: RunnerHouse['redact']): Promise<Ran> {
  if (why !== null) return refused(why)
  const bytes = await redact(Buffer.from(JSON.stringify({ result })))
  const parsed = parseJson(bytes.toString('utf8'))
  const isError = result['isError'] === true
  return {
    kind: isError ? 'failed' : 'executed',
    status: isError ? 400 : 200,
    summary: isError ? 'the tool answered with an error' : 'done',
    answer: isObject(parsed) ? parsed : null,
  }
}
