/** Passes: an approved call of a hook is let through once, soon, and by the daemon's own word; each is used or void. */
import { FirebreakError } from '../base/error.ts'
import { canonical, isObject, parseJson } from '../base/json.ts'
import type { Clock } from '../base/clock.ts'
import { actionDigest } from '../core/action.ts'
import type { Action } from '../core/action.ts'
import type { OpenSeal } from '../custody/seal.ts'
import type { Runner, State, Tx } from '../guard/ports.ts'

/** How long after its hold has run a pass is good. */
const passMs = 15 * 60_000

/** The pass of one call, whatever its number in the row of the same calls. */
export interface Pass {
  /** The digest of the action that was approved. */
  readonly digest: string
  /** Its key: the same call anew comes after this one. */
  readonly key: string | null
  readonly until: number
  /** `open` until it is used or taken back; then the same call is another action. */
  readonly state: 'open' | 'used' | 'void'
}

export interface Passes {
  /** By the call itself, without a key. */
  readonly of: (tx: Tx, action: Action) => Promise<Pass | null>
  readonly put: (tx: Tx, action: Action, pass: Pass) => Promise<void>
  /** What an approved hold of a shell target does: nothing there, it hands out the pass. */
  readonly runner: Runner
}

interface PassesHouse {
  readonly state: State
  readonly seal: OpenSeal
  readonly clock: Clock
}

export function openPasses({ state, seal, clock }: PassesHouse): Passes {
  const of: Passes['of'] = async (tx, action) => {
    const id = idOf(action)
    const row = await tx.get('meta', id)
    if (row === null) return null
    const pass = typeof row.value === 'string' ? passIn(seal.open(row.value, id)) : null
    // INVARIANT (broken-is-closed): a row that somebody has written over lets nothing through.
    if (pass === null) throw new FirebreakError('broken_store', 'a pass is not as it was made')
    return pass
  }
  const put: Passes['put'] = async (tx, action, pass) => {
    const id = idOf(action)
    await tx.put('meta', { id, value: seal.seal(canonical({ ...pass }), id) })
  }
  return {
    of,
    put,
    runner: {
      run: async (clearance, action) => {
        const digest = actionDigest(action)
        if (!clearance.spend(digest))
          throw new FirebreakError('internal', 'the clearance does not cover it, or is spent')
        const until = clock.now() + passMs
        const pass = { digest, key: action.key, until, state: 'open' } as const
        await state.transact((tx) => put(tx, action, pass))
        const summary = `let through once, where it is run again before ${new Date(until).toISOString()}`
        return { kind: 'executed', status: 200, summary, answer: { until } }
      },
      happened: async (action) => {
        try {
          const pass = await state.transact((tx) => of(tx, action))
          return pass?.digest === actionDigest(action) ? 'yes' : 'no'
        } catch {
          // A row that does not open says neither.
          return 'unknown'
        }
      },
    },
  }
}

function idOf(action: Action): string {
  return `pass:${actionDigest({ ...action, key: null })}`
}

function passIn(text: string): Pass | null {
  const value = parseJson(text)
  if (!isObject(value)) return null
  const { digest, key, until, state } = value
  if (typeof digest !== 'string' || typeof until !== 'number') return null
  if (state !== 'open' && state !== 'used' && state !== 'void') return null
  return { digest, key: typeof key === 'string' ? key : null, until, state }
}
