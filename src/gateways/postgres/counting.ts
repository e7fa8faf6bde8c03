/** Which statements are counted before they are kept, and which are known before to touch so few rows that they are set aside. */
import { isAlone, isPlain, mostOf } from './ahead.ts'
import type { Ahead } from './ahead.ts'
import type { EnforceHouse, Judged } from './asking.ts'
import type { Block } from './block.ts'
import type { Neighbour } from './neighbours.ts'
import { changesRows, isOfSession, isQuiet, isTx } from './reading.ts'
import type { Reading, ReadStatement } from './reading.ts'
import type { State } from './state.ts'
import type { Together } from './together.ts'

export interface CountedSession {
  readonly house: Pick<EnforceHouse, 'counts'>
  readonly block: Block
  readonly aside: Ahead
  readonly beside: Neighbour
  readonly together: Together
  readonly state: State
}

export class Counting {
  readonly #session: CountedSession

  constructor(session: CountedSession) {
    this.#session = session
  }

  /** Not while the server counts this transaction, or it would be counted twice; nor where the transaction ends in the batch. */
  mostOf({ batch, reading, status }: Judged): number | null {
    const { own, counts } = this.#session.block
    const { statements } = reading
    if (own || counts || status === null || statements.some(isTx)) return null
    if (this.isBlind || !this.#session.together.of(reading).isPlain || !isAlone(batch, statements))
      return null
    const counted = statements.filter((one) => this.isCounted(one, reading))
    return mostOf(counted, reading, this.#session.state)
  }

  /** What a transaction does behind a change of its own that the catalog does not tell yet is seen when it ends. */
  blinds({ reading, status }: Judged): boolean {
    if (status !== 'T' || this.#session.block.counts || !this.#session.house.counts()) return false
    // Some settings must come before any question.
    if (reading.statements.every(isOfSession)) return false
    return this.isBlind || !this.#session.together.of(reading).isPlain
  }

  /** True where the catalog may not tell what a statement does, and nothing is counted yet. */
  get isBlind(): boolean {
    return (
      (!this.#session.aside.isBare || this.#session.beside.isBlind) && !this.#session.block.counts
    )
  }

  isCounting({ reading }: Judged): (statement: ReadStatement) => boolean {
    return (statement) => this.isCounted(statement, reading)
  }

  isCounted(statement: ReadStatement, reading: Reading): boolean {
    if (!this.#session.house.counts()) return false
    if (changesRows(statement)) return true
    // They run nothing, and some settings must come before any question.
    if (isOfSession(statement)) return false
    const whole = this.#session.together.of(reading)
    // Nobody but the server knows yet what a function does that was made just now.
    if (this.#session.state.functions.size > 0 || whole.makes)
      return statement.kind === 'plain' && isQuiet(statement)
    // By what a trigger does that was switched on just before it; what only reads, by a function or a view that is another by then.
    if (this.#session.beside.isBlind && statement.operation.effect === 'read')
      return isPlain(statement)
    const isBlind = this.isBlind || !whole.isPlain
    return isBlind && statement.operation.effect === 'write' && isPlain(statement)
  }

  /** True where it matters what the server makes of all that was sent before. */
  waits({ statements }: Reading, holdsBack: boolean): boolean {
    if (this.#session.block.own || this.isBlind || holdsBack) return true
    return statements.some((one) => this.#isCareful(one))
  }

  #isCareful(statement: ReadStatement): boolean {
    if (statement.kind === 'plain' && statement.operation.effect === 'read')
      return statement.leaves.length > 0 || this.#session.state.functions.size > 0
    if (isTx(statement) || statement.kind === 'set' || statement.leaves.length > 0) return true
    if (!isQuiet(statement)) return true
    return changesRows(statement) && (!this.#session.block.counts || this.#session.block.isTight)
  }
}
