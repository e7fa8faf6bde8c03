/** Deferral: from the last approval to the act, by a durable time that undo can still stop. */
import type { Halts } from './halt.ts'
import { execute, finish, reconciled, refuse } from './execute.ts'
import { holdById, move, storedOrWhy } from './hold.ts'
import type { House } from './house.ts'
import { openAsks, openGrace } from './grace.ts'
import { FirebreakError, messageOf } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import { openTurn } from '../base/turn.ts'
import type { Lanes } from './lanes.ts'
import type { HoldRow } from './rows.ts'
import { wayBack } from './safeguard.ts'

export interface Deferral {
  /** After the last approval: takes the recovery point, sets the time, and runs at once where there is no grace. */
  advance(id: string): Promise<HoldRow>
  /** Takes back what is approved or scheduled; throws `wrong_state` once it executes. */
  undo(id: string, by: string): Promise<HoldRow>
  /**
   * A person says what became of an act that was cut off, where the target cannot: its word counts before theirs. Nothing runs.
   * Throws `wrong_state` for what is not executing, or is running now.
   */
  settle(id: string, said: Said): Promise<HoldRow>
  /** True for what is executing by its row and runs nowhere any more. */
  isLost(hold: Pick<HoldRow, 'id' | 'state'>): boolean
  /** One round: expires silent holds, goes on with approved ones, runs what is due. Gives the ids it moved. */
  tick(): Promise<readonly string[]>
  /** At start: asks the target about every hold that was executing when the process died; never runs one again. A round asks again, less and less often. */
  reconcile(): Promise<readonly HoldRow[]>
}

export interface Said {
  readonly happened: boolean
  readonly by: string
  /** What proves who it was, for the ledger. */
  readonly proof: JsonObject
}

