/** What an approved act touches, as far as it is known before it runs, and how it may be run. */
import { actionEffect, actionKinds } from '../../core/action.ts'
import type { Action } from '../../core/action.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { ResourceRef } from '../../core/resource.ts'
import type { Wanted } from '../../guard/image.ts'
import { arrayOf, told } from '../../platforms/postgres/questions.ts'
import type { Ask } from '../../platforms/postgres/questions.ts'
import { joined } from '../../wire/postgres/frame.ts'
import { sync } from '../../wire/postgres/front.ts'
import { writeStep } from '../../wire/postgres/step.ts'
import type { Batch, Step } from './seam.ts'

/** Statements that end the transaction in which they stand, or begin one in it. */
const ends: ReadonlySet<string> = new Set(['BEGIN', 'COMMIT', 'ROLLBACK', 'PREPARE TRANSACTION'])

export function endsTransactions({ operations }: Action): boolean {
  return operations.some(({ name }) => ends.has(name))
}

/**
 * One statement that the server runs outside of transactions only, and refuses in one before it has done anything: code of
 * somebody's own could refuse in the same words after it has done much.
 */
export function isBare({ operations }: Action): boolean {
  const [first, ...more] = operations
  return first !== undefined && more.length === 0 && bare.test(first.name)
}

const bare =
  /^(VACUUM|REINDEX|CLUSTER|DISCARD|COMMIT PREPARED|ROLLBACK PREPARED|ALTER (SYSTEM|DATABASE|SUBSCRIPTION|TABLE|TYPE)|(CREATE|DROP) (DATABASE|TABLESPACE|SUBSCRIPTION|INDEX))\b/

/** True where not even the grammar could say what it is: it may hold anything, so it is run as one statement. */
export function isUnread(action: Action): boolean {
  return actionEffect(action) === 'unread'
}

/** The same as one statement: more than one the server refuses, whatever the text turns out to hold. */
export function single(batch: Batch): Batch {
  if (batch.kind !== 'query') return batch
  const steps: readonly Step[] = [
    { kind: 'parse', name: '', text: batch.text, types: [] },
    { kind: 'bind', portal: '', statement: '', values: [], formats: [], results: [] },
    { kind: 'describe', what: 'portal', name: '' },
    { kind: 'execute', portal: '', rows: 0 },
  ]
  return {
    kind: 'extended',
    steps,
    closes: 'sync',
    bytes: joined([...steps.map(writeStep), sync]),
  }
}

/** Whether a try that was rolled back leaves nothing behind, so that there may be another. */
export function leavesNothing(action: Action): boolean {
  return !isUnread(action) && !actionKinds(action).includes('exec')
}

const rowsOnly: ReadonlySet<string> = new Set(['DELETE', 'UPDATE', 'INSERT', 'MERGE', 'SELECT'])

export function takes({ operations }: Action): Wanted['takes'] {
  return operations.every(({ name }) => rowsOnly.has(name)) ? 'rows' : 'objects'
}

/** The things of this target that go: what an image of them is said to cover. */
export function coveredBy(action: Action, radius: BlastRadius): readonly ResourceRef[] {
  const going = radius.resources.filter(({ target }) => target === action.target)
  const named = action.operations.flatMap(({ names }) => names)
  const refs = going.length > 0 ? going : named
  const unique = new Map(
    refs.map(({ target, type, id }) => [`${type}/${id}`, { target, type, id }]),
  )
  return [...unique.values()]
}

/**
 * Of relations by name (`schema.name`, also as `path` finds them; null is the login's own search_path) those that hold the
 * rows: partitions for what is partitioned, and for a view the tables that it is made from. Each with its schema, quoted.
 * In a transaction, whose search_path is the login's afterwards.
 */
export async function tablesOf(
  ask: Ask,
  names: readonly string[],
  path: string | null,
): Promise<readonly string[]> {
  if (names.length === 0) return []
  if (path !== null) await ask(`SELECT pg_catalog.set_config('search_path', $1, true)`, [path])
  const plain = names.filter((name) => /^"?[A-Za-z_][\w$]*"?(\."?[A-Za-z_][\w$]*"?)?$/.test(name))
  const found = await ask(byPath, [arrayOf(plain)])
  // Whose path it is may have put operators of its own before the server's.
  await ask('SET LOCAL search_path = pg_catalog, pg_temp')
  const oids = found.flatMap((row) => row['oid'] ?? [])
  const rows = await ask(holders, [arrayOf(names), `{${oids.join(',')}}`])
  await ask('RESET search_path')
  return rows.map((row) => told(row, 'name'))
}

/** Names nothing that a search_path could find elsewhere. */
const byPath = `SELECT pg_catalog.to_regclass(name)::pg_catalog.oid AS oid FROM pg_catalog.unnest($1::pg_catalog.text[]) AS name`

const holders = `WITH RECURSIVE held AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($2::oid[])
      OR n.nspname || '.' || c.relname = ANY ($1::text[]) OR format('%I.%I', n.nspname, c.relname) = ANY ($1::text[])
    UNION SELECT x.oid FROM held h CROSS JOIN LATERAL (
      SELECT i.inhrelid AS oid FROM pg_inherits i WHERE i.inhparent = h.oid
      UNION ALL SELECT d.refobjid FROM pg_rewrite r JOIN pg_class v ON v.oid = r.ev_class
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
          AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
        WHERE r.ev_class = h.oid AND v.relkind IN ('m', 'v')) x)
  SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN held USING (oid)
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'f') AND n.nspname !~ '^pg_' ORDER BY 1`
