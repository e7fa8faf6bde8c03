/** A batch as the reader of SQL tells it: every statement that it may run, and what of it is done in which way. */
import type { JsonObject } from '../../base/json.ts'
import { Batch } from '../../classify/sql/batch.ts'
import type { SqlSession, SqlStatement } from '../../classify/sql/statement.ts'
import type { Bound, Names, Seen } from './names.ts'

/** One statement as the reader tells it. */
export type ReadStatement = Pick<
  SqlStatement,
  'operation' | 'kind' | 'leaves' | 'text' | 'atMost' | 'isVoid' | 'empties'
>

/** What the reading of one text leans on beside it. */
export interface About {
  /** What is bound to `$1` …: text, null for NULL, undefined for what came in binary. */
  readonly values: readonly (string | null | undefined)[]
  /** Types outside the server's own that are told for them. */
  readonly types?: readonly number[]
  readonly session: SqlSession
}

export interface Reader {
  /** Never throws: what cannot be read is one `unread` statement. */
  readonly read: (text: string, about: About) => readonly ReadStatement[]
  /** A function that is called by its oid, as a statement. */
  readonly readCall: (oid: number) => ReadStatement
}

export interface Reading {
  readonly statements: readonly ReadStatement[]
  /** The statements by what the server tells as done: each by itself, or all that may stand behind one Execute; then what is only bound. */
  readonly runs: readonly (readonly ReadStatement[])[]
  /** Of the statements those that are only bound. */
  readonly unrun: readonly ReadStatement[]
  readonly seen: Seen
}

/** Null where it runs what is behind a name that is not known here. */
export function readBatch(
  reader: Reader,
  batch: Parameters<Names['look']>[0],
  { names, session }: { readonly names: Names; readonly session: SqlSession },
): Reading | null {
  const seen = names.look(batch)
  if (batch.kind === 'query') {
    const statements = reader.read(batch.text, { values: [], session })
    return { statements, runs: statements.map((one) => [one]), unrun: [], seen }
  }
  if (batch.kind === 'call') {
    const call = Buffer.from(batch.bytes).toString('hex')
    const statements = [withBound(reader.readCall(batch.oid), { call })]
    return { statements, runs: [statements], unrun: [], seen }
  }
  if (seen.runs === null) return null
  // What an earlier one leaves, a later one of the same batch may lean on.
  const together = seen.runs.length + seen.unrun.length > 1 ? new Batch(session) : null
  const readOne = (bound: Bound): readonly ReadStatement[] => {
    const types = bound.types.filter((oid) => oid >= firstOfUsers)
    const found = reader.read(bound.text, {
      values: asText(bound),
      ...(types.length === 0 ? {} : { types }),
      session: together ?? session,
    })
    for (const { leaves } of found) together?.note(leaves)
    const more = besidesText(bound)
    return more === null ? found : found.map((each) => withBound(each, more))
  }
  const runs = seen.runs.map(({ bounds }) => bounds.flatMap(readOne))
  if (seen.unrun.length === 0)
    return { statements: runs.length === 1 ? (runs[0] ?? []) : runs.flat(), runs, unrun: [], seen }
  // To bind what begins or ends a transaction does nothing.
  const unrun = seen.unrun.flatMap((bounds) => bounds.flatMap(readOne)).filter((one) => !isTx(one))
  return { statements: [...runs.flat(), ...unrun], runs: [...runs, unrun], unrun, seen }
}

/** The server's own have smaller oids. */
const firstOfUsers = 16_384

/** The values that came as text; a binary one is not known here, so the reader takes the worst. */
function asText({ values, formats }: Bound): About['values'] {
  return values.map((value, index) => {
    if (value === null) return null
    return isBinary(formats, index) ? undefined : Buffer.from(value).toString('utf8')
  })
}

function isBinary(formats: readonly number[], index: number): boolean {
  return (formats.length === 1 ? formats[0] : formats[index]) === 1
}

/** What is bound and stands in no text: the types that were told, and binary values. Null where there is nothing. */
function besidesText({ types, values, formats }: Bound): JsonObject | null {
  const binary = values.map((value, index) =>
    value !== null && isBinary(formats, index) ? Buffer.from(value).toString('hex') : null,
  )
  if (types.length === 0 && binary.every((value) => value === null)) return null
  return { bound: { types, binary } }
}

/** INVARIANT (approval binds): another value, and another type of one, is another act. */
function withBound(statement: ReadStatement, more: JsonObject): ReadStatement {
  const { operation } = statement
  if (operation.effect === 'read') return statement
  return {
    ...statement,
    operation: { ...operation, parameters: { ...operation.parameters, ...more } },
  }
}

/** True for what neither destroys nor widens anything, as far as it was read. */
export function isQuiet({ operation: { effect } }: ReadStatement): boolean {
  return effect === 'read' || effect === 'write'
}

const changing = new Set(['sql-bounded', 'sql-no-bound'])

/** True for what may change or delete rows within a bound, itself or by what it calls and sets off: those are counted. */
export function changesRows(statement: ReadStatement): boolean {
  if (!isQuiet(statement)) return false
  if (statement.kind === 'bounded') return true
  const { effect, findings } = statement.operation
  return effect === 'write' && findings.some(({ rule }) => changing.has(rule))
}

/** True for a text that is no SQL, as far as the reader knows. */
export function isUnreadable({ operation: { effect, findings } }: ReadStatement): boolean {
  return effect === 'unread' && findings.some(({ rule }) => rule === 'sql-unread')
}

/** True for the data that a client sends behind a statement: nobody else can send it. */
export function takesData({ operation, text }: ReadStatement): boolean {
  return operation.name === 'COPY FROM' && /\bstdin\b/i.test(text)
}

export function isTx({ kind }: ReadStatement): boolean {
  return kind === 'tx'
}

/** What begins and ends transactions or sets something: no other setting changes what it does. */
export function isOfSession({ kind }: ReadStatement): boolean {
  return kind === 'tx' || kind === 'set'
}

const ends = new Set(['COMMIT', 'ROLLBACK', 'PREPARE TRANSACTION'])

/** What ends a transaction, or was let run in it and counts for nothing. */
export function isEnd(statement: ReadStatement): boolean {
  return isTx(statement) ? ends.has(statement.operation.name) : !isQuiet(statement)
}

/** What a transaction that has failed does not run. */
export function isSkipped({ kind, operation }: ReadStatement): boolean {
  return kind !== 'tx' && operation.effect !== 'unread'
}

export function makesFunction({ leaves }: ReadStatement): boolean {
  return leaves.some(({ kind }) => kind === 'function')
}
