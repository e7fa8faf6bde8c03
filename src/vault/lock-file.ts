/** A lock that ends with the process, however that ends: it is SQLite's own. */
import { DatabaseSync } from 'node:sqlite'
import { FirebreakError, messageOf } from '../base/error.ts'

/** What is said where another has it, and what to do then. */
export interface Taken {
  readonly message: string
  readonly hint: string
}

const unusable = 'see that this user may write there and the disk is not full'

/** Gives what lets go. Throws `wrong_state` where another has it, `broken_store` where the folder or the file cannot be used. */
export function lockFile(file: string, taken: Taken, broken = unusable): () => void {
  let db: DatabaseSync | null = null
  try {
    const mine = new DatabaseSync(file)
    db = mine
    mine.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return () => mine.close()
  } catch (cause) {
    db?.close()
    if (isBusy(cause)) throw new FirebreakError('wrong_state', taken.message, taken.hint, cause)
    throw new FirebreakError(
      'broken_store',
      `the lock \`${file}\` cannot be used: ${messageOf(cause)}`,
      broken,
      cause,
    )
  }
}

/** SQLITE_BUSY, with or without more in its upper bits. */
function isBusy(cause: unknown): boolean {
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) : 0
  return (code & 0xff) === 5
}
