/** The guard at the wire: each batch is read, passes the guard, and goes on, is counted, or is refused. */
import type { Passed } from '../../guard/passed.ts'
import type { Reserved } from '../../guard/budget.ts'
import { Ahead, isAlone, isPlain, mostOf } from './ahead.ts'
import { Around } from './around.ts'
import { asItIs, askGuard, asTakingNothing, emptiesOf, purseOf } from './asking.ts'
import type { EnforceHouse, Judged } from './asking.ts'
import { Block } from './block.ts'
import { Flow } from './flow.ts'
import { areEmpty } from './empty.ts'
import { faultOf, Kept } from './kept.ts'
import { Large } from './large.ts'
import { inTransaction, leansOn } from './leans.ts'
import { openNames } from './names.ts'
import type { Neighbour } from './neighbours.ts'
import {
  changesRows,
  isEnd,
  isOfSession,
  isQuiet,
  isSkipped,
  isTx,
  isUnreadable,
  readBatch,
  takesData,
} from './reading.ts'
import type { Reading, ReadStatement } from './reading.ts'
import { isSyntax } from './refusal.ts'
import { refusalOf } from './told.ts'
import type { Batch, Enforcer, Heard, Looking, Refusal, Status, Way } from './seam.ts'
import type { Surroundings } from './setting.ts'
import { openState } from './state.ts'
import { Together } from './together.ts'
import { unfit, unknownName } from './unfit.ts'

type Allowed = Extract<Passed, { readonly kind: 'allowed' }>

const onward: Way = { kind: 'pass' }
const later: Way = { kind: 'wait' }

/** One per session. INVARIANT (one order): nothing goes on that has not passed the guard with all that it may run. */
export function openEnforcer(house: EnforceHouse): Enforcer {
  const it = new Enforcing(house)
  return {
    judge: (batch, status) => it.judge(batch, status),
    heard: (message) => it.heard(message),
    closed: () => it.closed(),
  }
}

class Enforcing {
  readonly #house: EnforceHouse
  readonly #names = openNames()
  readonly #state = openState(this.#names)
  readonly #flow = new Flow(this.#names, this.#state)
  readonly #block: Block
  readonly #around: Around
  readonly #aside = new Ahead()
  readonly #together = new Together()
  readonly #large = new Large()
  readonly #kept: Kept
  readonly #beside: Neighbour

