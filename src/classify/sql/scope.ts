/** What the reading of one statement knows, and what it has found so far. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Relation, SqlCatalog, SqlFunction } from '../../platforms/postgres/catalog.ts'
import type { SqlReason } from '../../platforms/postgres/effects.ts'
import type { SqlLoss } from '../../platforms/postgres/radius-rows.ts'
import type { Left, SqlAbout } from './statement.ts'
import { word } from './tree.ts'

/** Functions that call each other are followed so deep; beyond it they are unread. */
const deepest = 12

/** The rule of what would be grave if what it names were there. */
export const voidRule = 'sql-takes-nothing'

/** Reads what a statement runs beside itself; handed in, since statements, functions and views hold each other. */
export interface Runner {
  /** The statements of a text. */
  text(text: string, scope: Scope): void
  /** The body of a `CREATE FUNCTION` text. */
  definition(text: string, scope: Scope): void
  /** The actions of a `CREATE RULE` text. */
  rule(text: string, scope: Scope): void
  /** Every relation that the statements of a text name. */
  ranges(text: string): readonly JsonObject[]
  /** One statement's node, written in that text. */
  node(node: Json, text: string, scope: Scope): Heading
}

/** Finds what goes, once it is known that something does; null where that cannot be told. */
export type Lose = () => readonly SqlLoss[] | null

/** What a statement is called, and its kind where that is its own. */
export interface Heading {
  readonly words: string
  readonly kind?: 'tx' | 'set'
}

export class Scope {
  readonly about: SqlAbout
  readonly runner: Runner
  /** Names that stand for values: variables and arguments of a function's body. */
  readonly variables: ReadonlySet<string>
  /** Queries of WITH, by name; null where a name is given twice. */
  readonly ctes = new Map<string, JsonObject | null>()
  readonly reasons: SqlReason[] = []
  readonly touched = new Set<string>()
  /** Where values begin (byte offsets) that a person must see to judge: those of a WHERE. */
  readonly plain = new Set<number>()
  /** The statement that is read; null where it is not at hand. */
  query: Json = null
  /** Arguments that are columns which the query sets equal to a constant. */
  readonly pinned = new Map<Json, string>()
  /** Queries that are known to give few rows, or many. */
  readonly limited = new Map<JsonObject, boolean>()
  hangsOnValues = false
  /** True where the losses hold bound values, or would if they were known. */
  bindsLosses = false
  hangsOnSession = false
  /** True where a constant was looked at to judge: another number may get another verdict. */
  hangsOnNumbers = false
  /** True where the rows of the statement itself are counted. */
  isCounted = false
  /** Changes of rows that lie on another server: of those only what the tag of a statement tells is counted. */
  foreignChanges = 0
  /** True where what it calls, sets off or is computed for its rows changes rows too. */
  countsMore = false
  /** The most rows that each change in it can touch; null for those of which that is not known. */
  readonly mostRows: (number | null)[] = []
  /** Tables, by quoted names: if the server finds them empty nothing goes. Null where more may go than what is in them. */
  empties: readonly string[] | null = null
  /** Oids of the functions that were judged for it, wherever they are called. */
  readonly judged = new Set<number>()
  /** The commands that it is made of: `SELECT`, `DELETE`. */
  readonly commands = new Set<string>()
  readonly leaves: Left[] = []
  /** True where calls are written down, not run: the body of a view that is made. */
  readonly quiet: boolean
  readonly #losing: Lose[] = []
  readonly #seen: ReadonlySet<number>
  readonly #depth: number

  private constructor(from: {
    about: SqlAbout
    runner: Runner
    variables: ReadonlySet<string>
    quiet: boolean
    seen: ReadonlySet<number>
    depth: number
  }) {
    this.about = from.about
    this.runner = from.runner
    this.variables = from.variables
    this.quiet = from.quiet
    this.#seen = from.seen
    this.#depth = from.depth
  }

  static of(about: SqlAbout, runner: Runner, quiet = false): Scope {
    return new Scope({ about, runner, variables: new Set(), quiet, seen: new Set(), depth: 0 })
  }

  get catalog(): SqlCatalog | null {
    return this.about.catalog
  }

  add(...reasons: readonly SqlReason[]): void {
    this.reasons.push(...reasons)
    if (reasons.some(isLoss)) this.#losing.push(() => null)
  }

  /** Adds reasons of which it can be told what goes. */
  lose(lose: Lose, ...reasons: readonly SqlReason[]): void {
    this.reasons.push(...reasons)
    this.#losing.push(lose)
  }

  /** All that goes; null where a part of it cannot be told. */
  losses(): readonly SqlLoss[] | null {
    const all = this.#losing.map((lose) => lose())
    return all.includes(null) ? null : all.flatMap((each) => each ?? [])
  }

  unread(rule: string, why: string): void {
    this.add({ effect: 'unread', rule, why })
  }

  /** True for what a function, a view or a rule runs. */
  get isInside(): boolean {
    return this.#depth > 0
  }

  /** True for a function that this session made. */
  made(name: string): boolean {
    this.hangsOnSession = true
    return this.about.session?.functions.has(name) === true
  }

  /** True where it made any: then nobody knows yet what may call them. */
  get hasMade(): boolean {
    this.hangsOnSession = true
    return (this.about.session?.functions.size ?? 0) > 0
  }

