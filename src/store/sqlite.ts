/** The state in SQLite: one file, write-ahead log, synchronous FULL, transactions one after another. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FirebreakError, messageOf } from '../base/error.ts'
import { openTurn } from '../base/turn.ts'
import type { State, Tx } from '../guard/ports.ts'
import { openRows } from './rows.ts'
import { migrations } from './schema.ts'

/**
 * Opens or makes the state file (mode 0600, its folder 0700). Throws `broken_store` for a file that is no
 * database, is damaged, was written by a newer Firebreak, or holds nothing although it is `known` to have: it never starts
 * on a state it cannot trust, and puts no new one in the place of what is gone.
 */
export function openSqlite(file: string, known = false): State {
  const db = open(file, known)
  const tx = openRows(db)
  const inTurn = openTurn()
  let closed = false

  const alone = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    if (closed) throw new FirebreakError('broken_store', 'the state is closed')
    run(db, 'BEGIN IMMEDIATE')
    try {
      const result = await work(tx)
      run(db, 'COMMIT')
      return result
    } catch (thrown) {
      // Whatever broke, nothing of this transaction may stay.
      if (db.isTransaction) db.exec('ROLLBACK')
      throw asFault(thrown)
    }
  }

  return {
    // The next transaction waits for this one, whether it held or broke.
    transact: (work) => inTurn(() => alone(work)),
    // A connection of its own: a look at all of a long ledger keeps no request waiting.
    read: async (work) =>
      file === ':memory:' ? await inTurn(() => alone(work)) : await look(file, work),
    version: () => Number(db.prepare('PRAGMA data_version').get()?.['data_version'] ?? 0),
    close: () => {
      if (closed) return
      closed = true
      db.close()
    },
  }
}

async function look<T>(file: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  try {
    db.exec('BEGIN')
    const { log, ...rows } = openRows(db)
    const leaves: Tx['log']['leaves'] = async (from, to) => {
      await breath()
      return await log.leaves(from, to)
    }
    return await work({ ...rows, log: { ...log, leaves } })
  } catch (thrown) {
    throw asFault(thrown)
  } finally {
    db.close()
  }
}

/** Lets whatever else waits run: SQLite's own calls never do. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function open(file: string, known: boolean): DatabaseSync {
  try {
    if (known && !existsSync(file)) throw emptied(file)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const db = new DatabaseSync(file, { timeout: 5000 })
    // Before anything is written: what lies there stays as it is found.
    if (known && isEmpty(db)) throw emptied(file)
    if (file !== ':memory:') chmodSync(file, 0o600)
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = 1')
    const health = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
    if (health !== 'ok') throw new Error(String(health))
    migrate(db, file)
    return db
  } catch (thrown) {
    if (thrown instanceof FirebreakError) throw thrown
    throw new FirebreakError(
      'broken_store',
      `the state file \`${file}\` cannot be used: ${messageOf(thrown)}`,
      'move it aside and restore the last good copy; nothing runs until then',
      thrown,
    )
  }
}

/** No ledger, or one without an entry: what a crash before the first start was done leaves, and nothing later. */
function isEmpty(db: DatabaseSync): boolean {
  const ledger = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'log_leaf'").get()
  return ledger === undefined || db.prepare('SELECT 1 FROM log_leaf LIMIT 1').get() === undefined
}

function emptied(file: string): FirebreakError {
  return new FirebreakError(
    'broken_store',
    `the state file \`${file}\` is gone or was emptied`,
    'bring the last good one back, with its `-wal` file; to start over on purpose, name another state folder',
  )
}

function migrate(db: DatabaseSync, file: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
  if (version > migrations.length)
    throw new FirebreakError(
      'broken_store',
      `the state file \`${file}\` has version ${version}, this Firebreak knows ${migrations.length}`,
      'start the newer Firebreak that wrote it',
    )
  for (const [step, sql] of migrations.entries()) {
    if (step < version) continue
    db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${step + 1}; COMMIT`)
  }
}

function run(db: DatabaseSync, sql: string): void {
  try {
    db.exec(sql)
  } catch (thrown) {
    throw asFault(thrown)
  }
}

/** SQLite's own errors become `broken_store` with what to do; the house's faults and others pass. */
function asFault(thrown: unknown): unknown {
  if (thrown instanceof FirebreakError || !isSqlite(thrown)) return thrown
  const full = thrown.errcode === 13
  return new FirebreakError(
    'broken_store',
    full
      ? 'the disk that holds the state is full'
      : `the state cannot be written: ${messageOf(thrown)}`,
    full ? 'make room; nothing runs until it can be written down' : 'see `firebreak doctor`',
    thrown,
  )
}

function isSqlite(thrown: unknown): thrown is Error & { readonly errcode: number } {
  return thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number'
}
