/** How the gateway asks the guard about a batch. */
import { asItStands, asWrite } from '../../classify/sql/statement.ts'
import type { Principal } from '../../core/principal.ts'
import type { Finding } from '../../core/verdict.ts'
import type { Budgets } from '../../guard/budget.ts'
import type { Guard, Passed } from '../../guard/passed.ts'
import type { Asked } from '../../guard/ports.ts'
import type { Purse } from './block.ts'
import type { Neighbours } from './neighbours.ts'
import type { Reader, Reading, ReadStatement } from './reading.ts'
import type { Batch, Status } from './seam.ts'
import type { Setting } from './stored.ts'
import { operationsOf, requestOf, wholeOf } from './whole.ts'

export interface EnforceHouse extends Reader {
  readonly guard: Pick<Guard, 'pass'>
  readonly principal: Principal
  readonly target: string
  /** The database behind it, by the server's own name. */
  readonly database: string
  /** What the client has set at its start, by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>
  /** Called where the catalog is looked at; says at the act whether it is, as others see it, still that one. */
  readonly stands: () => () => Promise<boolean>
  /** Called with what a batch may run; where something comes back, it is read once more when that is fulfilled. */
  readonly meets: (statements: readonly ReadStatement[]) => Promise<void> | null
  readonly budgets: Budgets
  /** The other sessions of this database. */
  readonly neighbours: Neighbours
  /** Rows that a principal may change in an hour whose grant does not say. */
  readonly rows: number
  /** False where destroying needs nobody: then no rows are counted. */
  readonly counts: () => boolean
  /** True in shadow mode: what would be refused is written down, and kept. */
  readonly isLenient: boolean
}

/** A batch as it was read, and where the server was then. */
export interface Judged {
  readonly batch: Batch
  readonly reading: Reading
  readonly status: Status | null
  /** As it would be, if the catalog were not what it was at the look; where that is a question. */
  readonly otherwise?: Otherwise
}

/** Why it may take nothing: by the catalog, as long as that `stands`; or because these tables are empty. */
export type Otherwise = { readonly judged: Judged } & (
  { readonly stands: () => Promise<boolean> } | { readonly empties: readonly string[] }
)

/** What the guard is told beside the statements. */
export interface Beside {
  readonly setting: Setting
  /** Why it cannot wait for a person. */
  readonly leans: Finding | null
  /** It was counted, and is more than is left. */
  readonly over?: string
}

/**
 * By itself, outside a transaction, it may take nothing: `DROP … IF EXISTS` of what is not there by the catalog, `TRUNCATE` of what
 * is empty. `runVoid` sees to it.
 */
export function asItIs(judged: Judged, { stands }: EnforceHouse): Judged {
  const { batch, reading, status } = judged
  const [only, more] = reading.statements
  if (only === undefined || more !== undefined || status !== 'I') return judged
  if (batch.kind === 'extended' && batch.closes !== 'sync') return judged
  if (only.empties !== null)
    return { ...asTakingNothing(judged), otherwise: { judged, empties: only.empties } }
  if (!only.isVoid) return judged
  const asVoid = {
    ...judged,
    reading: { ...reading, statements: [{ ...only, operation: asItStands(only) }] },
  }
  // A function that is new takes nothing, whatever it can do: a call of it is judged by itself.
  const isMade = only.operation.name.startsWith('CREATE')
  return isMade ? asVoid : { ...asVoid, otherwise: { judged, stands: stands() } }
}

/** The tables that are to be empty, if it is to take nothing; null where that is no question, or it stands beside another. */
export function emptiesOf({ statements }: Reading): readonly string[] | null {
  const [only, more] = statements
  return more === undefined ? (only?.empties ?? null) : null
}

/** The same, once it is known that it takes nothing. */
export function asTakingNothing(judged: Judged): Judged {
  const { reading } = judged
  const statements = reading.statements.map((one) => ({
    ...one,
    operation: asWrite(one.operation),
  }))
  return { ...judged, reading: { ...reading, statements } }
}

export function askGuard(
  { principal, target, guard }: EnforceHouse,
  { batch, reading }: Judged,
  { setting, leans, over }: Beside,
): Passed | Promise<Passed> {
  const asked: Asked = {
    principal,
    target,
    platform: 'postgres',
    operations: operationsOf(reading.statements, setting, over),
    key: null,
    // Most are never kept.
    get request() {
      return requestOf(wholeOf(batch, reading.seen), setting, over !== undefined)
    },
    reason: null,
    leans,
  }
  return guard.pass(asked)
}

export function purseOf(house: EnforceHouse): Purse {
  const { principal, budgets } = house
  const most = principal.scope.rows ?? house.rows
  return {
    left: () => budgets.left(principal.name, most),
    reserve: (rows) => budgets.reserve(principal.name, rows, most),
    force: (rows) => budgets.reserve(principal.name, rows, Infinity),
    isLenient: house.isLenient,
  }
}

export function overBudget(rows: number, left: number): string {
  return `it would change or delete ${rows} rows, and ${left} are left of the budget`
}
