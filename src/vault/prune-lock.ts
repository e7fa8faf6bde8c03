/** Who puts things into a store and who prunes it, never both at once: a lock that ends with the process that has it. */
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { FirebreakError } from '../base/error.ts'
import { lockFile } from './lock-file.ts'

/** A prune unlinks files and reads none: what takes longer has hung, and an act shall not wait for it. */
const waitMs = 15_000
const againMs = 50

/**
 * Lets writers in, as many as come; gives what lets them out again. INVARIANT (nothing under a writer): from the first look
 * whether a thing is there until the manifest that leans on it is named, nothing is taken away.
 * Throws `wrong_state` where a prune takes too long.
 */
export function openPruneGate(root: string): () => Promise<() => void> {
  let inside = 0
  let lock: (() => void) | null = null
  const out = (): void => {
    inside -= 1
    if (inside > 0) return
    lock?.()
    lock = null
  }
  return async () => {
    for (let waited = 0; lock === null; waited += againMs) {
      lock = share(root)
      if (lock === null && waited >= waitMs) throw busy('the vault is being pruned')
      if (lock === null) await delay(againMs)
    }
    inside += 1
    let left = false
    return () => {
      if (!left) out()
      left = true
    }
  }
}

/** For the one that prunes. Throws `wrong_state` where a writer is at work, or another one prunes. */
export function lockToPrune(root: string): () => void {
  return lockFile(nameIn(root), {
    message: 'something is being put into the vault, or another prune is at work',
    hint: 'try again when the backup that runs now is done',
  })
}

/** True while somebody has the store to itself. */
export function isLockedToPrune(root: string): boolean {
  const lock = share(root)
  lock?.()
  return lock === null
}

/** Null where somebody has it alone. */
function share(root: string): (() => void) | null {
  // SQLite would make it for everybody.
  closeSync(openSync(nameIn(root), 'a', 0o600))
  const db = new DatabaseSync(nameIn(root))
  try {
    db.exec('BEGIN; SELECT count(*) FROM sqlite_master')
    return () => db.close()
  } catch (thrown) {
    db.close()
    const code = thrown instanceof Error && 'errcode' in thrown ? Number(thrown.errcode) : 0
    if ((code & 0xff) === 5) return null
    // A file system without locks has none for a prune either: it is refused there.
    if (lockless.has(code)) return () => undefined
    throw thrown
  }
}

/** SQLITE_IOERR_RDLOCK, SQLITE_IOERR_LOCK. */
const lockless: ReadonlySet<number> = new Set([2314, 3850])

function nameIn(root: string): string {
  return join(root, 'prune.lock')
}

function busy(message: string): FirebreakError {
  return new FirebreakError('wrong_state', message, 'try again when it is done')
}
