/** What a vault is put together from. */
import type { Chance, Clock } from '../base/clock.ts'
import type { Grade } from '../core/recovery-point.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { State, Tx } from '../guard/ports.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import type { Session } from '../platforms/postgres/questions.ts'
import type { Box } from './box.ts'
import type { BudgetLimits } from './budget.ts'
import type { Marks } from './marks.ts'
import type { Declared } from './needs.ts'
import type { Offsite } from './offsite.ts'
import type { Restic } from './restic-point.ts'
import type { Servers } from './servers.ts'

/** Databases whose acts run with an image, taken in the act's own transaction. */
export interface Databases {
  readonly has: (target: string) => boolean
  /** A session as whoever may put back what was there. */
  readonly open: (target: string) => Promise<Session & { close(): Promise<void> }>
}

export interface VaultParts extends Declared {
  readonly databases?: Databases
  readonly box: Box
  /** Where each point is copied to, further outside; none where nothing is said. */
  readonly offsite?: Offsite
  /** Things of a platform that the store itself lies on, as far as anyone knows: they may not go with what it saves. */
  readonly storeOn: readonly ResourceRef[]
  /** The least grade that counts. */
  readonly minimum: Grade
  /** Null: points are kept on the disk alone, and are taken anew each time. */
  readonly state: State | null
  /** Called in the transaction that writes a verified point down: for the ledger. */
  readonly note: (tx: Tx, row: RecoveryPointRow) => Promise<void>
  readonly clock: Clock
  readonly chance: Chance
  readonly limits?: BudgetLimits
  /** Opens the repositories of sources whose content restic keeps. */
  readonly restic?: Restic
  /** Databases of which whole points are taken. */
  readonly servers?: Servers
  /** Databases of which every byte of WAL is received: a mark of them is a way back to the moment before an act. */
  readonly marks?: Marks
  /** How often a point of a database is to be restored for trial, by target, in ms; none where nothing is said. */
  readonly drills?: ReadonlyMap<string, number>
  /** Hears while a copy is taken: which thing, and how many bytes were read. */
  readonly progress: (thing: string, bytes: number) => void
}
