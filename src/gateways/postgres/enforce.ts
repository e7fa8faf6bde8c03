/** The guard at the wire: each batch is read, passes the guard, and goes on, is counted, or is refused. */
import type { Passed } from '../../guard/passed.ts'
import type { Reserved } from '../../guard/budget.ts'
import { Ahead } from './ahead.ts'
import { Around } from './around.ts'
import { asItIs, askGuard, asTakingNothing, emptiesOf, purseOf } from './asking.ts'
import type { EnforceHouse, Judged } from './asking.ts'
import { Block } from './block.ts'
import { Counting } from './counting.ts'
import { Flow } from './flow.ts'
import { areEmpty } from './empty.ts'
import { faultOf, Kept } from './kept.ts'
import { Large } from './large.ts'
import { inTransaction, leansOn } from './leans.ts'
import { openNames } from './names.ts'
import type { Neighbour } from './neighbours.ts'
import {
  isEnd,
  isOfSession,
  isQuiet,
  isSkipped,
  isTx,
  isUnreadable,
  readBatch,
  takesData,
} from './reading.ts'
import { isSyntax } from './refusal.ts'
import { refusalOf } from './told.ts'
import type { Batch, Enforcer, Heard, Looking, Refusal, Status, Way } from './seam.ts'
import type { Surroundings } from './setting.ts'
import { openState } from './state.ts'
import { Together } from './together.ts'
import { busy, unfit, unknownName } from './unfit.ts'

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
  readonly #counts: Counting

  constructor(house: EnforceHouse) {
    this.#house = house
    this.#beside = house.neighbours.enter()
    this.#block = new Block(purseOf(house))
    this.#around = new Around(house.database, house.parameters.keys())
    this.#counts = new Counting({
      house,
      block: this.#block,
      aside: this.#aside,
      beside: this.#beside,
      together: this.#together,
      state: this.#state,
    })
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
    if (status === null && this.#counts.waits(reading, this.#flow.holdsBack)) return later
    return reading.statements.length === 0
      ? this.#kept.way(judged, this.#counts.isCounting(judged), null)
      : this.#weigh(judged)
  }

  #weigh(given: Judged): Way | Promise<Way> {
    const { own } = this.#block
    const judged = own ? given : asItIs(given, this.#house)
    const { batch, reading, status } = judged
    const { statements } = reading
    const counts = statements.some((one) => this.#counts.isCounted(one, reading))
    const why = unfit(batch, reading, { counts, within: status === 'T' && !own })
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
    if (empties === null) return false
    // Whoever comes behind the lock is counted: more may be built in it.
    await this.#beside.builds(reading.statements)
    return (await areEmpty(desk, empties)) && (await this.#block.fold(desk)) === null
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
    if (others === null) return this.#wayOf(judged, passed)
    return others.then((how) => {
      if (how === 'free') return this.#wayOf(judged, passed)
      passed.done(403, 'others are at work')
      return refuse(busy)
    })
  }

  /** How what was allowed goes on: as it came, or counted. */
  #wayOf(judged: Judged, passed: Allowed): Way | Promise<Way> {
    const { reading, otherwise } = judged
    if (otherwise !== undefined) return this.#kept.asVoid(judged, otherwise, passed)
    const { statements } = reading
    const block = this.#block
    const counted = statements.some((one) => this.#counts.isCounted(one, reading))
    const ends = block.counts && statements.some(isEnd)
    if (!block.own && !counted && !ends)
      return this.#counts.blinds(judged) ? this.#open(judged, passed) : this.#go(judged, passed)
    const rows = this.#counts.mostOf(judged)
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
    if (rows === null || reserved === null || this.#counts.isBlind) {
      reserved?.free()
      return this.#counting(judged, passed)
    }
    const { runs } = judged.reading
    this.#aside.goes(reserved, rows, runs.filter((run) => run.length > 0).length)
    this.#beside.goes()
    return this.#go(judged, passed)
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
      : this.#kept.way(judged, this.#counts.isCounting(judged), passed)
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
    if (!this.#block.counts && statements.length > 0)
      this.#beside.sends(batch.kind !== 'extended' || batch.closes === 'sync')
    return onward
  }
}

function refuse(error: Refusal): Way {
  return { kind: 'refuse', error }
}

function faulted(thrown: unknown): Way {
  return refuse(faultOf(thrown))
}
