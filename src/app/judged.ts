/** What is loaded and what the state says, judged: against what a person accepted, and against the ledger. */
import { messageOf } from '../base/error.ts'
import { isObject, parseJson, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Finding } from '../core/verdict.ts'
import type { Notices, Seal, State, Tx } from '../guard/ports.ts'
import { discontinued } from '../ledger/head.ts'
import { disagreements, noPower } from './agreed.ts'
import type { Config } from './config.ts'
import type { Heads } from './head.ts'
import { historyOf } from './history.ts'
import type { History } from './history.ts'
import { powerChanges, powerDigest, powerOf } from './power.ts'

/** Where the state keeps what was accepted. */
export const powerRow = 'power'

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

/** What it takes to judge. */
export interface Judged {
  readonly config: Config
  readonly policy: { readonly set: string }
  readonly targets: Named
  readonly databases: Named
  readonly mcps: Named
  readonly heads: Pick<Heads, 'seen'>
  readonly signer: { readonly verifier: string }
  readonly clock: { readonly now: () => number }
  readonly seal: Pick<Seal, 'open'>
}

type Named = ReadonlyMap<string, { readonly authorities: string | null }>

/** What it takes to stop what may not run, and to say why. */
export interface Stopping {
  readonly state: Pick<State, 'version'>
  readonly notices: Pick<Notices, 'tell'>
  readonly isStopped: () => Finding | null
  readonly stop: (why: Finding) => void
}

/** What is said where nothing runs. */
export const unaccepted = {
  rule: 'unaccepted',
  message:
    'the config, a policy or the state itself has changed, and no approver has accepted it (`firebreak accept`)',
} as const

/** What is loaded against what was accepted, and the state against the ledger, as this transaction reads them. */
export async function powerStateIn(judged: Judged, tx: Tx): Promise<PowerState> {
  const now = powerNow(judged)
  const first = (await tx.log.size()) === 0 && (await tx.get('meta', powerRow)) === null
  const history = await historyOf(tx.log)
  const odd = first ? [] : await oddities(judged, tx, history)
  const accepted = first ? { power: now, odd: [] } : await acceptedIn(judged, tx, history)
  const power = typeof accepted === 'string' ? [accepted] : powerChanges(accepted.power, now)
  const known = typeof accepted === 'string' ? [accepted] : accepted.odd
  const changes = [...power, ...odd.filter((line) => !known.includes(line))]
  const digest = powerDigest(toJson({ now, odd }))
  return { digest, changes, isAccepted: power.length === 0, odd, first }
}

/**
 * INVARIANT (tamper-shows): holds the state to the ledger where another hand has written since it last held, in the transaction
 * that is about to go by it: what is put there and taken away again before the next round counts for nothing.
 */
export function openLook(judged: () => Judged & Stopping): (tx: Tx) => Promise<void> {
  let good: number | null = null
  return async (tx) => {
    const { state, notices, isStopped, stop } = judged()
    const version = state.version()
    if (version === good || isStopped() !== null) return
    const { changes } = await powerStateIn(judged(), tx)
    if (changes.length === 0) {
      good = version
      return
    }
    stop(unaccepted)
    for (const change of changes) notices.tell('tampered', change, 'state')
  }
}

export function powerNow({ config, policy, targets, databases, mcps }: Judged): Json {
  const authorities = [...targets, ...databases, ...mcps].map(([name, { authorities: pem }]) => [
    name,
    pem,
  ])
  return powerOf(config, policy.set, Object.fromEntries(authorities))
}

/** INVARIANT (tamper-shows): an older copy of the state, and rows that say other than the ledger. */
async function oddities(judged: Judged, tx: Tx, history: History): Promise<readonly string[]> {
  const { heads, signer, clock } = judged
  const broken = await discontinued(tx.log, heads.seen(), signer.verifier)
  return [...(broken === null ? [] : [broken]), ...(await disagreements(tx, history, clock.now()))]
}

interface Accepted {
  readonly power: Json
  readonly odd: readonly string[]
}

/** What was accepted last; one line where the row is gone, was written by another hand, or is an older one. */
async function acceptedIn(
  { seal }: Judged,
  tx: Tx,
  { power: last }: History,
): Promise<Accepted | string> {
  const kept = await tx.get('meta', powerRow)
  if (typeof kept?.value !== 'string') return noPower
  try {
    const value = parseJson(seal.open(kept.value, powerRow))
    if (!isObject(value)) return 'what was accepted is not readable'
    const { power = null, odd } = value
    if (last !== powerDigest(power)) return 'what was accepted is not what was accepted last'
    return { power, odd: Array.isArray(odd) ? odd.map(String) : [] }
  } catch (thrown) {
    // Sealed by nobody here: whoever wrote it has accepted nothing.
    return `what was accepted was written over: ${messageOf(thrown)}`
  }
}
