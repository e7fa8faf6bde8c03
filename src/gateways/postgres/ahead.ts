/** Writes of which it is known before how many rows they can touch at most: set aside, they go on as they came. */
import type { Reserved } from '../../guard/budget.ts'
import { rowsByTag } from './counted.ts'
import type { Reading, ReadStatement } from './reading.ts'
import type { Heard, Status } from './seam.ts'
import type { State } from './state.ts'

interface Aside {
  readonly reserved: Reserved
  readonly rows: number
}

/** Types of a parameter of which one value equals no other, and 0 for none told: a float can equal many a bigint. */
const exact: ReadonlySet<number> = new Set([0, 20, 21, 23, 25, 705, 1042, 1043, 1082, 1700, 2950])

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

/** Commands that keep nothing of what went before them; whatever else has ended may have committed it. */
const keepsOpen =
  /^(?:SELECT|INSERT|UPDATE|DELETE|MERGE|BEGIN|START TRANSACTION|SET|RESET|SHOW|SAVEPOINT|RELEASE|ROLLBACK|FETCH|EXPLAIN|DECLARE CURSOR|CLOSE CURSOR|COPY|DEALLOCATE)\b/

/**
 * What was set aside in the transaction that is open, in the order in which it goes. It is given back only where the server has
 * said that it was rolled back: in doubt it is spent.
 */
export class Ahead {
  #waiting: Aside[] = []
  #done: Reserved[] = []
  #isTakenBack = false

  goes(reserved: Reserved, rows: number): void {
    this.#waiting.push({ reserved, rows })
  }

  heard(message: Heard): void {
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
    if (first === undefined || !/^(?:UPDATE|DELETE) /.test(tag)) return
    this.#waiting.shift()
    // How many rows it really was.
    first.reserved.free(Math.max(0, first.rows - rowsByTag(tag)))
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
