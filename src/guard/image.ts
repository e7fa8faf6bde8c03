/** What a runner needs of the vault to make an act in a database reversible: an image, taken and proven in the act's own transaction. */
import type { RecoveryPoint } from '../core/recovery-point.ts'
import type { ResourceRef } from '../core/resource.ts'
import type { Session } from '../platforms/postgres/questions.ts'

export interface Wanted {
  /** The tables whose rows may go or change, with their schemas, as SQL names them; partitions each by itself. */
  readonly tables: readonly string[]
  /** `rows`: the act leaves the tables; `objects`: it takes or alters them, so that nobody may even read meanwhile. */
  readonly takes: 'rows' | 'objects'
  readonly covers: readonly ResourceRef[]
  /** The target. */
  readonly source: string
}

export interface Missing {
  readonly kind: 'missing'
  readonly why: readonly string[]
  /** Tables that the act has written to as well: an image that has them too might do. */
  readonly beside: readonly string[]
}

export type Imaged =
  | Missing
  | {
      readonly kind: 'taken'
      readonly rows: number
      readonly bytes: number
      /** After the act and before the commit: proves that the way back leads back, and writes the point down. */
      settle(): Promise<Settled>
      /** Where the act does not come about. */
      discard(): Promise<void>
    }

export type Settled =
  | { readonly kind: 'covered'; readonly point: RecoveryPoint }
  /** The transaction must be rolled back. */
  | Missing

/** Before the act, in its transaction. Never throws for an image that cannot be had: that is `missing`, with why. */
export type TakeImage = (session: Session, wanted: Wanted) => Promise<Imaged>
