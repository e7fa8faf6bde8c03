/** Rows of one SQLite database as the transaction's face; statements are prepared once and kept. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { FirebreakError } from '../base/error.ts'
import type { LogRows, Tx } from '../guard/ports.ts'
import type { Tables } from '../guard/rows.ts'
import { tables } from './schema.ts'

/** INVARIANT (tamper-shows): a row that a hand copied to another key is none: what ends the row of its id would not end the copy. */
const isOwn = "id IS json_extract(row, '$.id')"

/** The face of an open database. Only `openSqlite` calls it, and only hands it out inside a transaction. */
export function openRows(db: DatabaseSync): Tx {
  const prepare = preparer(db)
  return {
    get: async (table, id) => {
      const sql = `SELECT row FROM "${known(table)}" WHERE id = ? AND ${isOwn}`
      const found = prepare(sql).get(id)
      return found === undefined ? null : JSON.parse(String(found['row']))
    },
    put: async (table, row) => {
      prepare(`INSERT OR REPLACE INTO "${known(table)}" (id, row) VALUES (?, ?)`).run(
        row.id,
        JSON.stringify(row),
      )
    },
    remove: async (table, id) => {
      prepare(`DELETE FROM "${known(table)}" WHERE id = ?`).run(id)
    },
    find: async (table, where, limit = -1) => {
      const fields = Object.entries(where)
      const tests = fields.map(([field]) => `json_extract(row, '$.${field}') IS ?`)
      const values = fields.map(([field, value]) => scalar(field, value))
      const sql = `SELECT row FROM "${known(table)}" WHERE ${[...tests, isOwn].join(' AND ')} ORDER BY id LIMIT ?`
      return prepare(sql)
        .all(...values, limit)
        .map((found) => JSON.parse(String(found['row'])))
    },
    log: logRows(prepare),
  }
}

function logRows(prepare: (sql: string) => StatementSync): LogRows {
  const size = (): number =>
    Number(prepare('SELECT coalesce(max(seq) + 1, 0) AS n FROM log_leaf').get()?.['n'] ?? 0)
  return {
    size: async () => size(),
    append: async (leaves) => {
      const from = size()
      for (const [step, leaf] of leaves.entries())
        prepare('INSERT INTO log_leaf (seq, leaf) VALUES (?, ?)').run(from + step, leaf)
    },
    leaves: async (from, to) =>
      prepare('SELECT leaf FROM log_leaf WHERE seq >= ? AND seq < ? ORDER BY seq')
        .all(from, to)
        .map((found) => bytes(found['leaf'])),
    hash: async (level, index) => {
      const found = prepare('SELECT hash FROM log_hash WHERE level = ? AND seq = ?').get(
        level,
        index,
      )
      return found === undefined ? null : bytes(found['hash'])
    },
    putHashes: async (hashes) => {
      for (const { level, index, hash } of hashes)
        prepare('INSERT INTO log_hash (level, seq, hash) VALUES (?, ?, ?)').run(level, index, hash)
    },
    putCheckpoint: async (at, note) => {
      prepare('INSERT OR REPLACE INTO log_checkpoint (size, note) VALUES (?, ?)').run(at, note)
    },
    checkpoint: async () => {
      const sql = 'SELECT size, note FROM log_checkpoint ORDER BY size DESC LIMIT 1'
      const found = prepare(sql).get()
      return found === undefined
        ? null
        : { size: Number(found['size']), note: String(found['note']) }
    },
  }
}

function preparer(db: DatabaseSync): (sql: string) => StatementSync {
  const kept = new Map<string, StatementSync>()
  return (sql) => {
    const found = kept.get(sql) ?? db.prepare(sql)
    kept.set(sql, found)
    return found
  }
}

/** Table and field names are ours, yet text that becomes SQL is checked where it does. */
function known(table: keyof Tables): string {
  if (!Object.hasOwn(tables, table)) throw new FirebreakError('internal', `no table \`${table}\``)
  return table
}

function scalar(field: string, value: unknown): SQLInputValue {
  const fine = value === null || typeof value === 'string' || typeof value === 'number'
  if (!fine || !/^[a-zA-Z]+$/.test(field))
    throw new FirebreakError('internal', `rows cannot be found by \`${field}\``)
  return value
}

function bytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new FirebreakError('broken_store', 'a ledger row holds no bytes')
}
