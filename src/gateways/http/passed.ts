/** The guard's answer in HTTP's words. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isObject } from '../../base/json.ts'
import type { Principal } from '../../core/principal.ts'
import type { Passed } from '../../guard/passed.ts'
import { plainProblem, receiptPath, toldProblem } from './answer.ts'
import type { Answer, Shape } from './answer.ts'
import { forward } from './forward.ts'
import type { HttpHouse } from './house.ts'
import type { Lives } from './lives.ts'
import type { Wishes } from './prefer.ts'
import type { Arrived, HttpTarget } from './target.ts'
import type { Upstream } from './upstream.ts'

/** The gateway's house, with the answers that are on their way. */
export type LiveHouse = HttpHouse & { readonly lives: Lives }

export interface Exchange {
  readonly house: LiveHouse
  readonly principal: Principal
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly found: { readonly target: HttpTarget; readonly upstream: Upstream }
  readonly arrived: Arrived
  readonly wishes: Wishes
  readonly shape: Shape
}

type Settled = Exclude<Passed, { readonly kind: 'allowed' }>

/** Forwards what was allowed (and gives null), waits for what is held where that is wished, or tells. */
export function answerPassed(exchange: Exchange, passed: Passed): Promise<Answer | null> {
  return passed.kind === 'allowed'
    ? forwardAllowed(exchange, passed)
    : answerSettled(exchange, passed)
}

async function answerSettled(exchange: Exchange, passed: Settled): Promise<Answer> {
  const { house, outgoing, wishes, shape } = exchange
  if (passed.kind !== 'held' || wishes.waitMs === 0 || passed.told.holdId === null)
    return refusal(passed, shape, wishes.async)
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  const later = await house.guard.wait(passed.told.holdId, wishes.waitMs, gone.signal)
  return later === null || later.kind === 'allowed'
    ? refusal(passed, shape, wishes.async)
    : refusal(later, shape, wishes.async)
}

/** Where a hold stands, as its status URL answers: always 200-shaped unless it is settled. */
export function statusAnswer(passed: Settled, shape: Shape): Answer {
  return refusal(passed, shape, true)
}

async function forwardAllowed(
  { house, principal, incoming, outgoing, found, arrived, shape }: Exchange,
  passed: Extract<Passed, { readonly kind: 'allowed' }>,
): Promise<null> {
  const credential = await credentialOr(house, found.target.name, passed)
  if (!passed.clearance.spend(passed.digest)) throw new Error('the clearance is spent')
  const abortable = passed.action.operations.every(({ effect }) => effect === 'read')
  const way = {
    incoming,
    outgoing,
    request: arrived,
    upstream: found.upstream,
    credential,
    redactor: house.redactor(credential),
    shape,
    abortable,
    queueMs: house.limits.queueMs,
    idleMs: house.limits.idleMs,
    landed: passed.landed,
    done: passed.done,
    sent: (id: string) => house.sent(found.target.name, id),
  }
  const leave = house.lives.enter(principal, outgoing)
  try {
    await forward(way)
  } finally {
    leave()
  }
  return null
}

/** The credential; where none can be had, the outcome is told before the fault goes on. */
async function credentialOr(
  house: HttpHouse,
  target: string,
  passed: Extract<Passed, { readonly kind: 'allowed' }>,
): ReturnType<HttpHouse['credential']> {
  try {
    return await house.credential(target)
  } catch (thrown) {
    // Told, then thrown on: the request is refused.
    passed.done(503, 'no credential')
    throw thrown
  }
}

function refusal(passed: Settled, shape: Shape, async: boolean): Answer {
  const statusUrl = passed.told.holdId === null ? null : `/.firebreak/holds/${passed.told.holdId}`
  switch (passed.kind) {
    case 'denied':
      return toldProblem(passed.told, { kind: 'denied', status: 403, statusUrl }, shape)
    case 'held':
      return toldProblem(passed.told, { kind: 'held', status: async ? 202 : 403, statusUrl }, shape)
    case 'scheduled':
      return toldProblem(passed.told, { kind: 'scheduled', status: 202, statusUrl }, shape)
    case 'settled':
      return outcome(passed, { shape, statusUrl })
  }
}

/** The answer of the one execution, as it came; where none came, what is known. */
function outcome(
  passed: Extract<Passed, { readonly kind: 'settled' }>,
  { shape, statusUrl }: { readonly shape: Shape; readonly statusUrl: string | null },
): Answer {
  const stored = storedAnswer(passed)
  if (stored !== null) return stored
  if (passed.ok)
    return plainProblem(
      { status: 200, kind: 'done', detail: passed.told.findings[0]?.message ?? 'done' },
      shape,
    )
  return toldProblem(passed.told, { kind: 'failed', status: 403, statusUrl }, shape)
}

function storedAnswer({
  answer,
  told,
}: Extract<Passed, { readonly kind: 'settled' }>): Answer | null {
  if (!isObject(answer)) return null
  const { status, contentType, body } = answer
  if (typeof status !== 'number' || status < 200 || typeof body !== 'string') return null
  const bytes = Buffer.from(body, 'base64')
  const type = typeof contentType === 'string' ? ['content-type', contentType] : []
  return {
    status,
    headers: [
      ...type,
      'content-length',
      String(bytes.length),
      'firebreak-replayed',
      'true',
      ...(told.entry === null ? [] : ['firebreak-receipt', receiptPath(told.entry)]),
    ],
    body: bytes,
  }
}
