/** Batches whose rows count: run, and kept within the budget, or held with the exact number. */
import { FirebreakError } from '../../base/error.ts'
import type { Passed } from '../../guard/passed.ts'
import type { Ahead } from './ahead.ts'
import type { Around } from './around.ts'
import { askGuard, overBudget } from './asking.ts'
import type { EnforceHouse, Judged } from './asking.ts'
import type { Block } from './block.ts'
import { conduct } from './conduct.ts'
import type { Conducted } from './conduct.ts'
import { tooMany } from './counted.ts'
import type { Flow } from './flow.ts'
import { leansOn } from './leans.ts'
import type { Names } from './names.ts'
import { partsOf } from './parts.ts'
import type { Part } from './parts.ts'
import type { ReadStatement } from './reading.ts'
import { refusal } from './refusal.ts'
import type { Desk, Refusal, Way } from './seam.ts'
import { refusalOf } from './told.ts'
import { runVoid } from './void.ts'

type Allowed = Extract<Passed, { readonly kind: 'allowed' }>

export interface KeptSession {
  readonly house: EnforceHouse
  readonly names: Names
  readonly flow: Flow
  readonly block: Block
  readonly around: Around
  readonly aside: Ahead
}

export class Kept {
  readonly #session: KeptSession

  constructor(session: KeptSession) {
    this.#session = session
  }

  /** The way of what is counted; `passed` is null for what runs nothing. */
  way(
    judged: Judged,
    isCounted: (statement: ReadStatement) => boolean,
    passed: Allowed | null,
  ): Way {
    const { batch, reading } = judged
    const parts = partsOf(batch, reading, isCounted)
    if (parts !== null)
      return { kind: 'bounded', run: (desk) => this.#run(desk, { ...judged, parts }, passed) }
    passed?.done(403, 'not cut')
    return { kind: 'refuse', error: uncut }
  }

  /** The way of what takes nothing as it seems; if it does take something it was `otherwise`. */
  asVoid(judged: Judged, otherwise: NonNullable<Judged['otherwise']>, passed: Allowed): Way {
    const { flow, names, around, aside } = this.#session
    const { batch, reading } = judged
    const run = async (desk: Desk): Promise<Refusal | null> => {
      const voided = await runVoid(
        desk,
        async () => {
          aside.passes(reading.statements)
          around.goes(reading.statements)
          flow.goes(
            batch,
            { runs: reading.runs, seen: names.look(batch) },
            { allowed: null, isOver: true },
          )
          const answer = await desk.send()
          flow.answered()
          return answer
        },
        otherwise,
      )
      passed.done(voided.kind === 'void' ? 200 : 400, voided.kind)
      if (voided.kind === 'broken') return voided.why
      return voided.kind === 'took' ? await this.#hold(desk, otherwise.judged).catch(faultOf) : null
    }
    return { kind: 'bounded', run }
  }

  async #run(
    desk: Desk,
    judged: Judged & { readonly parts: readonly Part[] },
    passed: Allowed | null,
  ): Promise<Refusal | null> {
    const { batch, parts } = judged
    const { block, flow, names, around, aside } = this.#session
    try {
      const conducted = await conduct(desk, {
        block,
        parts,
        closes: batch.kind !== 'extended' || batch.closes === 'sync',
        text: batch.kind === 'query' ? batch.text : null,
        isAlone: desk.status() === 'I' && !flow.hasRun,
        sending: (part) => {
          const seen = names.look(part.batch)
          aside.passes(part.runs.flat())
          around.goes(part.runs.flat())
          flow.goes(part.batch, { runs: part.runs, seen }, { allowed: null, isOver: false })
        },
        sent: () => flow.answered(),
      })
      return await this.#concluded(desk, judged, { conducted, passed })
    } catch (thrown) {
      passed?.done(0, 'the session has ended')
      throw thrown
    }
  }

  async #concluded(
    desk: Desk,
    judged: Judged,
    { conducted, passed }: { readonly conducted: Conducted; readonly passed: Allowed | null },
  ): Promise<Refusal | null> {
    if (conducted.kind === 'answered') {
      passed?.done(conducted.ok ? 200 : 400, 'counted')
      await this.#pardoned(judged)
      return null
    }
    passed?.done(403, conducted.kind)
    if (conducted.kind === 'broken') return conducted.why
    const { rows, alone } = conducted
    if (!alone) return tooMany(rows, this.#session.block.left)
    return await this.#hold(desk, judged, rows).catch(faultOf)
  }

  /** It was rolled back: the same statement again is a destroy, where rows were too many with their exact number. */
  async #hold(desk: Desk, judged: Judged, rows: number | null = null): Promise<Refusal> {
    const around = await this.#session.around.ask(desk)
    if ('code' in around) return around
    const leans = leansOn(judged.reading, around)
    const { setting } = around
    const { house, block } = this.#session
    const over = rows === null ? {} : { over: overBudget(rows, block.left) }
    const passed = await askGuard(house, judged, { setting, leans, ...over })
    if (passed.kind !== 'allowed') return refusalOf(passed)
    // The policy would let it run, but it is not done: whoever wants that sends it again, or raises the budget.
    passed.done(403, rows === null ? 'not void' : 'over the row budget')
    return rows === null ? again : tooMany(rows, block.left)
  }

  /** Kept in spite of the budget: what would have been is written down. */
  async #pardoned(judged: Judged): Promise<void> {
    const rows = this.#session.block.over
    if (rows === null) return
    this.#session.block.over = null
    const setting = this.#session.around.assumed
    const over = overBudget(rows, 0)
    const passed = await askGuard(this.#session.house, judged, { setting, leans: null, over })
    if (passed.kind === 'allowed') passed.done(200, 'kept')
  }
}

/** INVARIANT (broken is closed): what cannot be judged for now is refused, and the session goes on. */
export function faultOf(thrown: unknown): Refusal {
  if (thrown instanceof FirebreakError) return refusal('58000', thrown.message, thrown.hint)
  throw thrown
}

const again = refusal(
  '40001',
  'Firebreak did not keep this: what it names came to be there while it ran',
  'send it again',
)

const uncut = refusal(
  '42501',
  'Firebreak counts the rows of a write before it is kept, and cannot do so in this message with its BEGIN or COMMIT',
  'send each statement by itself',
)
