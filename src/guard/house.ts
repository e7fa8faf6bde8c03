/** Everything the guard is handed: its ports, its limits, and what the config says of environments. */
import type { Chance, Clock, Timer } from '../base/clock.ts'
import type { Json } from '../base/json.ts'
import type { Action } from '../core/action.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { Operation } from '../core/operation.ts'
import type { Principal, Scope } from '../core/principal.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { Finding } from '../core/verdict.ts'
import type { Inventory, Ledger, Notices, Policy, Runner, Seal, State, Tx, Vault } from './ports.ts'
import type { HoldRow } from './rows.ts'

/** What one operation wants of a grant's scope. Environments by name as the config declares them. */
export interface Wish {
  readonly target: string
  readonly operation: string
  readonly effect: Operation['effect']
  readonly environments: readonly string[]
  /** False: it is not known which environments are touched, so an environment list cannot admit it. */
  readonly environmentsKnown: boolean
  /** True where the operation itself stands in no environment, whatever the others in its request do. */
  readonly nowhere: boolean
  readonly resources: readonly ResourceRef[]
}

export interface Environments {
  /** The declared name of a platform's environment id; the id itself where it is not declared. */
  readonly name: (id: string) => string
  /** True unless the config says otherwise: what nobody declared is protected. */
  readonly isProtected: (id: string) => boolean
}

export interface Limits {
  /** How long a hold waits for a person. */
  readonly holdMs: number
  /** How long a retry gets the outcome of what has run. */
  readonly outcomeMs: number
  /** Open holds that one root grant may have at a time: more is a flood. */
  readonly openHolds: number
  /** So many destructive attempts in the window throw the halt for their principal. */
  /** What the config says instead of the policy's grace; null: the policy's. */
  readonly graceMs: number | null
  readonly burst: { readonly count: number; readonly windowMs: number }
}

/** An approver who may sign, and since when: a name that was given away and enrolled anew is another person. */
export interface Signer {
  readonly name: string
  readonly enrolledAt: number
  /** In whose place they sign, where it is not their own voice; and until when. */
  readonly for?: string
  readonly until?: number
  /** Whether they can sign where a one-time code is too weak. */
  readonly hasPasskey?: boolean
}

export interface House {
  readonly state: State
  readonly ledger: Ledger
  readonly inventory: Inventory
  readonly vault: Vault
  readonly seal: Seal
  readonly notices: Notices
  readonly clock: Clock
  readonly timer: Timer
  readonly chance: Chance
  /** `shadow` records what would have been refused, and lets it pass. */
  readonly mode: 'enforce' | 'shadow'
  readonly limits: Limits
  /** Why nothing may run at all (a change that nobody accepted); null while all is well. */
  readonly stopped: () => Finding | null
  /** Looks whether another hand has written what the ledger does not say, and stops what then may not run: before anything goes by what is read. */
  readonly look: (tx: Tx) => Promise<void>
  readonly policy: () => Policy
  readonly environments: (target: string) => Environments
  /** True for a target that looks and acts in one piece by its own locks: a database. What goes to it needs no lane. */
  readonly isOrdered: (target: string) => boolean
  readonly runner: (target: string) => Runner
  /** The stored request read again: what would run must be what was approved. */
  readonly reread: (target: string, request: Json) => readonly Operation[]
  /** Whether a thing, as `target/type/id`, is Firebreak's own. */
  readonly isLifeline: (key: string) => boolean
  readonly admits: (scope: Scope, wish: Wish) => Finding | null
  /** The finding where a person's no has closed this class for this principal, else null. */
  readonly closed: (tx: Tx, action: Action, radius: BlastRadius) => Promise<Finding | null>
  /** The finding where something in this radius is a recovery point that a destroy leans on, else null. */
  readonly leased: (tx: Tx, radius: BlastRadius) => Promise<Finding | null>
  readonly lease: (tx: Tx, point: string, hold: string) => Promise<void>
  /** A hold that will never run lets go of what it leaned on. */
  readonly release: (tx: Tx, hold: string) => Promise<void>
  /** Whether an approver of this name asks here, or stands in the chain that does: they never approve it. */
  readonly asks: (principal: Principal, approver: string) => boolean
  /** Who can sign now. */
  readonly signers: (tx: Tx) => Promise<readonly Signer[]>
  /** Whether the ledger says that this hold was started or ended already: its row may be an older one that was put back. */
  readonly spent: (tx: Tx, hold: HoldRow) => Promise<boolean>
  readonly revoked: (hop: string) => boolean
}
