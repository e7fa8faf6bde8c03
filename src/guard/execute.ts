/** The act itself: one transaction checks everything again and takes the leases, then the stored action runs, once. */
import { FirebreakError, messageOf } from '../base/error.ts'
import { canonical } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { actionDigest } from '../core/action.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import { Clearance } from '../core/clearance.ts'
import type { Resource } from '../core/resource.ts'
import { hold as held } from '../core/verdict.ts'
import { approvedDigest } from './approved.ts'
import { decide } from './decide.ts'
import type { Halts } from './halt.ts'
import { holdById, move, storedOrWhy } from './hold.ts'
import type { Stored } from './hold.ts'
import type { House } from './house.ts'
import { measure, outside } from './measure.ts'
import type { MeasuredAction } from './measure.ts'
import type { Asked, Ran, Tx } from './ports.ts'
import type { HoldRow } from './rows.ts'
import { wayBack } from './safeguard.ts'
import { lean, leant } from './lean.ts'
import { earliest } from './terms.ts'

/** What the re-check found: go on leaning on these recovery points, wait (halted), or why not. */
type Rechecked =
  | {
      readonly kind: 'go'
      readonly stored: Stored
      readonly radius: BlastRadius
      readonly points: readonly string[]
    }
  | { readonly kind: 'wait' }
  | { readonly kind: 'refuse'; readonly why: string }

/**
 * Runs one scheduled hold whose time has come; gives where it stands then.
 * INVARIANT (E1–E5): approved, in time, not undone, once, and what is stored. INVARIANT (E6): its lease is taken with it.
 */
export async function execute(house: House, halts: Halts, id: string): Promise<HoldRow> {
  const before = await house.state.transact((tx) => holdById(tx, id))
  const checked = await recheck(house, halts, before)
  if (checked.kind === 'wait') return before
  if (checked.kind === 'refuse') return await refuse(house, id, checked.why)
  const { row: started, approved } = await house.state.transact((tx) =>
    start(house, halts, tx, { id, checked }),
  )
  if (started.state !== 'executing') return started
  const clearance = Clearance.clear(started.digest, held(), approved)
  if (clearance === null) throw new FirebreakError('internal', `\`${id}\` started without approval`)
  const ran = await runOnce(house, clearance, { hold: started, checked })
  return await finish(house, id, ran)
}

/** Writes what came of it, and `who` said so where a person did; the answer is sealed for whoever asks again. */
export async function finish(
  house: House,
  id: string,
  ran: Ran,
  who: JsonObject = {},
): Promise<HoldRow> {
  return await house.state.transact(async (tx) => {
    const hold = await holdById(tx, id)
    const ok = ran.kind === 'executed'
    const sealed = house.seal.seal(canonical({ answer: ran.answer }), `answer:${id}`)
    const outcome = { ok, status: ran.status, summary: ran.summary, sealed }
    return await move(house, tx, hold, {
      event: ok ? 'succeed' : 'fail',
      entry: 'outcome',
      change: { outcome, closing: ran.summary },
      extra: { ok, status: ran.status, summary: ran.summary, ...leant(hold), ...who },
    })
  })
}

/** Ends a hold that may not run after all, saying why. */
export async function refuse(house: House, id: string, why: string): Promise<HoldRow> {
  return await house.state.transact(async (tx) => {
    const hold = await holdById(tx, id)
    return await refuseIn(house, tx, hold, why)
  })
}

async function refuseIn(house: House, tx: Tx, hold: HoldRow, why: string): Promise<HoldRow> {
  const change = { closing: why }
  return await move(house, tx, hold, { event: 'refuse', entry: 'denied', change, extra: { why } })
}

async function recheck(house: House, halts: Halts, hold: HoldRow): Promise<Rechecked> {
  if (halts.stops(hold.principal.name) !== null) return { kind: 'wait' }
  const stored = storedOrWhy(house, hold)
  if (typeof stored === 'string') return { kind: 'refuse', why: stored }
  const operations = house.reread(hold.action.target, stored.request)
  const asked: Asked = {
    principal: hold.principal,
    target: hold.action.target,
    platform: stored.platform,
    operations,
    key: stored.action.key,
    request: stored.request,
    reason: null,
  }
  const measured = await measure(house, asked, 'measureFresh')
  const why = objection(house, hold, { measured, stored })
  if (why !== null) return { kind: 'refuse', why }
  const { action, radius } = measured
  const covered = await wayBack(house, hold, { action, radius })
  if (covered.kind === 'missing')
    return { kind: 'refuse', why: `no verified recovery point: ${covered.why.join('; ')}` }
  return { kind: 'go', stored, radius, points: covered.points.map((point) => point.id) }
}

/** What has changed since the approval so that it no longer covers this; null when nothing has. */
function objection(
  house: House,
  hold: HoldRow,
  { measured, stored }: { readonly measured: MeasuredAction; readonly stored: Stored },
): string | null {
  if (actionDigest(stored.action) !== hold.digest) return 'what is stored is not what was approved'
  if (actionDigest(measured.action) !== hold.digest)
    return 'it would do something else now than what was approved'
  const untold = untoldTo(house, hold, measured)
  if (untold.length > 0) return `the target cannot say what would go: ${untold.join('; ')}`
  const grown = grownBy(hold, measured)
  if (grown !== null) return grown
  const beyond = outside(house, hold.principal, measured)
  if (beyond !== null) return beyond.message
  return asksMore(hold, decide(house, measured, stored.platform))
}