  /** A scope for what a statement runs beside itself: the body of a function, a view. Null where it is being read already, or too deep. */
  inside(oid: number | null, variables: Iterable<string>): Scope | 'seen' | 'too-deep' {
    if (oid !== null && this.#seen.has(oid)) return 'seen'
    if (this.#depth >= deepest) return 'too-deep'
    return new Scope({
      about: { ...this.about, values: [] },
      runner: this.runner,
      variables: new Set(variables),
      quiet: false,
      seen: oid === null ? this.#seen : new Set([...this.#seen, oid]),
      depth: this.#depth + 1,
    })
  }

  /** Judges what is only made, not run: no row of it is counted now. */
  making(judge: () => void): void {
    const { isCounted } = this
    judge()
    this.isCounted = isCounted
  }

  /** Takes over what another scope found. */
  absorb(other: Scope, keep: (reason: SqlReason) => boolean = () => true): void {
    this.reasons.push(...other.reasons.filter(keep))
    this.#losing.push(...other.#losing)
    for (const name of other.touched) this.touched.add(name)
    for (const oid of other.judged) this.judged.add(oid)
    this.leaves.push(...other.leaves.filter(({ kind }) => kind === 'renamed' || kind === 'altered'))
    this.isCounted ||= other.isCounted
    this.foreignChanges += other.foreignChanges
    this.countsMore ||= other.isCounted
    this.hangsOnSession ||= other.hangsOnSession
    this.hangsOnNumbers ||= other.hangsOnNumbers
  }

  /** A relation as the catalog has it; null where it is not known. */
  relation(range: JsonObject): Relation | null {
    const catalog = this.catalog
    if (catalog === null) return null
    const name = word(range, 'relname')
    const schema = word(range, 'schemaname')
    const path = schema === '' ? ['pg_catalog', ...catalog.searchPath] : [schema]
    for (const each of path) {
      const found = catalog.relationNames.get(`${each}.${name}`)
      if (found !== undefined) return found
    }
    return this.#renamed(schema, name)
  }

  /** What this session has given another name since the catalog was read. */
  #renamed(schema: string, name: string): Relation | null {
    const renamed = this.about.session?.renamed
    if (renamed === undefined || renamed.size === 0) return null
    this.hangsOnSession = true
    const old = renamed.get(name) ?? `${renamed.get(`${schema}.`) ?? ''}${name}`
    return this.catalog?.relationNames.get(old) ?? null
  }

  /** True where everything grave that was found is of things that are not there. */
  get isVoid(): boolean {
    return this.reasons.every(
      ({ effect, rule }) => effect === 'read' || effect === 'write' || rule === voidRule,
    )
  }

  /** True where what the catalog does not have is nowhere: nothing has got another name in this session since it was read. */
  get isWhole(): boolean {
    this.hangsOnSession = true
    const session = this.about.session
    // What stands before it in the body of a loop may come after it too.
    return (
      this.#depth === 0 &&
      this.catalog !== null &&
      (session === undefined || session.renamed?.size === 0)
    )
  }

  /** True for a relation that is not there, whatever the search path. */
  isAbsent(range: JsonObject): boolean {
    return this.isWhole && this.namesakes(range).length === 0 && !isSystem(range)
  }

  /** True for a temporary table that this session made. */
  isTemporary(range: JsonObject): boolean {
    const schema = word(range, 'schemaname')
    if (schema === 'pg_temp') return true
    const isMade = this.about.session?.temporary.has(word(range, 'relname')) === true
    // Whoever says more of a table that is none says that it hangs on this: so that others need not be read each time.
    this.hangsOnSession ||= isMade
    // A search path can lead past it to another of its name.
    return schema === '' && isMade && this.namesakes(range).length === 0
  }

  /** Every relation that a name may mean, whatever the search path has become. */
  namesakes(range: JsonObject): readonly Relation[] {
    const catalog = this.catalog
    const name = word(range, 'relname')
    if (catalog === null) return []
    if (word(range, 'schemaname') !== '') {
      const found = this.relation(range)
      return found === null ? [] : [found]
    }
    const renamed = this.#renamed('', name)
    const found = catalog.relationsByName.get(name) ?? []
    return renamed === null || found.includes(renamed) ? found : [...found, renamed]
  }

  /** Functions that a name may mean: of its schema, or of any schema but `pg_catalog` where it has none. */
  functions(schema: string | null, name: string): readonly SqlFunction[] {
    const found = this.catalog?.functionNames.get(name) ?? []
    return found.filter((each) =>
      schema === null ? each.schema !== 'pg_catalog' : each.schema === schema,
    )
  }

  /** Notes a table as touched, by the name that the catalog has or the statement gives. */
  touch(range: JsonObject): void {
    const schema = word(range, 'schemaname')
    const name = word(range, 'relname')
    if (schema === '' && this.ctes.has(name)) return
    const known = this.relation(range)
    if (known === null) this.touched.add(schema === '' ? name : `${schema}.${name}`)
    else this.touched.add(`${known.schema}.${known.name}`)
  }

  /** A bound value: undefined where it is not known (yet); the verdict then hangs on it. */
  value(node: JsonObject): string | null | undefined {
    this.hangsOnValues = true
    const number = node['number']
    return typeof number === 'number' ? this.about.values?.[number - 1] : undefined
  }
}

/** True where something goes that can be counted or named; of a guard or of availability no row goes. */
function isLoss({ effect, kinds = [] }: SqlReason): boolean {
  return effect === 'destroy' && kinds.some((kind) => kind !== 'guard' && kind !== 'outage')
}

/** True for the tables of the server itself. */
export function isSystem(range: JsonObject): boolean {
  const schema = word(range, 'schemaname')
  if (schema === '') return word(range, 'relname').startsWith('pg_')
  return schema === 'pg_catalog' || schema === 'pg_toast' || schema === 'information_schema'
}
