/** Runs a stored request, once: the clearance is spent, a session of our own is begun, the answer comes back whole. */
import { FirebreakError, messageOf } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { actionDigest } from '../../core/action.ts'
import type { Ran, Runner } from '../../guard/ports.ts'
import { openStored } from './asked.ts'
import type { StoredRequest } from './asked.ts'
import type { Line } from './target.ts'

export interface RunnerHouse {
  /** The hash of a tool as its server tells of it now; null where nothing is known. */
  readonly hash: (tool: string) => string | null
  readonly line: (signal: AbortSignal) => Promise<Line>
  readonly deadline: (ms: number) => AbortSignal
  /** Takes the credential out of what comes back. */
  readonly redact: (bytes: Buffer) => Promise<Buffer>
}

const runMs = 120_000

export function openMcpRunner({ line, deadline, redact, hash }: RunnerHouse): Runner {
  /** INVARIANT (pinned): what was approved is a call of the tool that it was then. */
  const hasBecome = ({ params, hash: before }: StoredRequest): boolean => {
    const { name } = params
    const now = typeof name === 'string' ? hash(name) : null
    return before !== null && now !== null && before !== now
  }
  return {
    // No server of MCP tells what it has done: a person settles what a crash has cut.
    happened: () => Promise.resolve('unknown'),
    run: async (clearance, action, stored) => {
      const request = openStored(stored)
      if (request === null)
        throw new FirebreakError('broken_store', 'what is stored is not a request')
      if (hasBecome(request)) return refused(becameOther)
      const session = await line(deadline(runMs))
      try {
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

const becameOther =
  'not sent: its server tells of the tool in other words than when it was asked for'

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
