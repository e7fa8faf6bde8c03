/** A proven way back before the act: asked of the vault, and refused where there is none. */
import { messageOf } from '../base/error.ts'
import type { Action } from '../core/action.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import type { Finding } from '../core/verdict.ts'
import type { House } from './house.ts'
import { isDestructive } from './measure.ts'
import type { MeasuredAction } from './measure.ts'
import type { Covered, Decision } from './ports.ts'
import type { HoldRow } from './rows.ts'

/** The vault's answer; a vault that breaks has no way back. */
async function safeguard(house: House, action: Action, radius: BlastRadius): Promise<Covered> {
  if (!radius.known)
    return { kind: 'missing', why: [`what would go is not known: ${radius.unknown.join('; ')}`] }
  try {
    return await house.vault.cover(action, radius)
  } catch (thrown) {
    return { kind: 'missing', why: [messageOf(thrown)] }
  }
}

/** Before a held action is scheduled, and again before it starts. A runner that saves has its way back taken in the act itself. */
export async function wayBack(
  house: House,
  hold: Pick<HoldRow, 'needsRecoveryPoint'>,
  { action, radius }: Pick<MeasuredAction, 'action' | 'radius'>,
): Promise<Covered> {
  if (!hold.needsRecoveryPoint || house.runner(action.target).saves === true)
    return { kind: 'covered', points: [] }
  return await safeguard(house, action, radius)
}

/**
 * INVARIANT (recovery-first): where nothing that is declared could give a way back, a person's yes would end in a refusal:
 * it is refused at once, and nobody is asked.
 */
export async function foreseen(
  house: House,
  { action, radius }: MeasuredAction,
  decision: Decision,
): Promise<Decision> {
  const { verdict, needsRecoveryPoint } = decision
  // What is not known yet may be known by the time that somebody has looked at it.
  if (verdict.kind !== 'hold' || !needsRecoveryPoint || !radius.known) return decision
  const { missing, points, untried } = await house.vault.foresee(action, radius)
  const now = house.clock.now()
  if (missing.length === 0)
    return doubted(
      withFindings(
        decision,
        points.map((point) => there(point, now)),
      ),
      untried,
    )
  const never = missing.map((message) => ({ rule: 'recovery-first', message }))
  return { ...decision, verdict: { kind: 'deny', findings: [...never, ...verdict.findings] } }
}

/** INVARIANT (drill-proves): what nobody has restored lately is leaned on by one more person, who is told so first. */
function doubted(decision: Decision, untried: readonly string[]): Decision {
  if (untried.length === 0) return decision
  const { kind, findings } = decision.verdict
  const first = untried.map((message) => ({ rule: 'drill-proves', message }))
  const verdict = { kind, findings: [...first, ...findings] }
  return { ...decision, approvals: decision.approvals + 1, verdict }
}

/** The way back that is there already, as old as it is when this is asked. */
function there(point: RecoveryPoint, now: number): Finding {
  const { id, place, grade, takenAt, verifiedAt, covers } = point
  const what = covers.map((thing) => `${thing.type} ${thing.id}`).join(', ')
  const proven = verifiedAt === null ? 'never verified' : `verified ${ago(now - verifiedAt)} ago`
  const message = `${id} of ${what}, taken ${ago(now - takenAt)} ago, ${proven}, grade ${grade}, in ${place}: it serves where nothing has changed since, else a new one is taken`
  return { rule: 'recovery-point', message }
}

/** `3 h`; whole units, the largest of which there is one. */
function ago(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000)
  if (minutes < 120) return `${minutes} min`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`
}

/** For what the policy allows without asking: a recovery point where one is cheap; where not, a finding says so. */
export async function cheapWayBack(
  house: House,
  measured: MeasuredAction,
  decision: Decision,
): Promise<readonly Finding[]> {
  const { action, radius } = measured
  const wanted = decision.verdict.kind === 'allow' && decision.needsRecoveryPoint
  if (!wanted || !isDestructive(action)) return []
  const covered = await safeguard(house, action, radius)
  if (covered.kind === 'covered')
    return covered.points.map(({ id, place }) => ({
      rule: 'recovery-point',
      message: `${id} in ${place}`,
    }))
  return covered.why.map((message) => ({ rule: 'no-recovery-point', message }))
}

export function withFindings(decision: Decision, extra: readonly Finding[]): Decision {
  const { verdict } = decision
  return { ...decision, verdict: { kind: verdict.kind, findings: [...verdict.findings, ...extra] } }
}