export function openDeferral(
  house: House,
  { halts, lanes }: { readonly halts: Halts; readonly lanes: Lanes },
  moved: (hold: HoldRow) => void,
): Deferral {
  // INVARIANT (E6): acts run one after another, so each re-check sees what the one before has left.
  const inTurn = openTurn()
  const grace = openGrace(house.clock)
  const asks = openAsks(house.clock)
  // Which hold this process is running.
  let running: string | null = null
  const told = (hold: HoldRow): HoldRow => {
    if (hold.state !== 'scheduled') grace.forget(hold.id)
    moved(hold)
    return hold
  }

  const schedule = async (id: string): Promise<HoldRow> => {
    const hold = await house.state.transact((tx) => holdById(tx, id))
    if (hold.state !== 'approved') return hold
    const stored = storedOrWhy(house, hold)
    if (typeof stored === 'string') return await refuse(house, id, stored)
    const { action } = stored
    const covered = await wayBack(house, hold, { action, radius: hold.radius })
    if (covered.kind === 'missing')
      return await refuse(house, id, `no verified recovery point: ${covered.why.join('; ')}`)
    const points = covered.points.map((point) => point.id)
    return await house.state.transact(async (tx) => {
      const now = await holdById(tx, id)
      if (now.state !== 'approved') return now
      for (const point of points) await house.lease(tx, point, id)
      const executesAt = house.clock.now() + now.graceMs
      const change = { executesAt, recoveryPoints: points }
      const extra = { executesAt, points }
      return await move(house, tx, now, { event: 'schedule', entry: 'scheduled', change, extra })
    })
  }

  const runIfDue = async (id: string): Promise<HoldRow> => {
    const hold = await house.state.transact((tx) => holdById(tx, id))
    if (hold.state !== 'scheduled' || !grace.isOver(hold)) return hold
    running = id
    try {
      return await execute(house, halts, id)
    } finally {
      running = null
    }
  }

  /** The road is waited for before the turn: a target that is busy keeps no other's act from its time. */
  const advance = async (id: string): Promise<HoldRow> => {
    const hold = await inTurn(() => schedule(id))
    if (hold.state !== 'scheduled' || !grace.isOver(hold)) return told(hold)
    const leave = await lanes.enter(hold.action.target, 'alone')
    try {
      return told(await inTurn(() => runIfDue(id)))
    } finally {
      leave()
    }
  }

  const expire = async (): Promise<readonly HoldRow[]> =>
    await house.state.transact(async (tx) => {
      const open = await tx.find('hold', { state: 'open' })
      const late = open.filter((hold) => hold.expiresAt <= house.clock.now())
      const closing = 'nobody answered in time'
      const step = { event: 'expire', entry: 'expired', change: { closing } } as const
      const rows: HoldRow[] = []
      for (const hold of late) rows.push(await move(house, tx, hold, step))
      return rows
    })

  return {
    advance,
    undo: async (id, by) => {
      const closing = `undone by ${by} before it ran`
      const step = { event: 'undo', entry: 'undone', change: { closing }, extra: { by } } as const
      return told(
        await house.state.transact(
          async (tx) => await move(house, tx, await holdById(tx, id), step),
        ),
      )
    },
    settle: async (id, said) => {
      // What runs now says so itself: nobody waits behind it for that.
      if (running === id) throw notLost(id, 'running now')
      return await inTurn(async () => {
        const hold = await house.state.transact((tx) => holdById(tx, id))
        if (hold.state !== 'executing') throw notLost(id, hold.state)
        const asked = await ask(hold)
        if (asked.state !== 'executing') return told(asked)
        const summary = `${said.happened ? 'done' : 'not done'}, as ${said.by} says: the target cannot say`
        const kind = said.happened ? 'executed' : 'failed'
        const ran = { kind, status: 0, summary, answer: null } as const
        asks.forget(id)
        return told(await finish(house, id, ran, said.proof))
      })
    },
    isLost: ({ id, state }) => state === 'executing' && running !== id,
    tick: async () => {
      await halts.settle()
      const expired = await expire()
      expired.forEach(told)
      const waiting = await house.state.transact(async (tx) => [
        ...(await tx.find('hold', { state: 'approved' })),
        ...(await tx.find('hold', { state: 'scheduled' })),
      ])
      const due = waiting.filter((hold) => hold.executesAt === null || grace.isOver(hold))
      const after: HoldRow[] = [...expired]
      const moving = due.map(async (hold) => {
        const now = await orTell(hold.id, async () => await advance(hold.id))
        return now !== null && now.state !== hold.state ? [now] : []
      })
      after.push(...(await Promise.all(moving)).flat())
      for (const hold of await lost()) {
        const now = await orTell(
          hold.id,
          async () => await inTurn(async () => await askAgain(hold.id)),
        )
        if (now !== null && now.state !== hold.state) after.push(now)
      }
      return after.map((hold) => hold.id)
    },
    reconcile: () =>
      inTurn(async () => {
        const rows: HoldRow[] = []
        for (const hold of await lost()) rows.push(told(await ask(hold)))
        return rows
      }),
  }

  /** What is executing by its row and not in this process, and may be asked about by now. */
  async function lost(): Promise<readonly HoldRow[]> {
    const rows = await house.state.transact((tx) => tx.find('hold', { state: 'executing' }))
    return rows.filter(({ id }) => id !== running && asks.isTime(id))
  }

  async function askAgain(id: string): Promise<HoldRow> {
    const hold = await house.state.transact((tx) => holdById(tx, id))
    return hold.state === 'executing' ? told(await ask(hold)) : hold
  }

  /** One hold that breaks must not keep the others from their time. */
  async function orTell(id: string, work: () => Promise<HoldRow>): Promise<HoldRow | null> {
    try {
      return await work()
    } catch (thrown) {
      house.notices.tell('hold-stuck', messageOf(thrown), id)
      return null
    }
  }

  /** INVARIANT (E4): what was executing is asked about, never run again; not known stays `executing` and is told. */
  async function ask(hold: HoldRow): Promise<HoldRow> {
    asks.count(hold.id)
    const stored = storedOrWhy(house, hold)
    if (typeof stored === 'string') {
      house.notices.tell('unreconciled', stored, hold.id)
      return hold
    }
    const { action } = stored
    const happened = await house.runner(action.target).happened(action, hold.mark ?? null)
    if (happened !== 'unknown') {
      const row = await finish(house, hold.id, reconciled(happened, 'asked afterwards'))
      asks.forget(hold.id)
      return row
    }
    const why =
      'the target cannot say whether it has run: look there, then `firebreak holds settle HOLD`'
    house.notices.tell('unreconciled', why, hold.id)
    return hold
  }
}

function notLost(id: string, state: string): FirebreakError {
  return new FirebreakError(
    'wrong_state',
    `\`${id}\` is ${state}: there is nothing to settle`,
    'a person is asked only where an act was cut off and the target cannot say whether it has run',
  )
}
