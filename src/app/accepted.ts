/** The power that a person has accepted: the first start takes what it finds, every later change waits for an approver. */
import type { Json } from '../base/json.ts'
import type { Firebreak } from './compose.ts'
import { powerChanges, powerDigest, powerOf } from './power.ts'

const row = 'power'

export interface PowerState {
  readonly digest: string
  /** One line a place; empty when what is loaded is what was accepted. */
  readonly changes: readonly string[]
  readonly accepted: Json
}

/** What is loaded against what was accepted; `accepted` is null before the first start. */
export async function powerState({ config, policy, state }: Firebreak): Promise<PowerState> {
  const now = powerOf(config, policy.set)
  const kept = await state.transact((tx) => tx.get('meta', row))
  const changes = kept === null ? [] : powerChanges(kept.value, now)
  return { digest: powerDigest(now), changes, accepted: kept?.value ?? null }
}

/** Takes what is loaded as accepted, and lets requests run again. */
export async function acceptPower(firebreak: Firebreak, by: string): Promise<void> {
  const { config, policy, state, ledger } = firebreak
  const value = powerOf(config, policy.set)
  await state.transact(async (tx) => {
    await tx.put('meta', { id: row, value })
    const body = { by, power: powerDigest(value), policySet: policy.set, mode: config.mode }
    await ledger.append(tx, [
      { kind: 'accepted', at: firebreak.clock.now(), subject: null, principal: null, body },
    ])
  })
  firebreak.stop(null)
}

/** INVARIANT (power-widens-with-a-person): with an unaccepted change nothing runs; halt, deny and undo still do. */
export async function stopIfChanged(firebreak: Firebreak): Promise<readonly string[]> {
  const { changes, accepted } = await powerState(firebreak)
  if (accepted === null) {
    await acceptPower(firebreak, 'the first start')
    return []
  }
  if (changes.length > 0)
    firebreak.stop({
      rule: 'unaccepted',
      message:
        'the config or a policy has changed, and no approver has accepted it (`firebreak accept`)',
    })
  return changes
}
