/** One daemon a state folder: the lock is SQLite's own, so it ends with the process, however that ends. */
import { DatabaseSync } from 'node:sqlite'
import { FirebreakError, messageOf } from '../base/error.ts'

/** Gives what lets go. Throws `wrong_state` where another has it, `broken_store` where the folder or the file cannot be used. */
export function lock(file: string): () => void {
  let db: DatabaseSync | null = null
  try {
    const mine = new DatabaseSync(file)
    db = mine
    mine.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return () => mine.close()
  } catch (cause) {
    db?.close()
    if (isBusy(cause))
      throw new FirebreakError(
        'wrong_state',
        'a Firebreak runs on this state folder already',
        'stop it first, or name another `state:`',
        cause,
      )
    throw new FirebreakError(
      'broken_store',
      `the lock \`${file}\` cannot be used: ${messageOf(cause)}`,
      'see that this user may write there and the disk is not full; a broken lock file may be deleted while no daemon runs',
      cause,
    )
  }
}

/** SQLITE_BUSY, with or without more in its upper bits. */
function isBusy(cause: unknown): boolean {
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) : 0
  return (code & 0xff) === 5
}
