/** The power that a person has accepted: the first start takes what it finds, every later change waits for an approver. */
import type { Proven } from '../approvals/factor.ts'
import { wordStill } from '../approvals/signers.ts'
import { canonical, toJson } from '../base/json.ts'
import type { Firebreak } from './compose.ts'
import { powerNow, powerRow, powerStateIn, unaccepted } from './judged.ts'
import type { PowerState } from './judged.ts'
import { powerDigest } from './power.ts'

/** What is loaded against what was accepted, and the state against the ledger. */
export async function powerState(firebreak: Firebreak): Promise<PowerState> {
  return await firebreak.state.transact((tx) => powerStateIn(firebreak, tx))
}

/** Takes what is loaded as accepted, with what was shown to be odd about the state, and lets requests run again. `proven`: null at the first start. */
export async function acceptPower(
  firebreak: Firebreak,
  proven: Proven | null,
  odd: readonly string[],
): Promise<void> {
  const { config, policy, state, ledger, seal } = firebreak
  const power = powerNow(firebreak)
  await state.transact(async (tx) => {
    const word = proven === null ? {} : await wordStill(firebreak, tx, proven)
    const value = seal.seal(canonical(toJson({ power, odd })), powerRow)
    await tx.put('meta', { id: powerRow, value })
    const digest = powerDigest(power)
    const facts = { power: digest, policySet: policy.set, mode: config.mode, odd: [...odd] }
    const by = proven?.approver.name ?? 'the first start'
    const body = { by, ...word, ...facts }
    await ledger.append(tx, [
      { kind: 'accepted', at: firebreak.clock.now(), subject: powerRow, principal: null, body },
    ])
  })
  await firebreak.heads.renew()
  await firebreak.letOwnersIn()
  firebreak.credential.allow(true)
  firebreak.stop(null)
}

/** INVARIANT (power-widens-with-a-person): with an unaccepted change nothing runs; halt, deny and undo still do. */
export async function stopIfChanged(firebreak: Firebreak): Promise<readonly string[]> {
  const { changes, isAccepted, first } = await powerState(firebreak)
  if (first) {
    await acceptPower(firebreak, null, [])
    return []
  }
  firebreak.credential.allow(isAccepted)
  if (changes.length > 0) firebreak.stop(unaccepted)
  else await firebreak.letOwnersIn()
  return changes
}