/** What the policy of now asks for beyond what this hold has; null where it has all. */
function asksMore(hold: HoldRow, decision: ReturnType<typeof decide>): string | null {
  if (decision.verdict.kind === 'deny')
    return decision.verdict.findings[0]?.message ?? 'the policy denies it now'
  if (decision.approvals > hold.approvalsAsked) return 'the policy asks for more approvals now'
  if (decision.factor === 'passkey' && hold.factor !== 'passkey')
    return 'the policy asks for a passkey now'
  return decision.needsRecoveryPoint && !hold.needsRecoveryPoint
    ? 'the policy asks for a recovery point now'
    : null
}

/**
 * What is not known and so cannot be gone on with. A runner that saves finds out in the act itself, and is not final where
 * there is more than its way back covers: there it is enough that whoever approved has read what was not known.
 */
function untoldTo(house: House, hold: HoldRow, { radius }: MeasuredAction): readonly string[] {
  if (radius.known) return []
  if (house.runner(hold.action.target).saves !== true) return radius.unknown
  return radius.unknown.filter((why) => !hold.radius.unknown.includes(why))
}

/** An approval is for what was shown: more environments, or more things in any of them, need another. */
function grownBy(hold: HoldRow, { radius }: MeasuredAction): string | null {
  const keyOf = ({ type, id, environment, self = '' }: Resource): string =>
    `${type}/${id}/${environment}/${self}`
  const shown = new Set(hold.radius.resources.map(keyOf))
  const more = radius.resources.filter((thing) => !shown.has(keyOf(thing)))
  const wider = radius.environments.filter((id) => !hold.radius.environments.includes(id))
  const named = [
    ...more.map(({ type, name }) => `${type} ${name}`),
    ...wider.map((id) => `environment ${id}`),
  ]
  return named.length === 0 ? null : `more would go than was approved: ${named.join(', ')}`
}

/** INVARIANT (one start): only a scheduled hold in its time becomes executing, and that is durable before the act. */
async function start(
  house: House,
  halts: Halts,
  tx: Tx,
  { id, checked }: { readonly id: string; readonly checked: Rechecked & { kind: 'go' } },
): Promise<Started> {
  await house.look(tx)
  const hold = await holdById(tx, id)
  const early = house.clock.now() < earliest(hold)
  if (hold.state !== 'scheduled' || early || halts.stops(hold.principal.name) !== null)
    return { row: hold, approved: null }
  const approved = approvedDigest(house.seal, hold, await house.signers(tx))
  const why = approved === null ? 'its approvals do not cover it' : await bar(house, tx, hold)
  if (why !== null) return { row: await refuseIn(house, tx, hold, why), approved: null }
  for (const point of checked.points) await house.lease(tx, point, id)
  const points: Json = checked.points
  const row = await move(house, tx, hold, {
    event: 'execute',
    entry: 'intent',
    change: { recoveryPoints: checked.points },
    extra: { points },
  })
  return { row, approved }
}

/** Where the hold stands then, and the digest that its approvals vouch for; null where it did not start. */
interface Started {
  readonly row: HoldRow
  readonly approved: string | null
}

/** What bars an approved action from starting after all: its row, an earlier start, its grant, a lease, a closed class. */
async function bar(house: House, tx: Tx, hold: HoldRow): Promise<string | null> {
  const stored = storedOrWhy(house, hold)
  if (typeof stored === 'string') return stored
  // INVARIANT (E3, E4): the row may be an older one that was put back; the ledger forgets no start and no end.
  if (await house.spent(tx, hold)) return 'the ledger says that it was started or ended before'
  const leased = await house.leased(tx, hold.radius)
  const closed = await house.closed(tx, hold.action, hold.radius)
  return revokedHop(house, hold) ?? leased?.message ?? closed?.message ?? null
}

function revokedHop(house: House, hold: HoldRow): string | null {
  return hold.principal.hops.some(house.revoked) ? 'its grant was revoked' : null
}

async function runOnce(
  house: House,
  clearance: Clearance,
  { hold, checked }: { readonly hold: HoldRow; readonly checked: Rechecked & { kind: 'go' } },
): Promise<Ran> {
  const { action, request } = checked.stored
  const runner = house.runner(action.target)
  try {
    return await runner.run(clearance, action, request, {
      radius: checked.radius,
      toldRows: hold.radius.known ? hold.radius.rows : null,
      needed: hold.needsRecoveryPoint,
      lean: (on) => lean(house, hold.id, on),
    })
  } catch (thrown) {
    // Whether it arrived is not known: the target is asked, it is never run again.
    const { mark = null } = await house.state.transact((tx) => holdById(tx, hold.id))
    const happened = await runner.happened(action, mark)
    if (happened === 'unknown') throw thrown
    return reconciled(happened, messageOf(thrown))
  }
}

/** What is written for an act whose own answer was lost. */
export function reconciled(happened: 'yes' | 'no', why: string): Ran {
  const ok = happened === 'yes'
  const summary = ok ? `done, as the target says (${why})` : `not done, as the target says (${why})`
  return { kind: ok ? 'executed' : 'failed', status: 0, summary, answer: null }
}
