/** One receiver a spool: the lock is SQLite's own, so it ends with the process, however that ends. */
import { DatabaseSync } from 'node:sqlite'
import { FirebreakError, messageOf } from '../base/error.ts'

/** Gives what lets go. Throws `wrong_state` where another receiver has it, `broken_store` where the file cannot be used. */
export function lockSpool(file: string): () => void {
  let db: DatabaseSync | null = null
  try {
    const mine = new DatabaseSync(file)
    db = mine
    mine.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return () => mine.close()
  } catch (cause) {
    db?.close()
    const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) : 0
    // SQLITE_BUSY, with or without more in its upper bits.
    if ((code & 0xff) === 5)
      throw new FirebreakError(
        'wrong_state',
        'another receiver writes to this spool already',
        'stop it first, or give this one a folder of its own',
        cause,
      )
    throw new FirebreakError(
      'broken_store',
      `the lock \`${file}\` cannot be used: ${messageOf(cause)}`,
      'see that this user may write there and the disk is not full',
      cause,
    )
  }
}
