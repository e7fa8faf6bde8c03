/** The port through which the vault asks for marks. */
import type { Mark } from './physical-mark.ts'

/** Databases of which every byte of WAL is received. */
export interface Marks {
  readonly has: (target: string) => boolean
  /**
   * A mark that is safe, upon a base backup from which it can be reached. `far`: its WAL is in the box, and not in the spool
   * alone. Throws why there is none.
   */
  readonly take: (
    target: string,
    far: boolean,
  ) => Promise<{ readonly base: string; readonly mark: Mark }>
}
