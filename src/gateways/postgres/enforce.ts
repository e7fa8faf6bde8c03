/** The guard at the wire: each batch is read, passes the guard, and goes on, is counted, or is refused. */
import type { Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import type { Guard, Passed } from '../../guard/passed.ts'
import type { Asked } from '../../guard/ports.ts'
import { rowsOf, runAlone, runWithin } from './counted.ts'
import type { Budget, Counted, Counting } from './counted.ts'
import { openNames } from './names.ts'
import type { Bound, Names } from './names.ts'
import { refusalOf } from './told.ts'
import { refusal } from './refusal.ts'
import type { Batch, Desk, Enforcer, Heard, Refusal, Status, Way } from './seam.ts'
import { storeBatch } from './stored.ts'

/** One statement as the reader tells it. */
export interface ReadStatement {
  readonly operation: Operation
  /** `tx`: BEGIN, COMMIT, …; `set`: changes the session; `bounded`: its rows count; `plain`: everything else. */
  readonly kind: 'tx' | 'set' | 'bounded' | 'plain'
}

/** What the reading of one statement leans on beside its text. */
export interface About {
  /** What is bound to `$1` …: text, null for NULL, undefined for what came in binary. */
  readonly values: readonly (string | null | undefined)[]
  /** The text behind a prepared statement; null where there is none, or where it is not known which. */
  readonly prepared: (name: string) => string | null
}

export interface EnforceHouse {
  readonly guard: Pick<Guard, 'pass'>
  readonly principal: Principal
  readonly target: string
  /** The database behind it, by the server's own name. */
  readonly database: string
  /** Never throws: what cannot be read is one `unread` statement. */
  readonly read: (text: string, about: About) => readonly ReadStatement[]
  /** A function that is called by its oid, as a statement. */
  readonly readCall: (oid: number) => ReadStatement
  readonly budget: Budget
}

type Allowed = Extract<Passed, { readonly kind: 'allowed' }>

const onward: Way = { kind: 'pass' }
const later: Way = { kind: 'wait' }

/** One per session. INVARIANT (one order): nothing goes on that has not passed the guard with all that it may run. */
export function openEnforcer(house: EnforceHouse): Enforcer {
  const names = openNames()
  const underWay: {
    readonly allowed: Allowed | null
    readonly closes: boolean
    failed: boolean
  }[] = []
  let counting: Counting | null = null
  let lastTag = ''

  const judge = async (batch: Batch, status: Status | null): Promise<Way> => {
    const statements = statementsOf(house, batch, names)
    if (statements === null) return status === null ? later : { kind: 'refuse', error: unknownName }
    // Preparing runs nothing, and others may wait for a Sync that stands alone.
    if (statements.length === 0) return go(batch, null)
    if (status === null && statements.some(isCareful)) return later
    const passed = await ask(
      batch,
      statements.map(({ operation }) => operation),
    )
    if (passed.kind !== 'allowed') return { kind: 'refuse', error: refusalOf(passed) }
    if (!passed.clearance.spend(passed.digest)) throw new Error('the clearance is spent')
    return wayOf(batch, passed, statements)
  }

  /** How what was allowed goes on: as it came, or counted. */
  const wayOf = (batch: Batch, passed: Allowed, statements: readonly ReadStatement[]): Way => {
    const counts = statements.some(({ kind }) => kind === 'bounded')
    const ends = counting !== null && statements.some(({ kind }) => kind === 'tx')
    if (!counts && !ends) return go(batch, passed)
    if (counts && statements.some(({ kind }) => kind === 'tx')) {
      passed.done(403, 'mixed')
      return { kind: 'refuse', error: mixed }
    }
    const run = async (desk: Desk): Promise<Refusal | null> =>
      counts ? await count(desk, batch, { passed, statements }) : await close(desk, batch, passed)
    return { kind: 'bounded', run }
  }

  const go = (batch: Batch, allowed: Allowed | null): Way => {
    names.sent(batch)
    underWay.push({
      allowed,
      closes: batch.kind !== 'extended' || batch.closes === 'sync',
      failed: false,
    })
    return onward
  }

  const ask = async (batch: Batch, operations: readonly Operation[]): Promise<Passed> => {
    const { principal, target } = house
    const asked: Asked = {
      principal,
      target,
      platform: 'postgres',
      operations,
      key: null,
      request: storeBatch(batch, { database: house.database, role: null, settings: new Map() }),
      reason: null,
    }
    return await house.guard.pass(asked)
  }

  /** A bounded write: alone, or inside the client's own transaction. */
  const count = async (
    desk: Desk,
    batch: Batch,
    {
      passed,
      statements,
    }: { readonly passed: Allowed; readonly statements: readonly ReadStatement[] },
  ): Promise<Refusal | null> => {
    names.sent(batch)
    const isWithin = desk.status() !== 'I' || desk.midway
    const { budget } = house
    const counted = isWithin
      ? await runWithin(desk, { budget, counting })
      : await runAlone(desk, budget)
    passed.done(counted.kind === 'kept' ? 200 : 403, counted.kind)
    if (counted.kind === 'kept') {
      if (isWithin) counting = counted.counting ?? counting
      return null
    }
    if (counted.kind === 'broken') return counted.why
    return isWithin ? tooMany(counted.rows, budget.left()) : await hold(batch, statements, counted)
  }

  /** Too many rows: the same statement again is a destroy, with the exact number. */
  const hold = async (
    batch: Batch,
    statements: readonly ReadStatement[],
    { rows }: Extract<Counted, { kind: 'over' }>,
  ): Promise<Refusal> => {
    const passed = await ask(
      batch,
      statements.map(({ operation, kind }) =>
        kind === 'bounded' ? destroying(operation, rows, house.budget.left()) : operation,
      ),
    )
    if (passed.kind !== 'allowed') return refusalOf(passed)
    // The policy would let it run: it was rolled back, so it is not done; whoever wants that raises the budget.
    passed.done(403, 'over the row budget')
    return tooMany(rows, house.budget.left())
  }

  /** The end of a transaction that has changed rows: counted once more, as a whole. */
  const close = async (desk: Desk, batch: Batch, passed: Allowed): Promise<Refusal | null> => {
    const total = await totalOf(desk, counting)
    const why = typeof total === 'number' ? overBudget(total, house.budget.left()) : total
    if (why !== null) {
      passed.done(403, 'over the row budget')
      return why
    }
    names.sent(batch)
    const ran = await desk.send()
    if (typeof total === 'number' && counting !== null) counting = { ...counting, rows: total }
    passed.done(ran.error === null ? 200 : 400, 'forwarded')
    return null
  }

  /** However a transaction has ended: what it changed is spent, unless the server has said that it was rolled back. */
  const ended = (): void => {
    if (counting !== null && lastTag !== 'ROLLBACK') house.budget.spend(counting.rows)
    counting = null
  }

  return {
    judge,
    heard: (message: Heard) => {
      if (message.kind === 'done') names.done(message.step)
      if (message.kind === 'error') for (const one of underWay.slice(0, 1)) one.failed = true
      if (message.kind === 'complete') lastTag = message.tag
      if (message.kind !== 'ready') return
      names.ready(message.status)
      if (message.status === 'I') ended()
      // What was flushed before a Sync is answered by the same ReadyForQuery.
      const upTo = underWay.findIndex(({ closes }) => closes)
      for (const { allowed, failed } of underWay.splice(0, upTo + 1))
        allowed?.done(failed ? 400 : 200, 'forwarded')
    },
    closed: () => {
      for (const { allowed } of underWay.splice(0)) allowed?.done(0, 'the session has ended')
    },
  }
}

function statementsOf(
  house: EnforceHouse,
  batch: Batch,
  names: Names,
): readonly ReadStatement[] | null {
  if (batch.kind === 'query')
    return house.read(batch.text, { values: [], prepared: (name) => names.prepared(name) })
  if (batch.kind === 'call') return [house.readCall(batch.oid)]
  const found = names.runs(batch)
  return (
    found?.flatMap(({ text, values, formats }) =>
      house.read(text, {
        values: asText(values, formats),
        prepared: (name) => names.prepared(name),
      }),
    ) ?? null
  )
}

/** The values that came as text; a binary one is not known here, so the reader takes the worst. */
function asText(values: Bound['values'], formats: readonly number[]): About['values'] {
  return values.map((value, index) => {
    const format = formats.length === 1 ? formats[0] : formats[index]
    if (value === null) return null
    return format === 1 ? undefined : Buffer.from(value).toString('utf8')
  })
}

function isCareful({ operation, kind }: ReadStatement): boolean {
  return kind !== 'plain' || operation.effect !== 'read'
}

/** What the transaction has changed by now; a failed one can only end without a change. */
async function totalOf(desk: Desk, counting: Counting | null): Promise<number | Refusal> {
  if (desk.status() === 'E' || counting === null) return 0
  const now = await rowsOf(desk)
  return typeof now === 'number' ? now - counting.base : now
}

function overBudget(rows: number, left: number): Refusal | null {
  return rows > left ? tooMany(rows, left) : null
}

function destroying(operation: Operation, rows: number, left: number): Operation {
  const message = `it would change or delete ${rows} rows, and ${left} are left of the budget`
  return {
    ...operation,
    effect: 'destroy',
    kinds: ['data'],
    findings: [{ rule: 'row-budget', message }, ...operation.findings],
  }
}

function tooMany(rows: number, left: number): Refusal {
  return {
    code: '42501',
    message: `Firebreak refuses this transaction: it would change or delete ${rows} rows, and ${left} are left of the budget`,
    detail: 'nothing of it was kept',
    hint: 'send the statement by itself, outside a transaction: then a person can approve it',
  }
}

const unknownName = refusal(
  '26000',
  'Firebreak does not know the prepared statement or portal that this would run',
  'prepare it in this session, by the protocol',
)

const mixed = refusal(
  '42501',
  'Firebreak counts the rows of a write before it is kept, so it cannot run beside BEGIN or COMMIT in one message',
  'send each statement by itself',
)
