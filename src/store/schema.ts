/** The SQL of the state: one table a row type, the row as JSON, indexes on what is looked up. */
import type { Tables } from '../guard/rows.ts'

/** Every table of the state; the type makes a forgotten one fail to compile. */
export const tables: Readonly<Record<keyof Tables, readonly string[]>> = {
  hold: ['digest', 'state'],
  grant: [],
  revoked: [],
  approver: [],
  closed: ['principal'],
  halt: [],
  attempt: ['principal'],
  lease: ['point', 'hold'],
  point: [],
  credential: [],
  alarm: [],
  call: ['day', 'target'],
  meta: [],
  passkey: ['approver'],
  invitation: [],
  outbox: [],
  push: ['approver'],
  delegation: [],
}

/** Tables that came after version 1, by the version that made them. */
const later: ReadonlyMap<string, number> = new Map([
  ['passkey', 2],
  ['invitation', 2],
  ['outbox', 3],
  ['push', 4],
  ['delegation', 5],
])

/** Migrations by version, the first makes version 1. Append only: a released one never changes. */
export const migrations: readonly string[] = [
  [
    tablesOf(1),
    'CREATE TABLE log_leaf (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL);',
    'CREATE TABLE log_hash (level INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, seq)) WITHOUT ROWID;',
    'CREATE TABLE log_checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL);',
  ].join('\n'),
  `${tablesOf(2)}\n${tableOf('challenge')}`,
  tablesOf(3),
  tablesOf(4),
  tablesOf(5),
  // What is put before people to sign is in memory alone.
  'DROP TABLE "challenge";',
]

function tablesOf(version: number): string {
  return Object.entries(tables)
    .filter(([table]) => (later.get(table) ?? 1) === version)
    .map(([table, indexed]) =>
      [
        tableOf(table),
        ...indexed.map(
          (field) =>
            `CREATE INDEX "${table}_${field}" ON "${table}" (json_extract(row, '$.${field}'));`,
        ),
      ].join('\n'),
    )
    .join('\n')
}

function tableOf(name: string): string {
  return `CREATE TABLE "${name}" (id TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;`
}
