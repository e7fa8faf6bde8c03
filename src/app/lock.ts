/** One daemon a state folder. */
import { lockFile } from '../vault/lock-file.ts'

/** As `lockFile`. */
export function lock(file: string): () => void {
  return lockFile(
    file,
    {
      message: 'a Firebreak runs on this state folder already',
      hint: 'stop it first, or name another `state:`',
    },
    'see that this user may write there and the disk is not full; a broken lock file may be deleted while no daemon runs',
  )
}
