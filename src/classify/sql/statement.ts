/** One statement of a text as it was read, and what the reading leans on. */
import type { Operation } from '../../core/operation.ts'
import type { SqlCatalog } from '../../platforms/postgres/catalog.ts'
import type { SqlLoss } from '../../platforms/postgres/radius-rows.ts'

export interface SqlStatement {
  /** In the words of SQL: `DELETE`, `DROP TABLE`, `SELECT`. Its tables are resources `table` `schema.name`. */
  readonly operation: Operation
  /** `tx`: BEGIN, COMMIT…; `set`: changes the session; `bounded`: its rows are counted before they are kept; `plain`: the rest. */
  readonly kind: 'tx' | 'set' | 'bounded' | 'plain'
  /** True where the verdict hangs on a bound value (`$1`), so that it is judged again at Bind. */
  readonly hangsOnValues: boolean
  readonly text: string
  /**
   * What goes by a `destroy`, for `radiusOf`; empty where no relation does (a guard, an outage) and for all other effects. Null
   * where it cannot be told: without a catalog, for what is unread, dynamic or no relation's (a database, a role, a large object).
   */
  readonly losses: readonly SqlLoss[] | null
  /** The most rows that it changes or deletes, all in it, by a unique key; null where they must be counted. Says nothing in a session with temporary tables or functions of its own. */
  readonly atMost: number | null
  /** True for a `destroy` that by the catalog takes nothing: all that it names is not there (`DROP … IF EXISTS`). Whoever lets it run must see to it that this stays true until it has run. */
  readonly isVoid: boolean
  /**
   * Tables, by quoted names: a `destroy` takes nothing where the server finds all of them empty (`TRUNCATE` of what was made just
   * now). Null for every other. Whoever lets it run must see to it that they stay so until it has run.
   */
  readonly empties: readonly string[] | null
  /** What it leaves in the session, once it has run. */
  readonly leaves: readonly Left[]
}

export interface Left {
  /** `forgotten` and `dropped`: no such prepared statement, no such temporary table any more; all of them where the name is empty. A rollback makes temporary tables go too. */
  /** `renamed`: what the catalog calls by an old name (`text`) has a new one, or hangs on another thing; a rollback does not matter. */
  /** `altered`: tables may be built otherwise than the catalog says, until the transaction has ended. */
  readonly kind:
    'prepared' | 'forgotten' | 'temporary' | 'dropped' | 'function' | 'renamed' | 'altered'
  readonly name: string
  /** The text of a prepared statement; the old name of what was renamed. */
  readonly text: string
}

/** What the reading of a text leans on beside it. */
export interface SqlAbout {
  /** Null: nothing is known of the database, and functions that are not PostgreSQL's own are unread. */
  readonly catalog: SqlCatalog | null
  /** The name that resources carry; `sql` without one. */
  readonly target?: string
  /** Bound values as text, of one Bind; null is NULL, undefined is a value that cannot be read (binary). */
  readonly values?: readonly (string | null | undefined)[]
  /** Oids of types that a Parse told for its parameters. */
  readonly types?: readonly number[]
  readonly session?: SqlSession
  /** True: `losses` tells also what is bounded, which is lost where it is more than the budget. */
  readonly countedToo?: boolean
}

/** What went before in the same session. */
export interface SqlSession {
  /** The text behind a prepared statement of that name, SQL's and the protocol's alike; null for none. */
  prepared(name: string): string | null
  /** Names of temporary tables that this session made. */
  readonly temporary: ReadonlySet<string>
  /** Names of functions that this session made and that were let through without a hold; the catalog does not tell them yet. */
  readonly functions: ReadonlySet<string>
  /**
   * Old names by new ones, since the catalog was read: `t` → `public.s`, `new.` → `old.` for a schema. Where it is not kept, what
   * the catalog does not have may be there all the same.
   */
  readonly renamed?: ReadonlyMap<string, string>
}

/** The operation as it counts where nothing can change between the look at the catalog and the act: one that takes nothing is a write. */
export function asItStands({
  operation,
  isVoid,
}: Pick<SqlStatement, 'operation' | 'isVoid'>): Operation {
  return isVoid ? asWrite(operation) : operation
}

/** A `destroy` that takes nothing. */
export function asWrite(operation: Operation): Operation {
  return { ...operation, effect: 'write', kinds: [] }
}
