/** What could not be looked at. What no agent of this user could open either is told and no more; all else leaves the look open, and is a finding until it is looked at or accepted. */
import type { Unreadable } from './found.ts'
import type { Accepted } from './ignore.ts'
import { idAbout } from './shown.ts'

export interface Unread extends Unreadable {
  /** Null where it is only told. */
  readonly id: string | null
  readonly accepted: Accepted | null
}

/** As the system and the walk say it. */
const closed =
  /^(?:EACCES|EPERM|ENOENT|ELOOP|ENXIO)\b|^it is no regular file$|^it leads out of the folder/

/** Its id under this salt; it stays while the place does. */
export const unreadId = ({ unreadable, why }: Unreadable, salt: string): string | null =>
  closed.test(why) ? null : idAbout('not-looked-at', unreadable, salt)
