/** What a database says of itself, as far as the reading of SQL leans on it: a snapshot, taken by reads only. */

export interface SqlCatalog {
  /** `server_version_num`: 150004. */
  readonly version: number
  /** Schemas that unqualified names are looked up in, `$user` resolved, without the implicit `pg_catalog`. */
  readonly searchPath: readonly string[]
  readonly relations: ReadonlyMap<number, Relation>
  /** By `schema.name`, both as the catalog spells them. */
  readonly relationNames: ReadonlyMap<string, Relation>
  /** Every relation of a name, whatever its schema. */
  readonly relationsByName: ReadonlyMap<string, readonly Relation[]>
  readonly functions: ReadonlyMap<number, SqlFunction>
  /** Every function of a name, whatever its schema and arguments. */
  readonly functionNames: ReadonlyMap<string, readonly SqlFunction[]>
  /** Oids of the functions outside `pg_catalog` behind an operator, by its symbol; operators of `pg_catalog` are left out. */
  readonly operators: ReadonlyMap<string, readonly number[]>
  /** Oids of the functions outside `pg_catalog` that casts to, and checks of, a type run; by the type's name without its schema. */
  readonly types: ReadonlyMap<string, readonly number[]>
  /** Every schema and every type outside the server's own. */
  readonly schemas: ReadonlySet<string>
  readonly typeNames: ReadonlySet<string>
  /** Those that are switched on. */
  readonly eventTriggers: readonly EventTrigger[]
}

export interface Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind:
    | 'table'
    | 'partitioned'
    | 'view'
    | 'materialized'
    | 'foreign'
    | 'sequence'
    | 'index'
    | 'composite'
  readonly columns: readonly Column[]
  /** Columns of each primary key and unique index that is neither partial nor over an expression. */
  readonly uniqueKeys: readonly (readonly string[])[]
  /** Foreign keys of other tables (or its own) that point at it. */
  readonly pointedAtBy: readonly ForeignKey[]
  readonly triggers: readonly Trigger[]
  readonly rules: readonly Rule[]
  /** `pg_get_viewdef` of a view; null for the rest. */
  readonly definition: string | null
  /** Oids of partitions and of tables that inherit. */
  readonly children: readonly number[]
  /** Oid of the table of an index, or of the one that it is a partition of; null for the rest. */
  readonly parent: number | null
  /** `reltuples`; -1 where it was never counted. */
  readonly estimatedRows: number
  readonly bytes: number
  readonly rowSecurity: boolean
  /** True for an index that keeps duplicates out. */
  readonly isUnique: boolean
  /** What its checks, index expressions, trigger conditions and policies for rows call, PostgreSQL's own left out. */
  readonly calls: readonly RowCall[]
  /** Names of its policies for rows, and of its constraints. */
  readonly policies: readonly string[]
  readonly constraints: readonly string[]
  /** The last number that a sequence gave, the one before its first where it gave none; null where that is not told, or it counts down. */
  readonly lastValue: bigint | null
}

export interface RowCall {
  /** `change`: at any event, as the condition of a trigger. */
  readonly on: 'read' | 'write' | 'change'
  /** Oid of the function. */
  readonly runs: number
}

export interface EventTrigger {
  readonly name: string
  /** Command tags at which it fires; empty for all. */
  readonly tags: readonly string[]
  readonly runs: number
}

export interface Column {
  readonly name: string
  /** `format_type`: `character varying(20)`. */
  readonly type: string
  readonly notNull: boolean
  /** The text of its default or of what generates it; null without one. */
  readonly default: string | null
  /** Oid of the sequence that is its own: of an identity, a serial, or by OWNED BY; null without one. */
  readonly sequence: number | null
}

/** What the server does to the rows that point. */
export type KeyAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default'

export interface ForeignKey {
  readonly name: string
  /** Oid of the table whose rows point. */
  readonly from: number
  readonly onDelete: KeyAction
  readonly onUpdate: KeyAction
}

export type DmlEvent = 'insert' | 'update' | 'delete' | 'truncate'

export interface Trigger {
  readonly name: string
  readonly events: readonly DmlEvent[]
  /** Oid of the function that it runs. */
  readonly runs: number
  readonly enabled: boolean
}

export interface Rule {
  readonly name: string
  readonly event: 'select' | DmlEvent
  /** `pg_get_ruledef`. */
  readonly definition: string
}

export interface SqlFunction {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window'
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  /** `internal`, `c`, `sql`, `plpgsql`, … */
  readonly language: string
  readonly securityDefiner: boolean
  readonly returnsSet: boolean
  /** `format_type` of each input argument. */
  readonly arguments: readonly string[]
  /** Names of all arguments, outputs too. */
  readonly argumentNames: readonly string[]
  /** `format_type` of what it returns. */
  readonly returns: string
  /** `pg_get_functiondef` where the language is `sql` or `plpgsql`; null for the rest. */
  readonly definition: string | null
  /** Oids of the functions that an aggregate is made of, 0 for one that cannot be told; empty for the rest, and for those of the server's own. */
  readonly parts: readonly number[]
  /** The extension that it came with; null without one. */
  readonly extension: string | null
}
