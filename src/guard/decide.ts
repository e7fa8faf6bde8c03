/** The policy asked of every operation of an action, and its answers made one. */
import { strictest } from '../core/verdict.ts'
import type { House } from './house.ts'
import { question } from './measure.ts'
import type { MeasuredAction } from './measure.ts'
import type { Decision } from './ports.ts'

/** The strictest verdict, the most approvals, the longest grace; a recovery point where any operation wants one. */
export function decide(house: House, measured: MeasuredAction, platform: string): Decision {
  const policy = house.policy()
  const all = measured.action.operations.map((operation) =>
    policy.decide(question(house, operation, measured, platform)),
  )
  const [only] = all
  // Most requests are one operation that runs without a word: there is nothing to put together.
  if (only !== undefined && all.length === 1 && isQuiet(only))
    return { ...only, approvals: Math.max(1, only.approvals), graceMs: grace(house, all) }
  const verdict = strictest(all.map((decision) => decision.verdict))
  const reasons = verdict.kind === 'allow' ? [] : reasonsOf(measured)
  return {
    verdict: { kind: verdict.kind, findings: [...verdict.findings, ...reasons] },
    policies: [...new Set(all.flatMap((decision) => decision.policies))],
    set: policy.set,
    approvals: Math.max(1, ...all.map((decision) => decision.approvals)),
    graceMs: grace(house, all),
    needsRecoveryPoint: all.some((decision) => decision.needsRecoveryPoint),
    ...(all.some(({ factor }) => factor === 'passkey') ? { factor: 'passkey' } : {}),
  }
}

function isQuiet({ verdict }: Decision): boolean {
  return verdict.kind === 'allow' && verdict.findings.length === 0
}

/** The longest grace; where there is one, the config's stands in its place. */
function grace(house: House, all: readonly Decision[]): number {
  const asked = Math.max(0, ...all.map((decision) => decision.graceMs))
  return asked === 0 ? 0 : (house.limits.graceMs ?? asked)
}

/** The classifier's own reasons stand behind the policy's: they say why the operation is what it is. */
function reasonsOf(
  measured: MeasuredAction,
): MeasuredAction['action']['operations'][number]['findings'] {
  return measured.action.operations.flatMap((operation) => operation.findings)
}
