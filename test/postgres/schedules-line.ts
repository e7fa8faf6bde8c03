/** An agent's session: what it says, what it hears, and what its transaction would change if it were kept. */
import { errorFields, send, Session } from './differential-wire.ts'
import type { Frame } from './differential-wire.ts'
import { made } from './schedules-change.ts'
import type { Change } from './schedules-change.ts'
import type { Shop } from './schedules-shop.ts'
import type { Said } from './schedules-steps.ts'

export interface Line {
  readonly name: string
  readonly principal: string
  grant: string
  session: Session | null
  status: string
  /** What its open transaction has changed, and how much of that each savepoint has before it. */
  pending: readonly Change[]
  marks: readonly number[]
}

/** What became of a statement. `kept` is what it has changed for good; where that is `maybe`, no answer has come. */
export interface Heard {
  readonly ok: boolean
  readonly error: string | null
  /** The hold that the client was told of. */
  readonly hold: string | null
  readonly kept: readonly Change[]
  readonly maybe: boolean
}

export interface Statement {
  readonly sql: string
  readonly change: Change
  /** What it does once it is approved. */
  readonly held: Change
}

export function statementOf(said: Said, unique: number): Statement {
  const of = (sql: string, change: Change, held = change): Statement => ({ sql, change, held })
  switch (said.kind) {
    case 'read':
      return of('SELECT count(*) FROM car', { kind: 'nothing' })
    case 'insert': {
      const row = { id: 10_000 + unique, body: `new ${unique}` }
      return of(`INSERT INTO word (id, body) VALUES (${row.id}, '${row.body}')`, {
        kind: 'insert',
        table: 'word',
        row,
      })
    }
    case 'control':
      return of(said.sql, { kind: 'nothing' })
    case 'destroy':
      return of(said.sql, { kind: 'nothing' }, destroyed(said.sql))
    case 'set':
    case 'delete-car':
    case 'delete-trip': {
      const ids = Array.from({ length: said.rows }, (_, at) => String(said.from + at))
      const where = `WHERE id IN (${ids.join(', ')})`
      const name = `set ${unique}`
      if (said.kind === 'set')
        return of(`UPDATE car SET name = '${name}' ${where}`, { kind: 'set', ids, name })
      const table = said.kind === 'delete-car' ? 'car' : 'trip'
      return of(`DELETE FROM ${table} ${where}`, { kind: 'delete', table, ids })
    }
  }
}

function destroyed(sql: (Said & { kind: 'destroy' })['sql']): Change {
  switch (sql) {
    case 'DELETE FROM trip':
      return { kind: 'empty', table: 'trip' }
    case 'UPDATE car SET n = n + 1':
      return { kind: 'bump' }
    case 'TRUNCATE word':
      return { kind: 'empty', table: 'word' }
    case 'TRUNCATE car CASCADE':
      return { kind: 'empty', table: 'car' }
    case 'DROP TABLE trip':
      return { kind: 'drop', table: 'trip' }
    case 'DROP TABLE car CASCADE':
      return { kind: 'drop', table: 'car' }
    case 'ALTER TABLE car DROP COLUMN note':
      return { kind: 'dropColumn' }
  }
}

const nothing: Heard = { ok: false, error: null, hold: null, kept: [], maybe: false }

/** Opens it where it is not open; false where it is not let in. */
async function isOpen(line: Line, port: number): Promise<boolean> {
  if (line.session !== null) return true
  const { session, frames } = await Session.open({
    port,
    user: 'agent',
    database: 'shop',
    password: line.grant,
    parameters: { application_name: line.name },
  })
  if (frames.at(-1)?.type !== 'Z') {
    session.cut()
    return false
  }
  Object.assign(line, { session, status: 'I', pending: [], marks: [] })
  return true
}

/** It has ended: nothing of its transaction is kept. */
export function lost(line: Line): void {
  line.session?.cut()
  Object.assign(line, { session: null, status: 'I', pending: [], marks: [] })
}

export const isIdle = ({ status, session }: Line): boolean => session === null || status === 'I'

interface Way {
  readonly port: number
  readonly isExtended: boolean
  readonly isGone: boolean
  /** What is committed by now. */
  readonly shop: Shop
}

export async function speak(line: Line, statement: Statement, way: Way): Promise<Heard> {
  if (!(await isOpen(line, way.port)) || line.session === null)
    return { ...nothing, error: 'not let in' }
  const { session, status, pending } = line
  const { sql } = statement
  const fixed = frozen(
    pending.reduce((shop, each) => made(shop, each).shop, way.shop),
    statement.change,
  )
  session.write(way.isExtended ? extended(sql) : send.query(sql))
  const frames = way.isGone ? [] : await session.until('Z')
  const [error, last] = [errorIn(frames), frames.at(-1)]
  if (last?.type !== 'Z') {
    lost(line)
    return { ...nothing, error, kept: unanswered(sql, status, { pending, fixed }), maybe: true }
  }
  line.status = last.body.toString('latin1')
  if (error === null) {
    const said = { sql, tag: tagIn(frames), fixed, before: status }
    return { ...nothing, ok: true, kept: after(line, said) }
  }
  if (line.status === 'I') Object.assign(line, { pending: [], marks: [] })
  return { ...nothing, error, hold: /firebreak approve (hold_\w+)/.exec(error)?.[1] ?? null }
}

/** What may have been kept where no answer has come. */
function unanswered(
  sql: string,
  status: string,
  { pending, fixed }: { readonly pending: readonly Change[]; readonly fixed: Change },
): readonly Change[] {
  if (sql === 'COMMIT') return pending
  return status === 'I' ? [fixed] : []
}

function tagIn(frames: readonly Frame[]): string {
  const done = frames.find(({ type }) => type === 'C')
  return done === undefined ? '' : done.body.toString('utf8').replace('\0', '')
}

function errorIn(frames: readonly Frame[]): string | null {
  const error = frames.find(({ type }) => type === 'E')
  return error === undefined ? null : [...errorFields(error.body).values()].join(' ')
}

/** What is kept now that the server has answered so. */
function after(
  line: Line,
  said: {
    readonly sql: string
    readonly tag: string
    readonly fixed: Change
    readonly before: string
  },
): readonly Change[] {
  const { sql, tag, fixed, before } = said
  const all = line.pending
  if (line.status === 'I') {
    Object.assign(line, { pending: [], marks: [] })
    if (before === 'I') return [fixed]
    return tag === 'COMMIT' ? all : []
  }
  if (sql === 'SAVEPOINT a') line.marks = [...line.marks, all.length]
  else if (sql === 'ROLLBACK TO a') line.pending = all.slice(0, line.marks.at(-1) ?? 0)
  else line.pending = [...all, fixed]
  return []
}

/** With the rows that are there now: those that come later are not meant. */
function frozen(shop: Shop, change: Change): Change {
  if (change.kind !== 'set' && change.kind !== 'delete') return change
  const rows = shop[change.kind === 'set' ? 'car' : change.table]?.rows ?? {}
  return { ...change, ids: change.ids.filter((id) => id in rows) }
}

function extended(sql: string): Buffer {
  return Buffer.concat([
    send.parse('', sql),
    send.bind('', ''),
    send.describe('P', ''),
    send.execute(''),
    send.sync(),
  ])
}
