/** What the guard needs of the world, as types only: each port is filled by a room above, in `app/compose.ts`. */
import type { Json, JsonObject } from '../base/json.ts'
import type { Action } from '../core/action.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { Clearance } from '../core/clearance.ts'
import type { DestroyKind, Effect } from '../core/effect.ts'
import type { Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import type { Finding, Verdict } from '../core/verdict.ts'
import type { HaltRow, HoldRow, Tables } from './rows.ts'

/** One transaction: all of it or nothing; it sees its own writes. Only use it inside `transact`. */
export interface Tx {
  get<K extends keyof Tables>(table: K, id: string): Promise<Tables[K] | null>
  /** Inserts or replaces by `id`. */
  put<K extends keyof Tables>(table: K, row: Tables[K]): Promise<void>
  remove(table: keyof Tables, id: string): Promise<void>
  /** Rows whose fields equal the given ones, by id ascending (ids sort by time). */
  find<K extends keyof Tables>(
    table: K,
    where: Partial<Tables[K]>,
    limit?: number,
  ): Promise<readonly Tables[K][]>
  readonly log: LogRows
}

/** The rows of the ledger: leaves by index, and the tree's stored hashes. */
export interface LogRows {
  size(): Promise<number>
  /** Appends leaves in order; the first gets index `size()`. */
  append(leaves: readonly Uint8Array[]): Promise<void>
  /** Leaves `from` (inclusive) to `to` (exclusive). */
  leaves(from: number, to: number): Promise<readonly Uint8Array[]>
  /** A stored hash by level and index; null where none is stored. */
  hash(level: number, index: number): Promise<Uint8Array | null>
  putHashes(
    hashes: readonly {
      readonly level: number
      readonly index: number
      readonly hash: Uint8Array
    }[],
  ): Promise<void>
  putCheckpoint(size: number, note: string): Promise<void>
  /** The newest signed checkpoint, or null. */
  checkpoint(): Promise<{ readonly size: number; readonly note: string } | null>
}

export interface State {
  /** Runs `work` alone: transactions do not interleave. Durable when the promise fulfils; rolled back when `work` throws. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** For work that only reads, as of one moment: others go on writing meanwhile, here and in other processes. A write throws. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A number that changes when another process has written: a cheap look, for halt and revocation. */
  version(): number
  close(): void
}

/** What is written down. Whatever it holds is public to every reader of the ledger: no secret, no raw parameter. */
export interface Entry {
  readonly kind: EntryKind
  readonly at: number
  /** The hold, grant, approver, recovery point or halt it is about; null for a plain request. */
  readonly subject: string | null
  readonly principal: string | null
  readonly body: JsonObject
}

export type EntryKind =
  | 'started'
  | 'stopped'
  | 'request' // a batch line: allowed reads and ordinary writes
  | 'intent' // before every destroy, expose, held or deferred action
  | 'outcome'
  | 'denied'
  | 'held'
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'scheduled'
  | 'undone'
  | 'minted'
  | 'revoked'
  | 'invited' // to make a passkey, by an approver but for the first
  | 'enrolled'
  | 'removed'
  | 'delegated' // an approver's voice, to a viewer, until a time
  | 'undelegated'
  | 'custody'
  | 'halted'
  | 'resumed'
  | 'reopened'
  | 'signed-in' // at the console: by whom, and how
  | 'accepted' // config or policy, by an approver
  | 'recovery-point'
  | 'restored'
  | 'pruned' // what was taken away from the vault, by an approver
  | 'drilled'
  | 'graded' // what the canary attack showed of the second place
  | 'alarm'
  | 'shadowed' // what would have been refused in shadow mode

export interface Ledger {
  /** Appends in this transaction and signs a checkpoint over the new size; gives the first entry's index. */
  append(tx: Tx, entries: readonly Entry[]): Promise<number>
  /** The receipt of one entry and the principal whom it is about; null for an index that nothing is written at. */
  receipt(tx: Tx, index: number): Promise<Receipt | null>
}

export interface Receipt {
  readonly principal: string | null
  /** A C2SP tlog-proof: verifiable offline with the ledger's verifier key. */
  readonly text: string
}

/** What the platform said when it was asked. */
export interface Measured {
  readonly radius: BlastRadius
  /** The operations again, made exact by what the platform said (staged changes read, environments found). */
  readonly operations: readonly Operation[]
  /** True where some of this was said to an earlier request, seconds ago: good enough for a no, never for a yes. */
  readonly kept: boolean
}

export interface Inventory {
  /** Reads only, under a deadline. Never throws for a platform that is slow, broken or gone: that is the widest radius. At once where nothing need be asked. */
  measure(target: string, operations: readonly Operation[]): Measured | Promise<Measured>
  /** As `measure`, but asked now: for the re-check before an act. */
  measureFresh(target: string, operations: readonly Operation[]): Measured | Promise<Measured>
}

/** The facts that a policy sees of one operation. Every member is required: a missing risk fact must not vanish. */
export interface Question {
  readonly principal: string
  readonly target: string
  readonly platform: string
  readonly operation: string
  readonly effect: Effect
  readonly kinds: readonly DestroyKind[]
  /** Environment names as the config declares them; an undeclared one is its id. */
  readonly environments: readonly string[]
  /** True where any environment in the radius is protected, or where it is not known which there are. */
  readonly protected: boolean
  readonly radiusKnown: boolean
  /** True where something of Firebreak's own goes: its state, vault, keys. */
  readonly lifeline: boolean
  readonly bytes: number
  readonly rows: number
  readonly backupsLost: number
  readonly backupsLeft: number
}

/** What the policy says beyond yes and no. */
export interface Decision {
  readonly verdict: Verdict
  /** Ids of the policies that decided, and the digest of the whole set. */
  readonly policies: readonly string[]
  readonly set: string
  readonly approvals: number
  readonly graceMs: number
  readonly needsRecoveryPoint: boolean
  /** Where a one-time code is too weak. */
  readonly factor?: 'passkey'
}

export interface Policy {
  /** Never throws: an error in a policy is a deny with its reason. */
  decide(question: Question): Decision
  /** SHA-256 over every policy text and the schema. */
  readonly set: string
}

export type Covered =
  | { readonly kind: 'covered'; readonly points: readonly RecoveryPoint[] }
  | { readonly kind: 'missing'; readonly why: readonly string[] }

export interface Foreseen {
  /** Why nothing that is declared could cover it, one line a thing; empty where a copy can be tried. */
  readonly missing: readonly string[]
  /** The newest verified point of each place that would be copied, where one is there already. */
  readonly points: readonly RecoveryPoint[]
  /** What would be leaned on and has not been restored for too long, one line each: it takes one approval more. */
  readonly untried: readonly string[]
}

export interface Vault {
  /** Whether a recovery point could be had at all, and which are there. Takes nothing, reads no source. */
  foresee(action: Action, radius: BlastRadius): Promise<Foreseen>
  /** Finds or takes, then verifies, a recovery point outside the radius for each thing that would lose data; says what is missing. */
  cover(action: Action, radius: BlastRadius): Promise<Covered>
  /** Reads the bytes again and compares them with the manifest; false with any doubt. */
  verify(pointId: string): Promise<boolean>
  /** Brings a point back as the engine can; gives one line of what was done. */
  restore(pointId: string): Promise<string>
}

export type RanKind = 'executed' | 'failed'
/** What came of a run. `answer` is for whoever asked, sealed before it is stored. */
export interface Ran {
  readonly kind: RanKind
  readonly status: number
  /** One line without secrets. */
  readonly summary: string
  readonly answer: Json
}

/** A gateway's own way to run a stored action; it takes the clearance with it and spends it. */
export interface Runner {
  run(clearance: Clearance, action: Action, request: Json, leaning: Leaning): Promise<Ran>
  /**
   * Asks the target, after a crash, whether the action has happened. Reads only. `mark` is what `lean` was given; null
   * where the run did not come so far.
   */
  happened(action: Action, mark: string | null): Promise<'yes' | 'no' | 'unknown'>
  /**
   * True where an act and its way back are one transaction of the target: the vault is not asked before, the runner
   * has the way back taken within, and is final only after `lean`.
   */
  readonly saves?: boolean
}

/** What a runner that saves is handed beside the action. */
export interface Leaning {
  /** What would go, as it was measured a moment ago. */
  readonly radius: BlastRadius
  /** How many rows whoever approved was told of, where that was counted; null where it was not known. */
  readonly toldRows: number | null
  /** Whether the act may only be final with a proven way back. */
  readonly needed: boolean
  /**
   * INVARIANT (recovery-first): durable when it fulfils, once, and before the act is final: the points that it leans on,
   * with their leases, and the mark by which the target knows afterwards whether it has happened. Where it throws, the
   * act must be taken back.
   */
  readonly lean: (on: Leant) => Promise<void>
}

export interface Leant {
  readonly points: readonly string[]
  readonly mark: string
}

export interface Seal {
  seal(text: string, context: string): string
  /** Throws `custody_locked` where the key or the context is another, or a bit has changed. */
  open(sealed: string, context: string): string
}

/** What people are told in the very transaction that makes it so: a hold that opens, an act that ended, a halt. */
export type News =
  | { readonly kind: 'hold'; readonly hold: HoldRow }
  | { readonly kind: 'act'; readonly hold: HoldRow }
  | { readonly kind: 'halt'; readonly halt: HaltRow }

export interface Notices {
  /** Tells people; losing a message loses nothing. Never throws. */
  tell(rule: string, message: string, subject: string): void
  /** INVARIANT (told): in the caller's transaction, so it is told if that commits, and only then. */
  tellIn(tx: Tx, news: News): Promise<void>
}

/** What a gateway hands in. */
export interface Asked {
  readonly principal: Principal
  readonly target: string
  readonly platform: string
  readonly operations: readonly Operation[]
  readonly key: string | null
  /** The request as the gateway will run it; stored sealed when held. */
  readonly request: Json
  readonly reason: string | null
  /** Why it cannot wait for a person, where that is so: what would be held is denied for this. */
  readonly leans?: Finding | null
}
