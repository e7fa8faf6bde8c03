/** The guard's answer in HTTP's words. */
import { FirebreakError } from '../../base/error.ts'
import { isObject } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { Passed } from '../../guard/passed.ts'
import { plainProblem, toldProblem } from './answer.ts'
import type { Answer, Shape } from './answer.ts'
import type { Reply } from './connection.ts'
import { forward } from './forward.ts'
import type { HttpHouse } from './house.ts'
import type { Wishes } from './prefer.ts'
import type { Arrived } from './target.ts'

export interface Exchange {
  readonly house: HttpHouse
  readonly reply: Reply
  readonly found: NonNullable<ReturnType<HttpHouse['targets']['get']>>
  readonly arrived: Arrived
  /** What of the client's head goes on. */
  readonly lines: string
  /** Gives the request's place up. */
  readonly leave: () => void
  readonly shape: Shape
}

export type Allowed = Extract<Passed, { readonly kind: 'allowed' }>
export type Settled = Exclude<Passed, Allowed>

/** Waits for a person where the client wishes it and the action is held; what stands after that. */
export async function waited(
  house: HttpHouse,
  passed: Settled,
  { waitMs }: Wishes,
  signal: AbortSignal,
): Promise<Settled> {
  const { holdId } = passed.told
  if (passed.kind !== 'held' || waitMs === 0 || holdId === null) return passed
  const later = await house.guard.wait(holdId, waitMs, signal)
  return later === null || later.kind === 'allowed' ? passed : later
}

/** The answer to whoever asked for an action that does not simply go, or asks where it stands. */
export function refusal(passed: Settled, shape: Shape, wishes: Wishes): Answer {
  const { holdId } = passed.told
  const statusUrl = holdId === null ? null : `/.firebreak/holds/${holdId}`
  const applied = [
    ...(wishes.async ? ['respond-async'] : []),
    ...(wishes.waitMs > 0 ? [`wait=${wishes.waitMs / 1000}`] : []),
  ]
  const headers = applied.length === 0 ? [] : ['preference-applied', applied.join(', ')]
  switch (passed.kind) {
    case 'denied':
      return toldProblem(passed.told, { kind: 'denied', status: 403, statusUrl, headers }, shape)
    case 'held': {
      // Only who asked for it gets 202: nobody else shall take a hold for success.
      const status = wishes.async ? 202 : 403
      return toldProblem(passed.told, { kind: 'held', status, statusUrl, headers }, shape)
    }
    case 'scheduled':
      return toldProblem(passed.told, { kind: 'scheduled', status: 202, statusUrl, headers }, shape)
    case 'settled':
      return outcome(passed, shape, statusUrl)
  }
}

/**
 * Sends what was allowed; `done` hears the end, also when it never began.
 * INVARIANT (destroy-needs-clearance): nothing is sent without spending the clearance for this very digest.
 */
export async function forwardAllowed(exchange: Exchange, passed: Allowed): Promise<void> {
  const { house, reply, found, arrived, shape } = exchange
  const done: Allowed['done'] = (status, summary) => {
    exchange.leave()
    passed.done(status, summary)
  }
  if (reply.isGone) {
    done(0, 'the client had gone before it was sent')
    return
  }
  try {
    const credential = await house.credential(found.target.name)
    if (!passed.clearance.spend(passed.digest))
      throw new FirebreakError('internal', 'the clearance does not cover this action, or is spent')
    const { method, path, query, body } = arrived
    forward({
      reply,
      outgoing: { method, path, query, headers: exchange.lines, body },
      upstream: found.upstream,
      credential,
      redactor: house.redactor,
      shape,
      reads: passed.action.operations.every(({ effect }) => effect === 'read'),
      sent: (id) => house.sent(found.target.name, id),
      done,
    })
  } catch (thrown) {
    // The outcome is told before the fault goes on: it was not sent.
    done(0, 'broken before it was sent')
    throw thrown
  }
}

/** The answer of the one execution, as it came; where none came, what is known. */
function outcome(
  passed: Extract<Passed, { readonly kind: 'settled' }>,
  shape: Shape,
  statusUrl: string | null,
): Answer {
  const stored = storedAnswer(passed.answer)
  if (stored !== null) return stored
  const detail = passed.told.findings[0]?.message ?? 'done'
  if (passed.ok) return plainProblem({ status: 200, kind: 'done', detail, executed: true }, shape)
  return toldProblem(passed.told, { kind: 'failed', status: 403, statusUrl }, shape)
}

function storedAnswer(answer: Json): Answer | null {
  if (!isObject(answer)) return null
  const { status, contentType, body } = answer
  if (typeof status !== 'number' || status < 200 || typeof body !== 'string') return null
  const bytes = Buffer.from(body, 'base64')
  const type = typeof contentType === 'string' ? ['content-type', contentType] : []
  return {
    status,
    headers: [...type, 'content-length', String(bytes.length), 'firebreak-replayed', 'true'],
    body: bytes,
  }
}
