/** The power that a person has accepted: the first start takes what it finds, every later change waits for an approver. */
import { messageOf } from '../base/error.ts'
import { canonical, isObject, parseJson, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Tx } from '../guard/ports.ts'
import { discontinued } from '../ledger/head.ts'
import { disagreements, noPower } from './agreed.ts'
import type { Firebreak } from './compose.ts'
import { historyOf } from './history.ts'
import type { History } from './history.ts'
import { powerChanges, powerDigest, powerOf } from './power.ts'

const row = 'power'

export interface PowerState {
  /** What an approver's factor is bound to: the power, and what is odd about the state. */
  readonly digest: string
  /** One line a place; empty when what is loaded is what was accepted. */
  readonly changes: readonly string[]
  /** Whether what is loaded is what was accepted, whatever is odd about the state. */
  readonly isAccepted: boolean
  /** What is odd about the state, accepted or not. */
  readonly odd: readonly string[]
  /** True where nothing was ever written down here. */
  readonly first: boolean
}

/** What is loaded against what was accepted, and the state against the ledger. */
export async function powerState(firebreak: Firebreak): Promise<PowerState> {
  const now = powerNow(firebreak)
  return await firebreak.state.transact(async (tx) => {
    const first = (await tx.log.size()) === 0 && (await tx.get('meta', row)) === null
    const history = await historyOf(tx.log)
    const odd = first ? [] : await oddities(firebreak, tx, history)
    const accepted = first ? { power: now, odd: [] } : await acceptedIn(firebreak, tx, history)
    const power = typeof accepted === 'string' ? [accepted] : powerChanges(accepted.power, now)
    const known = typeof accepted === 'string' ? [accepted] : accepted.odd
    const changes = [...power, ...odd.filter((line) => !known.includes(line))]
    const digest = powerDigest(toJson({ now, odd }))
    return { digest, changes, isAccepted: power.length === 0, odd, first }
  })
}

/** Takes what is loaded as accepted, with what was shown to be odd about the state, and lets requests run again. */
export async function acceptPower(
  firebreak: Firebreak,
  by: string,
  odd: readonly string[],
  word: JsonObject = {},
): Promise<void> {
  const { config, policy, state, ledger, seal } = firebreak
  const power = powerNow(firebreak)
  await state.transact(async (tx) => {
    const value = seal.seal(canonical(toJson({ power, odd })), row)
    await tx.put('meta', { id: row, value })
    const digest = powerDigest(power)
    const facts = { power: digest, policySet: policy.set, mode: config.mode, odd: [...odd] }
    const body = { by, ...word, ...facts }
    await ledger.append(tx, [
      { kind: 'accepted', at: firebreak.clock.now(), subject: row, principal: null, body },
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
    await acceptPower(firebreak, 'the first start', [])
    return []
  }
  firebreak.credential.allow(isAccepted)
  if (changes.length > 0)
    firebreak.stop({
      rule: 'unaccepted',
      message:
        'the config, a policy or the state itself has changed, and no approver has accepted it (`firebreak accept`)',
    })
  else await firebreak.letOwnersIn()
  return changes
}

function powerNow({ config, policy, targets, databases, mcps }: Firebreak): Json {
  const authorities = [...targets, ...databases, ...mcps].map(([name, { authorities: pem }]) => [
    name,
    pem,
  ])
  return powerOf(config, policy.set, Object.fromEntries(authorities))
}

/** INVARIANT (tamper-shows): an older copy of the state, and rows that say other than the ledger. */
async function oddities(
  firebreak: Firebreak,
  tx: Tx,
  history: History,
): Promise<readonly string[]> {
  const { heads, signer, clock } = firebreak
  const broken = await discontinued(tx.log, heads.seen(), signer.verifier)
  return [...(broken === null ? [] : [broken]), ...(await disagreements(tx, history, clock.now()))]
}

interface Accepted {
  readonly power: Json
  readonly odd: readonly string[]
}

/** What was accepted last; one line where the row is gone, was written by another hand, or is an older one. */
async function acceptedIn(
  { seal }: Firebreak,
  tx: Tx,
  { power: last }: History,
): Promise<Accepted | string> {
  const kept = await tx.get('meta', row)
  if (typeof kept?.value !== 'string') return noPower
  try {
    const value = parseJson(seal.open(kept.value, row))
    if (!isObject(value)) return 'what was accepted is not readable'
    const { power = null, odd } = value
    if (last !== powerDigest(power)) return 'what was accepted is not what was accepted last'
    return { power, odd: Array.isArray(odd) ? odd.map(String) : [] }
  } catch (thrown) {
    // Sealed by nobody here: whoever wrote it has accepted nothing.
    return `what was accepted was written over: ${messageOf(thrown)}`
  }
}
