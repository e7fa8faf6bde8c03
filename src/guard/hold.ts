/** Holds as rows: opened for what waits for a person, found again by the action's digest. */
import { newId } from '../base/clock.ts'
import { FirebreakError, messageOf } from '../base/error.ts'
import { canonical, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Action } from '../core/action.ts'
import { next, settled } from '../core/hold.ts'
import type { HoldEvent } from '../core/hold.ts'
import type { Finding } from '../core/verdict.ts'
import { signingAt, voiceOf, voices } from './approved.ts'
import type { House } from './house.ts'
import type { MeasuredAction } from './measure.ts'
import type { Asked, Decision, EntryKind, Tx } from './ports.ts'
import { actionEntry } from './record.ts'
import type { HoldRow } from './rows.ts'
import { termsDigest } from './terms.ts'
import { alternativesOf, operationNames } from './told.ts'

export interface Opening {
  readonly asked: Asked
  readonly measured: MeasuredAction
  readonly decision: Decision
  readonly digest: string
}

/** The hold that this very action already has: alive, or settled within the outcome window; else null. */
export async function findHold(house: House, tx: Tx, digest: string): Promise<HoldRow | null> {
  const now = house.clock.now()
  const found = await tx.find('hold', { digest })
  const fresh = found.filter(
    (hold) => hold.settledAt === null || now - hold.settledAt < house.limits.outcomeMs,
  )
  return fresh.at(-1) ?? null
}

/** Opens a hold and writes its entry, in the caller's transaction. What runs later is what is sealed here. */
export async function openHold(house: House, tx: Tx, opening: Opening): Promise<HoldRow> {
  const { asked, measured, decision, digest } = opening
  const now = house.clock.now()
  const id = newId('hold', now, house.chance)
  const { action, radius } = measured
  const signers = signingAt(await house.signers(tx), now)
  const needed = Math.min(decision.approvals, Math.max(1, voices(signers)))
  const able = voices(
    signers
      .filter((one) => ![one.name, voiceOf(one)].some((name) => house.asks(asked.principal, name)))
      .filter(({ hasPasskey }) => decision.factor === undefined || hasPasskey === true),
  )
  const counts = { asked: decision.approvals, needed, able, factor: decision.factor }
  const findings = [...decision.verdict.findings, ...countFindings(counts)]
  const { policies, set } = decision
  const factor = decision.factor === undefined ? {} : { factor: decision.factor }
  const asks = decision.factor === undefined ? {} : { asksFactor: decision.factor }
  const extra = { approvalsNeeded: needed, ...asks, policies, set }
  const facts = { digest, subject: id, findings, radius, extra }
  const entry = await house.ledger.append(tx, [actionEntry('held', now, action, facts)])
  const terms = {
    id,
    digest,
    principal: asked.principal,
    action: masked(action),
    radius,
    findings,
    alternatives: alternativesOf(action),
    reason: asked.reason,
    entry,
    requestedAt: now,
    expiresAt: now + house.limits.holdMs,
    approvalsAsked: decision.approvals,
    approvalsNeeded: needed,
    graceMs: decision.graceMs,
    needsRecoveryPoint: decision.needsRecoveryPoint,
    ...factor,
  }
  const { request, platform } = asked
  const stored: Json = toJson({ action, request, platform, terms: termsDigest(terms) })
  const row: HoldRow = {
    ...terms,
    state: 'open',
    sealed: house.seal.seal(canonical(stored), `hold:${id}`),
    approvals: [],
    executesAt: null,
    last: entry,
    recoveryPoints: [],
    settledAt: null,
    outcome: null,
    closing: null,
  }
  await tx.put('hold', row)
  await house.notices.tellIn(tx, { kind: 'hold', hold: row })
  house.notices.tell(
    'hold',
    `${action.principal} asks for ${operationNames(action)} on ${action.target}`,
    id,
  )
  return row
}

/** How many holds of one root grant wait: more than the limit is a flood that would tire people. */
export async function openHolds(tx: Tx, root: string): Promise<number> {
  const open = await tx.find('hold', { state: 'open' })
  return open.filter((hold) => hold.principal.root === root).length
}

/** What waits is read by a person and kept for hours: more than this is for neither. In characters. */
const mostHeld = 128_000

/** The finding where an action is too large to wait, else null. */
export function tooLarge(asked: Asked, { action }: MeasuredAction): Finding | null {
  const size = JSON.stringify([asked.request, action]).length
  if (size <= mostHeld) return null
  const message = `this has to wait for a person, and it is too large for one to read: send it in smaller parts`
  return { rule: 'too-large-to-hold', message }
}

