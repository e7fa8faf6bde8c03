/** What the guard answers to a gateway: go, with a clearance, or what to tell whoever asked. */
import type { Json } from '../base/json.ts'
import type { Action } from '../core/action.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { Clearance } from '../core/clearance.ts'
import type { Effect } from '../core/effect.ts'
import type { HoldState } from '../core/hold.ts'
import type { Finding } from '../core/verdict.ts'
import type { Principal } from '../core/principal.ts'
import type { Asked } from './ports.ts'

/** The facts of an answer that is not a plain go; every gateway renders these in its own protocol. */
export interface Told {
  /** Operation names joined by `, `. */
  readonly operation: string
  readonly effect: Effect
  readonly verdict: 'hold' | 'deny'
  readonly findings: readonly Finding[]
  readonly radius: BlastRadius
  readonly holdId: string | null
  readonly state: HoldState | null
  /** Milliseconds since the epoch; null unless it is approved and waits for its time. */
  readonly executesAt: number | null
  readonly expiresAt: number | null
  /** True where asking again later can end otherwise without a change of the request. */
  readonly retryable: boolean
  readonly alternatives: readonly string[]
  /** Index of the ledger's entry that says so; null for what is written down in batches. */
  readonly entry: number | null
}

export type Passed =
  | {
      readonly kind: 'allowed'
      readonly action: Action
      readonly digest: string
      readonly clearance: Clearance
      readonly findings: readonly Finding[]
      /** Hears that the target has begun to answer: what it does is done. The gateway may leave it out. Never throws. */
      readonly landed: () => void
      /** Tells what came of it; the gateway calls it once, also when forwarding broke (`status` 0). Never throws. */
      readonly done: (status: number, summary: string) => void
    }
  | { readonly kind: 'denied'; readonly told: Told }
  | { readonly kind: 'held'; readonly told: Told }
  | { readonly kind: 'scheduled'; readonly told: Told }
  /** Has run already: the stored answer of the one execution, or null where none came. */
  | { readonly kind: 'settled'; readonly told: Told; readonly ok: boolean; readonly answer: Json }

/** The guard as a gateway sees it. */
export interface Guard {
  /** At once for what is allowed quietly or stopped; may throw or reject where the state is broken. */
  pass(asked: Asked): Passed | Promise<Passed>
  /** What stops this principal by now: a halt, a revocation, its end; null where nothing does. Memory only. */
  bars(principal: Principal): Finding | null
  /** Waits until the hold moves on from `open` or `ms` are over, then says where it stands. */
  wait(holdId: string, ms: number, signal: AbortSignal): Promise<Passed | null>
  /** Where a hold stands, for its own principal's grant (root id); null where there is none for it. */
  status(holdId: string, root: string): Promise<Passed | null>
  /** The receipt of an entry that is about this principal; null for every other. */
  receipt(index: number, principal: string): Promise<string | null>
}
