/** PostgreSQL's own check of a copy's tables and indexes (its module `amcheck`): pages, row heads, and the order of every B-tree. */
import { messageOf } from '../base/error.ts'
import { told } from '../platforms/postgres/questions.ts'
import type { Ask } from '../platforms/postgres/questions.ts'
import { isFull } from './reason.ts'

export interface Checked {
  /** What is not as it should be, one line each. */
  readonly wrong: readonly string[]
  /** What was looked at, and what was not, with why. */
  readonly notes: readonly string[]
}

/**
 * Asked as a superuser of the copy. INVARIANT (nothing of the copy's commands the server): only functions of the server's own run; an index whose
 * order is decided by others is left out, and told.
 */
export async function amcheck(ask: Ask): Promise<Checked> {
  const [server] = await ask(
    `SELECT current_setting('server_version_num')::int AS version,
      EXISTS (SELECT FROM pg_event_trigger WHERE evtenabled IN ('A', 'R')) AS fires`,
  )
  if (told(server, 'fires') === 't')
    return none('event triggers of the copy would run with the rights of a superuser')
  const version = Number(told(server, 'version'))
  try {
    // What is set for the role or the database must not keep it from being looked at.
    for (const sql of quiet) await ask(sql)
    if (version >= 140_000) await ask(verifyHeap)
    await ask(checkIndex)
  } catch (thrown) {
    return none(`the module \`amcheck\` cannot be had here: ${messageOf(thrown)}`)
  }
  const heaps = version >= 140_000 ? await heapsIn(ask) : { wrong: [], count: 0 }
  const indexes = await indexesIn(ask, version)
  return {
    wrong: [...heaps.wrong, ...indexes.wrong],
    notes: [
      `amcheck: ${heaps.count} tables and ${indexes.count} indexes, the server's own among them`,
      ...indexes.notes,
    ],
  }
}

const quiet = [
  'SET session_replication_role = replica',
  'SET default_transaction_read_only = off',
  'SET statement_timeout = 0',
  'SET search_path = pg_catalog',
]

// The module's functions by themselves, for this session: an extension of the copy's may be another one, or be there already.
const verifyHeap = `CREATE FUNCTION pg_temp.verify_heapam(relation regclass, on_error_stop boolean, check_toast boolean, skip text,
    startblock bigint, endblock bigint, OUT blkno bigint, OUT offnum integer, OUT attnum integer, OUT msg text)
  RETURNS SETOF record LANGUAGE c AS '$libdir/amcheck', 'verify_heapam'`
const checkIndex = `CREATE FUNCTION pg_temp.bt_index_check(index regclass, heapallindexed boolean)
  RETURNS void LANGUAGE c STRICT AS '$libdir/amcheck', 'bt_index_check'`

interface Found {
  readonly wrong: readonly string[]
  readonly count: number
}

async function heapsIn(ask: Ask): Promise<Found> {
  const wrong: string[] = []
  const rows = await ask(
    `SELECT c.oid, c.oid::regclass AS name FROM pg_class c
     WHERE c.relkind IN ('r', 'm', 't') AND c.relam = 2 AND c.relpersistence = 'p' ORDER BY c.oid`,
  )
  for (const row of rows) {
    const why = await faultOf(async () => {
      // Values out of line are read with the rows.
      const [first] = await ask(
        `SELECT blkno, msg FROM pg_temp.verify_heapam($1::oid::regclass, true, false, 'none', NULL, NULL) LIMIT 1`,
        [told(row, 'oid')],
      )
      return first === undefined ? null : `page ${told(first, 'blkno')}: ${told(first, 'msg')}`
    })
    if (why !== null) wrong.push(`\`${told(row, 'name')}\` is damaged: ${why}`)
  }
  return { wrong, count: rows.length }
}

async function indexesIn(ask: Ask, version: number): Promise<Checked & Found> {
  const [wrong, notes]: [string[], string[]] = [[], []]
  let count = 0
  for (const row of await ask(indexes(version))) {
    const name = `\`${told(row, 'name')}\``
    if (told(row, 'ours') !== 't') {
      notes.push(`the index ${name} was not checked: code of an extension decides its order`)
      continue
    }
    count += 1
    const why = await faultOf(async () => {
      await ask('SELECT pg_temp.bt_index_check($1::oid::regclass, false)', [told(row, 'oid')])
      return null
    })
    if (why === null) continue
    if (told(row, 'sorted') === 't') wrong.push(`the index ${name} is damaged: ${why}`)
    // Where this machine sorts text otherwise, that says nothing of the copy: an index is made again by REINDEX.
    else notes.push(`the index ${name} does not fit how this machine sorts text: ${why}`)
  }
  return { wrong, notes, count }
}

/** B-trees that are in use; `ours`: all that decides the order is the server's own; `sorted`: this machine sorts its text as the source did. */
function indexes(version: number): string {
  // Before version 15 a database does not say by which version of a collation it was sorted.
  const same =
    version < 150_000
      ? 'false'
      : `(SELECT d.datcollversion IS NOT DISTINCT FROM pg_database_collation_actual_version(d.oid)
          FROM pg_database d WHERE d.datname = current_database())`
  return `SELECT i.indexrelid AS oid, i.indexrelid::regclass AS name,
      NOT EXISTS (SELECT FROM unnest(i.indclass::oid[]) o WHERE o >= 16384) AS ours,
      NOT EXISTS (SELECT FROM unnest(i.indcollation::oid[]) o JOIN pg_collation l ON l.oid = o
        WHERE NOT CASE WHEN l.collname IN ('C', 'POSIX') AND l.oid < 16384 THEN true WHEN l.collprovider = 'd' THEN ${same}
          ELSE l.collversion IS NOT DISTINCT FROM pg_collation_actual_version(l.oid) END) AS sorted
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relam = 403 AND c.relkind = 'i' AND c.relpersistence = 'p' AND i.indisvalid AND i.indisready ORDER BY 1`
}

async function faultOf(look: () => Promise<string | null>): Promise<string | null> {
  try {
    return await look()
  } catch (thrown) {
    if (isFull(thrown)) throw thrown
    // What the server says when it reads a damaged page is what was looked for.
    return messageOf(thrown)
  }
}

function none(why: string): Checked {
  return { wrong: [], notes: [`no amcheck: ${why}`] }
}