  constructor(house: EnforceHouse) {
    this.#house = house
    this.#beside = house.neighbours.enter()
    this.#block = new Block(purseOf(house))
    this.#around = new Around(house.database, house.parameters.keys())
    this.#kept = new Kept({
      house,
      names: this.#names,
      flow: this.#flow,
      block: this.#block,
      around: this.#around,
      aside: this.#aside,
    })
  }

  /** At once wherever the guard answers at once. */
  judge(batch: Batch, status: Status | null): Way | Promise<Way> {
    try {
      const way = this.#judge(batch, status)
      return way instanceof Promise ? way.catch(faulted) : way
    } catch (thrown) {
      return faulted(thrown)
    }
  }

  #judge(batch: Batch, status: Status | null): Way | Promise<Way> {
    this.#beside.reads()
    const read = readBatch(this.#house, batch, { names: this.#names, session: this.#state })
    if (read === null) return status === null ? later : refuse(unknownName)
    const newer = this.#house.meets(read.statements)
    if (newer !== null) return newer.then(() => this.#judge(batch, status))
    const reading = this.#large.asOwn(batch, read, status)
    const judged = { batch, reading, status }
    const { own } = this.#block
    // Preparing runs nothing, and others may wait for a Sync that stands alone.
    if (reading.statements.length === 0 && !own) return this.#go(judged, null)
    if (status === null && this.#waits(reading)) return later
    return reading.statements.length === 0
      ? this.#kept.way(judged, this.#isCounting(judged), null)
      : this.#weigh(judged)
  }

  #weigh(given: Judged): Way | Promise<Way> {
    const { own } = this.#block
    const judged = own ? given : asItIs(given, this.#house)
    const { batch, reading, status } = judged
    const { statements } = reading
    const counts = statements.some((one) => this.#isCounted(one, reading))
    const why = unfit(batch, statements, { counts, within: status === 'T' && !own })
    if (why !== null) return refuse(why)
    // The server refuses them by itself.
    if (status === 'E' && !own && statements.every(isSkipped)) return this.#go(judged, null)
    const isGrave = !statements.every(isQuiet)
    const isUnknown = this.#around.setting === null && !statements.every(isOfSession)
    if (isGrave || isUnknown)
      return {
        kind: 'look',
        look: (desk) => this.#look(desk, judged, isGrave).catch(faulted),
      }
    return this.#asked(judged)
  }

  /** With what is known without asking: of what is harmless nothing more is needed. */
  #asked(judged: Judged): Way | Promise<Way> {
    const leans = judged.status === 'T' || this.#block.own ? inTransaction : null
    const setting = this.#around.assumed
    return this.#settle(judged, askGuard(this.#house, judged, { setting, leans }))
  }

  heard(message: Heard): void {
    if (message.kind === 'complete') this.#block.tag(message.tag)
    this.#aside.heard(message)
    this.#large.heard(message)
    this.#flow.heard(message)
    this.#around.heard(message)
    this.#beside.heard(message, !this.#aside.isUnderWay)
  }

  closed(): void {
    this.#beside.closed()
    this.#flow.closed()
  }

  /** With what bears on it beside its text: a person may have to judge, and it may have to run later. */
  async #look(desk: Looking, judged: Judged, isGrave: boolean): Promise<Way> {
    const garbled = await this.#garbled(desk, judged)
    if (garbled !== null) return refuse(garbled)
    if (await this.#isEmptied(desk, judged)) return await this.#asked(asTakingNothing(judged))
    let around: Surroundings | null = null
    if (desk.status() !== 'E') {
      const found = await this.#around.ask(desk)
      if ('code' in found) return refuse(found)
      around = found
    }
    const setting = around?.setting ?? this.#around.assumed
    const quiet = desk.status() === 'T' ? inTransaction : null
    const leans = isGrave ? leansOn(judged.reading, around) : quiet
    return await this.#settle(judged, askGuard(this.#house, judged, { setting, leans }))
  }

  /** In the client's own transaction, which keeps the lock: what is empty stays so. */
  async #isEmptied(desk: Looking, { reading }: Judged): Promise<boolean> {
    const empties = desk.status() === 'T' && !this.#block.own ? emptiesOf(reading) : null
    return empties !== null && (await areEmpty(desk, empties))
  }

  /** What the server cannot read either needs nobody: its own error is the answer. */
  async #garbled(desk: Looking, { batch, reading }: Judged): Promise<Refusal | null> {
    const [only, ...more] = reading.statements
    if (only === undefined || more.length > 0 || !isUnreadable(only)) return null
    const text = batch.kind === 'query' ? batch.text : only.text
    const { error } = await desk.reads(text)
    return error !== null && isSyntax(error) ? error : null
  }

  #settle(judged: Judged, passed: Passed | Promise<Passed>): Way | Promise<Way> {
    return passed instanceof Promise
      ? passed.then((settled) => this.#settled(judged, settled))
      : this.#settled(judged, passed)
  }

  #settled(judged: Judged, passed: Passed): Way | Promise<Way> {
    if (passed.kind !== 'allowed') return refuse(refusalOf(passed))
    if (!passed.clearance.spend(passed.digest)) throw new Error('the clearance is spent')
    const { isPlain } = this.#together.of(judged.reading)
    const others = isPlain ? null : this.#beside.builds(judged.reading.statements)
    return others?.then(() => this.#wayOf(judged, passed)) ?? this.#wayOf(judged, passed)
  }

  /** How what was allowed goes on: as it came, or counted. */
  #wayOf(judged: Judged, passed: Allowed): Way | Promise<Way> {
    const { reading, otherwise } = judged
    if (otherwise !== undefined) return this.#kept.asVoid(judged, otherwise, passed)
    const { statements } = reading
    const block = this.#block
    const counted = statements.some((one) => this.#isCounted(one, reading))
    const ends = block.counts && statements.some(isEnd)
    if (!block.own && !counted && !ends)
      return this.#blinds(judged) ? this.#open(judged, passed) : this.#go(judged, passed)
    const rows = this.#mostOf(judged)
    const aside = rows === null ? null : block.reserve(rows)
    if (aside instanceof Promise)
      return aside.then((reserved) => this.#ahead(judged, passed, { rows, reserved }))
    return this.#ahead(judged, passed, { rows, reserved: aside })
  }

  /** Known before to be so few that they are set aside: it goes on as it came. */
  #ahead(
    judged: Judged,
    passed: Allowed,
    { rows, reserved }: { readonly rows: number | null; readonly reserved: Reserved | null },
  ): Way {
    if (rows === null || reserved === null || this.#isBlind) {
      reserved?.free()
      return this.#counting(judged, passed)
    }
    const { runs } = judged.reading
    this.#aside.goes(reserved, rows, runs.filter((run) => run.length > 0).length)
    this.#beside.goes()
    return this.#go(judged, passed)
  }

  /** Not while the server counts this transaction, or it would be counted twice; nor where the transaction ends in the batch. */
  #mostOf({ batch, reading, status }: Judged): number | null {
    const { own, counts } = this.#block
    const { statements } = reading
    if (own || counts || status === null || statements.some(isTx)) return null
    if (this.#isBlind || !this.#together.of(reading).isPlain || !isAlone(batch, statements))
      return null
    const counted = statements.filter((one) => this.#isCounted(one, reading))
    return mostOf(counted, reading, this.#state)
  }

  /** What a transaction does behind a change of its own that the catalog does not tell yet is seen when it ends. */
  #blinds({ reading, status }: Judged): boolean {
    if (status !== 'T' || this.#block.counts || !this.#house.counts()) return false
    // Some settings must come before any question.
    if (reading.statements.every(isOfSession)) return false
    return this.#isBlind || !this.#together.of(reading).isPlain
  }

  /** True where the catalog may not tell what a statement does, and nothing is counted yet. */
  get #isBlind(): boolean {
    return (!this.#aside.isBare || this.#beside.isBlind) && !this.#block.counts
  }

  #counting(judged: Judged, passed: Allowed): Way {
    const { statements } = judged.reading
    const { status } = judged
    const block = this.#block
    const ends = block.counts && statements.some(isEnd)
    const isWithin = status === 'T' && !block.own && !ends && !statements.some(isTx)
    // What may be changed is counted when the transaction ends.
    const isLater = !block.isTight || statements.some(takesData)
    return isWithin && isLater
      ? this.#open(judged, passed)
      : this.#kept.way(judged, this.#isCounting(judged), passed)
  }

  #open(judged: Judged, passed: Allowed): Way {
    if (this.#block.counts) return this.#go(judged, passed)
    return {
      kind: 'look',
      look: async (desk) => {
        const why = await this.#block.open(desk, false)
        if (why === null) return this.#go(judged, passed)
        passed.done(403, 'not counted')
        return refuse(why)
      },
    }
  }

  #go({ batch, reading, status }: Judged, allowed: Allowed | null): Way {
    const { statements } = reading
    this.#aside.passes(statements)
    this.#large.goes(batch, status)
    this.#around.goes(statements)
    // The server ends the transaction with the batch, and its portals.
    const isOver = status === 'I' && !statements.some(isTx)
    this.#flow.goes(batch, reading, { allowed, isOver })
    return onward
  }

  #isCounting({ reading }: Judged): (statement: ReadStatement) => boolean {
    return (statement) => this.#isCounted(statement, reading)
  }

  #isCounted(statement: ReadStatement, reading: Reading): boolean {
    if (!this.#house.counts()) return false
    if (changesRows(statement)) return true
    const whole = this.#together.of(reading)
    // Nobody but the server knows yet what a function does that was made just now.
    if (this.#state.functions.size > 0 || whole.makes)
      return statement.kind === 'plain' && isQuiet(statement)
    // By what a trigger does that was switched on just before it.
    const isBlind = this.#isBlind || !whole.isPlain
    return isBlind && statement.operation.effect === 'write' && isPlain(statement)
  }

  /** True where it matters what the server makes of all that was sent before. */
  #waits({ statements }: Reading): boolean {
    if (this.#block.own || this.#isBlind || this.#flow.holdsBack) return true
    return statements.some((one) => this.#isCareful(one))
  }

  #isCareful(statement: ReadStatement): boolean {
    if (statement.kind === 'plain' && statement.operation.effect === 'read')
      return statement.leaves.length > 0 || this.#state.functions.size > 0
    if (isTx(statement) || statement.kind === 'set' || statement.leaves.length > 0) return true
    if (!isQuiet(statement)) return true
    return changesRows(statement) && (!this.#block.counts || this.#block.isTight)
  }
}

function refuse(error: Refusal): Way {
  return { kind: 'refuse', error }
}

function faulted(thrown: unknown): Way {
  return refuse(faultOf(thrown))
}
