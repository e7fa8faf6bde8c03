/** What the guard would say now, for whoever asks before they act: looked at as a request is, and nothing else happens. */
import type { Verdict } from '../core/verdict.ts'
import { barred } from './barred.ts'
import { decide } from './decide.ts'
import type { Halts } from './halt.ts'
import type { House } from './house.ts'
import { measure, outside } from './measure.ts'
import type { Told } from './passed.ts'
import type { Asked } from './ports.ts'
import { foreseen } from './safeguard.ts'
import { deniedTold } from './told.ts'

export interface Preview {
  readonly verdict: Verdict['kind']
  readonly told: Omit<Told, 'verdict'>
}

/** INVARIANT (nothing happens): no clearance, no hold, no attempt that counts; what closed classes and leases would add is not in it. */
export async function preview(house: House, halts: Halts, asked: Asked): Promise<Preview> {
  const measured = await measure(house, asked)
  const stop = barred(house, halts, asked.principal) ?? outside(house, asked.principal, measured)
  const decision = await foreseen(house, measured, decide(house, measured, asked.platform))
  const verdict = stop === null ? decision.verdict.kind : 'deny'
  const findings = stop === null ? decision.verdict.findings : [stop]
  const told = deniedTold(house, measured, { findings, entry: 0 })
  return { verdict, told: { ...told, entry: null, retryable: verdict !== 'deny' } }
}
