/** Loaded before the daemon (`node --import`): real deaths and write errors at a chosen commit, and a clock that a test moves. */
import os from 'node:os'
import { flushCompileCache, syncBuiltinESMExports } from 'node:module'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import type { StatementResultingChanges } from 'node:sqlite'
import { readOrder } from './order.ts'
import type { Order } from './order.ts'

/** Replaces what the daemon takes time and durability from, and listens for orders. */
function install(first: Order): void {
  let { aheadMs, steadyMs, fault } = first
  let commits = 0
  // By connection: a second one that begins to read in the middle of a transaction must not make its commit uncounted.
  const owners = new WeakMap<StatementSync, DatabaseSync>()
  const wrote = new WeakSet<DatabaseSync>()

  const now = Date.now.bind(Date)
  const uptime = os.uptime
  const steady = performance.now.bind(performance)
  Date.now = () => now() + aheadMs
  performance.now = () => steady() + steadyMs
  os.uptime = () => uptime() + steadyMs / 1000
  syncBuiltinESMExports()

  const due = (): boolean => {
    commits += 1
    return fault !== null && commits >= fault.nth && (fault.lasts || commits === fault.nth)
  }
  // oxlint-disable-next-line typescript/unbound-method -- called on the database it is asked of
  const exec = DatabaseSync.prototype.exec
  // oxlint-disable-next-line typescript/unbound-method -- called on the statement it is asked of
  const run = StatementSync.prototype.run
  // oxlint-disable-next-line typescript/unbound-method -- called on the database it is asked of
  const prepare = DatabaseSync.prototype.prepare
  const commit = (db: DatabaseSync, sql: string): void => {
    const now = due() ? (fault?.kind ?? null) : null
    if (now === 'kill-before') process.kill(process.pid, 'SIGKILL')
    if (now === 'full') throw sqliteError('database or disk is full', 13)
    if (now === 'broken') {
      exec.call(db, 'ROLLBACK')
      throw sqliteError('disk I/O error', 778)
    }
    exec.call(db, sql)
    if (now === 'kill-after') process.kill(process.pid, 'SIGKILL')
  }
  Object.defineProperty(StatementSync.prototype, 'run', {
    value(
      this: StatementSync,
      ...values: Parameters<StatementSync['run']>
    ): StatementResultingChanges {
      const owner = owners.get(this)
      if (owner !== undefined) wrote.add(owner)
      return run.apply(this, values)
    },
  })
  Object.defineProperty(DatabaseSync.prototype, 'prepare', {
    value(this: DatabaseSync, ...how: Parameters<DatabaseSync['prepare']>): StatementSync {
      const made = prepare.apply(this, how)
      owners.set(made, this)
      return made
    },
  })
  Object.defineProperty(DatabaseSync.prototype, 'exec', {
    value(this: DatabaseSync, sql: string): void {
      const last = wrote.has(this) || sql.startsWith('BEGIN IMMEDIATE;')
      if (/^(BEGIN|COMMIT|ROLLBACK)/.test(sql)) wrote.delete(this)
      if (sql.endsWith('COMMIT') && last) commit(this, sql)
      else exec.call(this, sql)
    },
  })
  process.on('message', (said) => {
    const order = readOrder(said)
    ;({ aheadMs, steadyMs, fault } = order)
    commits = 0
    // A process that is killed would never write it, and every start after the first is faster with it.
    flushCompileCache()
    process.send?.({ done: true, rss: process.memoryUsage.rss() })
  })
  process.channel?.unref()
}

/** What `node:sqlite` throws when the file cannot take the write. */
function sqliteError(message: string, errcode: number): Error {
  return Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode })
}

install(readOrder(JSON.parse(process.env['FIREBREAK_FAULT'] ?? '{}')))