export interface Move {
  readonly event: HoldEvent
  readonly entry: EntryKind
  readonly change?: Partial<HoldRow>
  readonly extra?: { readonly [key: string]: Json }
}

/** What moving a hold takes: nobody who moves one can forget its leases, or to tell what came of it. */
export type Mover = Pick<House, 'ledger' | 'clock' | 'release' | 'notices'>

/** What people are told of: it ran, failed, or was approved and may not run after all. */
const ending: ReadonlySet<HoldEvent> = new Set(['succeed', 'fail', 'refuse'])

/** After these it never runs, so what it leaned on is free again. After an act it is not: the undo leans on it. */
const freeing: ReadonlySet<HoldEvent> = new Set(['reject', 'refuse', 'expire', 'undo'])

/** Moves a hold on by one event and writes its entry; throws `wrong_state` where the event may not happen. */
export async function move(house: Mover, tx: Tx, hold: HoldRow, step: Move): Promise<HoldRow> {
  const state = next(hold.state, step.event)
  if (state === null)
    throw new FirebreakError(
      'wrong_state',
      `\`${hold.id}\` is ${hold.state}: it cannot ${step.event}`,
    )
  if (freeing.has(step.event)) await house.release(tx, hold.id)
  const now = house.clock.now()
  const settledAt = settled(state) ? now : null
  const facts = { digest: hold.digest, subject: hold.id, extra: { state, ...step.extra } }
  const last = await house.ledger.append(tx, [actionEntry(step.entry, now, hold.action, facts)])
  const row: HoldRow = { ...hold, ...step.change, state, settledAt, last }
  await tx.put('hold', row)
  if (ending.has(step.event)) await house.notices.tellIn(tx, { kind: 'act', hold: row })
  return row
}

/** The row by id; throws `not_found`. */
export async function holdById(tx: Tx, id: string): Promise<HoldRow> {
  const hold = await tx.get('hold', id)
  if (hold === null)
    throw new FirebreakError(
      'not_found',
      `there is no hold \`${id}\``,
      'list them with `firebreak holds`',
    )
  return hold
}

export interface Stored {
  readonly action: Action
  readonly request: Json
  readonly platform: string
  readonly terms: string
}

/** What was sealed when the hold was opened; throws where a bit of it, or of the row's terms, has changed since. */
export function openStored(house: Pick<House, 'seal'>, hold: HoldRow): Stored {
  const stored = parseJson(house.seal.open(hold.sealed, `hold:${hold.id}`))
  if (!isObject(stored) || !isStored(stored))
    throw new FirebreakError('broken_store', `what \`${hold.id}\` stores is not an action`)
  if (stored.terms !== termsDigest(hold))
    throw new FirebreakError(
      'broken_store',
      `\`${hold.id}\` is not as it was opened: somebody has written into the state`,
      'deny it, and look who can write there',
    )
  return stored
}

/** The same, or one line why not: a hold that was written over ends, it is not tried for ever. */
export function storedOrWhy(house: Pick<House, 'seal'>, hold: HoldRow): Stored | string {
  try {
    return openStored(house, hold)
  } catch (thrown) {
    // Whatever does not open is not what was approved.
    return messageOf(thrown)
  }
}

function isStored(value: object): value is Stored {
  return 'action' in value && 'request' in value && 'platform' in value && 'terms' in value
}

/**
 * An approval count above those who are enrolled would be a deny in disguise: it is capped, and said. Who asks, or stands in
 * the chain that does, lowers no count: an agent, or one approver alone, could put the others there.
 */
function countFindings(counts: {
  readonly asked: number
  readonly needed: number
  readonly able: number
  readonly factor: Decision['factor']
}): readonly Finding[] {
  const { asked, needed, able, factor } = counts
  const capped = `the policy asks for ${asked} approvals, more than are enrolled: ${needed} must do`
  const short = `${needed} must approve, and ${able} of those who are enrolled can: who asks never approves${factor === undefined ? '' : ', nor does a one-time code'}; enrol another${factor === undefined ? '' : ' with a passkey'}, or it expires`
  return [
    ...(asked > needed ? [{ rule: 'approvals-capped', message: capped }] : []),
    ...(able < needed ? [{ rule: 'approvals-short', message: short }] : []),
  ]
}

/** The action without its secrets: masked parameters stand where the real ones were. */
function masked(action: Action): Action {
  const operations = action.operations.map((op) => ({ ...op, parameters: op.shown }))
  return { ...action, operations }
}
