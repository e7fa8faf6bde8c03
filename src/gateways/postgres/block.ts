/** The transaction that a client is in, its own or an implicit one, as far as it changes rows; and whether they may be kept. */
import { messageOf } from '../../base/error.ts'
import type { Reserved, Setting } from '../../guard/budget.ts'
import { countersOf, rowsByTag, rowsSince } from './counted.ts'
import type { Counters } from './counted.ts'
import { refusal } from './refusal.ts'
import type { Desk, Refusal } from './seam.ts'

/** What may still be changed. */
export interface Purse {
  readonly left: () => number
  /** Null where fewer are left. */
  readonly reserve: (rows: number) => Setting
  /** Spends them, however many are left. */
  readonly force: (rows: number) => Setting
  /** True where nothing is refused, it is only written down what would have been. */
  readonly isLenient: boolean
}

export type Stopped =
  | { readonly kind: 'over'; readonly rows: number }
  | { readonly kind: 'broken'; readonly why: Refusal }

/** One per session. */
export class Block {
  readonly #purse: Purse
  /** The gateway's own BEGIN stands for the transaction that the server would open by itself. */
  own = false
  /** The server's counters when it began to count; what they tell grows with the session, so only the difference counts. */
  #base: Counters | null = null
  /** What it had changed when the base was taken anew. */
  #before = 0
  /** What it has changed: as it was counted last, and as the tags say. */
  #rows = 0
  #tagged = 0
  #reserved: Reserved | null = null
  /** Rows beyond the budget that are kept all the same; null where there are none. */
  over: number | null = null

  constructor(purse: Purse) {
    this.#purse = purse
  }

  /** True from its first write that counts. */
  get counts(): boolean {
    return this.#base !== null
  }

  get left(): number {
    return this.#purse.left()
  }

  /** Sets so many aside. */
  reserve(rows: number): Setting {
    return this.#purse.reserve(rows)
  }

  /** A client that may change much is stopped at the end of its transaction, one that may change little at the statement. */
  get isTight(): boolean {
    return this.left < 10_000
  }

  /** Begins to count; with `own` in a transaction of the gateway's. */
  async open(desk: Pick<Desk, 'ask'>, own: boolean): Promise<Refusal | null> {
    if (this.#base !== null && !own) return null
    const base = await countersOf(desk, own ? ['BEGIN'] : [])
    this.own = own
    if ('code' in base) return base
    this.#base = base
    return null
  }

  /** The client was told of this tag. */
  tag(tag: string): void {
    if (this.#base !== null) this.#tagged += rowsByTag(tag)
  }

  /** What it has changed by now is still within the budget, or is not. */
  async check(desk: Desk): Promise<Stopped | null> {
    const rows = await this.#count(desk, [])
    if (typeof rows !== 'number') return { kind: 'broken', why: rows }
    const isOver = rows > this.#purse.left() && !this.#purse.isLenient
    return isOver ? { kind: 'over', rows } : null
  }

  /** Before it is kept: what is deferred is done, and all of it is counted and set aside. */
  async settle(desk: Desk): Promise<Stopped | null> {
    const rows = await this.#count(desk, ['SET CONSTRAINTS ALL IMMEDIATE'])
    if (typeof rows !== 'number') return { kind: 'broken', why: rows }
    try {
      this.#reserved = await this.#purse.reserve(rows)
      if (this.#reserved !== null) return null
      if (!this.#purse.isLenient) return { kind: 'over', rows }
      this.over = rows
      this.#reserved = await this.#purse.force(rows)
      return null
    } catch (thrown) {
      // INVARIANT (broken is closed): what cannot be written down is not kept.
      return { kind: 'broken', why: refusal('58030', messageOf(thrown)) }
    }
  }

  /** A TRUNCATE in this transaction makes the server forget what it has counted of that table: what it has by now is kept here. */
  async fold(desk: Pick<Desk, 'ask'>): Promise<Refusal | null> {
    if (this.#base === null) return null
    const now = await countersOf(desk)
    if ('code' in now) return now
    this.#before += rowsSince(this.#base, now)
    this.#base = now
    return null
  }

  /** What was done with leave counts for nothing here. */
  async pardon(desk: Desk): Promise<Refusal | null> {
    if (this.#base === null) return null
    const now = await countersOf(desk)
    if ('code' in now) return now
    this.#base = now
    this.#before = this.#tagged = this.#rows
    return null
  }

  /** It has ended, and the server has kept it or not. Where nobody knows, nothing is said, and what was set aside is spent. */
  ended(kept: boolean): void {
    if (!kept) this.#reserved?.free()
    else if (this.#base !== null && this.#reserved === null)
      // It was kept where nobody was asked: what was counted last is all that is known.
      Promise.resolve(this.#purse.force(Math.max(this.#rows, this.#tagged))).catch(() => undefined)
    this.#base = null
    this.#reserved = null
    this.#before = this.#rows = this.#tagged = 0
    this.own = false
  }

  async #count(desk: Desk, before: readonly string[]): Promise<number | Refusal> {
    const now = await countersOf(desk, before)
    if ('code' in now) return now
    const since = rowsSince(this.#base ?? now, now)
    this.#rows = Math.max(this.#before + since, this.#tagged)
    return this.#rows
  }
}
