/** Writes of which it is known before how many rows they can touch at most: set aside, they go on as they came. */
import type { Reserved } from '../../guard/budget.ts'
import { rowsByTag } from './counted.ts'
import { isTx } from './reading.ts'
import type { Reading, ReadStatement } from './reading.ts'
import type { Batch, Heard, Status } from './seam.ts'
import type { State } from './state.ts'

/** Of one batch. */
interface Aside {
  readonly reserved: Reserved
  readonly rows: number
  /** Statements of it that are not told as done yet, and the rows of those that are. */
  left: number
  changed: number
}

/**
 * Types of a parameter of which one value equals no other, and 0 for none told: a float can equal many a bigint, and a `char`
 * all texts that differ in the spaces at their end.
 */
const exact: ReadonlySet<number> = new Set([0, 20, 21, 23, 25, 705, 1043, 1082, 1700, 2950])

/** The most rows that all of these change; null where a count must say. */
export function mostOf(
  statements: readonly ReadStatement[],
  { seen, statements: all }: Reading,
  { temporary, functions, isAltered }: Pick<State, 'temporary' | 'functions' | 'isAltered'>,
): number | null {
  if (temporary.size > 0 || functions.size > 0 || isAltered) return null
  if (all.some(({ leaves }) => leaves.some(({ kind }) => kind === 'altered'))) return null
  const bounds = seen.runs?.flatMap((run) => run.bounds) ?? []
  if (!bounds.every(({ types }) => types.every((type) => exact.has(type)))) return null
  const most = statements.map(({ atMost }) => atMost)
  return most.includes(null) ? null : most.reduce<number>((sum, rows) => sum + (rows ?? 0), 0)
}

/**
 * True for one statement with nothing before it that could take its time, in which others build what the catalog does not tell
 * yet: the server has locked the table as soon as it has the message.
 */
export function isAlone(batch: Batch, statements: readonly ReadStatement[]): boolean {
  if (statements.length !== 1) return false
  if (batch.kind !== 'extended') return true
  const count = (kind: string): number => batch.steps.filter((step) => step.kind === kind).length
  return count('bind') <= 1 && count('execute') === 1
}

/** Commands that keep nothing of what went before them; whatever else has ended may have committed it. */
const keepsOpen =
  /^(?:SELECT|INSERT|UPDATE|DELETE|MERGE|BEGIN|START TRANSACTION|SET|RESET|SHOW|SAVEPOINT|RELEASE|ROLLBACK|FETCH|EXPLAIN|DECLARE|CLOSE|COPY|DEALLOCATE)\b/

/**
 * What was set aside in the transaction that is open, in the order in which it goes. It is given back only where the server has
 * said that it was rolled back: in doubt it is spent.
 */
export class Ahead {
  #waiting: Aside[] = []
  #done: Reserved[] = []
  #isTakenBack = false
  /** True while nothing has run in the transaction that may have changed what the catalog tells, or kept a part of it. */
  isBare = true

  /** True while something of it is not answered. */
  get isUnderWay(): boolean {
    return this.#waiting.length > 0
  }

  /** `statements`: how many of the batch the server will tell as done. All that went before it is answered. */
  goes(reserved: Reserved, rows: number, statements: number): void {
    this.#done.push(...this.#waiting.splice(0).map((one) => one.reserved))
    this.#waiting.push({ reserved, rows, left: statements, changed: 0 })
  }

  /** A procedure may commit and fail behind that, with no word of it: what goes with one is spent. */
  passes(statements: readonly ReadStatement[]): void {
    if (statements.every(isPlain)) return
    this.isBare = false
    this.#waiting = []
    this.#done = []
  }

  heard(message: Heard): void {
    if (message.kind === 'ready' && message.status === 'I') this.isBare = true
    if (this.#waiting.length === 0 && this.#done.length === 0) this.#isTakenBack = false
    else if (message.kind === 'complete') this.#tag(message.tag)
    else if (message.kind === 'error') this.#isTakenBack = true
    else if (message.kind === 'ready') this.#ready(message.status)
  }

  #tag(tag: string): void {
    // An error is over by then: it stands in a transaction that goes on from a savepoint, or has ended.
    this.#isTakenBack = tag === 'ROLLBACK'
    if (!keepsOpen.test(tag)) this.#done = []
    const [first] = this.#waiting
    if (first === undefined) return
    first.left -= 1
    first.changed += rowsByTag(tag)
    if (first.left > 0) return
    this.#waiting.shift()
    // How many rows it really was.
    first.reserved.free(Math.max(0, first.rows - first.changed))
    this.#done.push(first.reserved)
  }

  #ready(status: Status): void {
    if (status !== 'I') return
    const all = [...this.#done, ...this.#waiting.map(({ reserved }) => reserved)]
    if (this.#isTakenBack) for (const one of all) one.free()
    this.#waiting = []
    this.#done = []
    this.#isTakenBack = false
  }
}

/** True for what changes nothing of the catalog, and keeps nothing. */
export function isPlain(statement: ReadStatement): boolean {
  const { leaves, operation } = statement
  return (
    isTx(statement) ||
    (keepsOpen.test(operation.name) && !leaves.some(({ kind }) => kind === 'altered'))
  )
}
