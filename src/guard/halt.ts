/** Halt: everything stops, for all or for one principal; kept in the state, so a restart stops too. */
import { newId } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import type { JsonObject } from '../base/json.ts'
import type { Finding } from '../core/verdict.ts'
import type { House } from './house.ts'
import type { Tx } from './ports.ts'
import type { HaltRow } from './rows.ts'

/** The id of the halt that stops everyone. */
export const everyone = 'all'

export interface Halts {
  /** The finding that stops this principal, or null. Memory only: it is asked on every request. */
  stops(principal: string): Finding | null
  /** Reads the state again: at start, and when another process may have written. */
  load(): Promise<void>
  /**
   * Stops one principal or `everyone`: in force at once, before the many that wait for the state, then stored. Gives
   * null, or why it is not stored yet: it is in force all the same, and is stored as soon as that can be.
   */
  throwNow(principal: string, by: string, reason: string): Promise<string | null>
  /** Stops one principal or `everyone`, in the caller's transaction; in force when that commits. */
  throwIn(tx: Tx, principal: string, by: string, reason: string): Promise<void>
  /** Lifts a halt; the caller has checked an approver's factor (`power-widens-with-a-person`). */
  liftIn(tx: Tx, principal: string, by: string, word: JsonObject): Promise<boolean>
  /** Counts destructive attempts; throws the halt for their principal when they come too fast. True when it did. */
  attemptIn(tx: Tx, principal: string, attempts: number): Promise<boolean>
  /** Writes down what stops here and could not be stored when it was thrown (a full disk); a round asks for it. */
  settle(): Promise<void>
  list(): readonly HaltRow[]
}

/** INVARIANT (halt-halts): what was thrown stops every later request, here and after a restart. */
export function openHalts(house: House): Halts {
  let rows: ReadonlyMap<string, HaltRow> = new Map()
  // Thrown here, and not yet seen to be stored: a commit can wait or fail, and the halt must stand all the same.
  const unsure = new Map<string, HaltRow>()
  const settled = (row: HaltRow): void => {
    // Another may have been thrown in its place meanwhile.
    if (unsure.get(row.id) === row) unsure.delete(row.id)
  }

  const load = async (): Promise<void> => {
    const found = await house.state.transact(async (tx) => {
      for (const row of unsure.values()) if (await isStored(tx, row)) settled(row)
      return await tx.find('halt', { liftedAt: null })
    })
    rows = new Map([...found, ...unsure.values()].map((row) => [row.id, row]))
  }
  const store = async (tx: Tx, row: HaltRow): Promise<void> => {
    await tx.put('halt', row)
    await house.notices.tellIn(tx, { kind: 'halt', halt: row })
    const { id, at, by, reason } = row
    const body = { who: id, by, reason }
    await house.ledger.append(tx, [{ kind: 'halted', at, subject: id, principal: null, body }])
  }
  /** Before anything is written: stopping a moment early harms nobody, a moment late might. */
  const force = (principal: string, by: string, reason: string): HaltRow => {
    const row: HaltRow = { id: principal, at: house.clock.now(), by, reason, liftedAt: null }
    rows = new Map([...rows, [principal, row]])
    unsure.set(principal, row)
    return row
  }
  const throwIn = async (tx: Tx, principal: string, by: string, reason: string): Promise<void> =>
    await store(tx, force(principal, by, reason))
  const settle = async (): Promise<void> => {
    for (const row of unsure.values()) {
      await house.state.transact(async (tx) => {
        if (!(await isStored(tx, row))) await store(tx, row)
      })
      settled(row)
    }
  }

  return {
    load,
    throwIn,
    throwNow: async (principal, by, reason) => {
      const row = force(principal, by, reason)
      try {
        await house.state.transact((tx) => store(tx, row))
      } catch (thrown) {
        return messageOf(thrown)
      }
      settled(row)
      return null
    },
    settle,
    stops: (principal) => {
      const stopped = house.stopped()
      if (stopped !== null) return stopped
      const row = rows.get(everyone) ?? rows.get(principal)
      if (row === undefined) return null
      const who = row.id === everyone ? 'everything' : `\`${row.id}\``
      return { rule: 'halt', message: `${who} is halted by ${row.by}: ${row.reason}` }
    },
    liftIn: async (tx, principal, by, word) => {
      const row = await tx.get('halt', principal)
      if (row === null || row.liftedAt !== null) return false
      const at = house.clock.now()
      await tx.put('halt', { ...row, liftedAt: at })
      const attempts = await tx.find('attempt', principal === everyone ? {} : { principal })
      for (const attempt of attempts) await tx.remove('attempt', attempt.id)
      const body = { who: principal, by, ...word }
      await house.ledger.append(tx, [
        { kind: 'resumed', at, subject: principal, principal: null, body },
      ])
      return true
    },
    attemptIn: async (tx, principal, attempts) => {
      const at = house.clock.now()
      const { count, windowMs } = house.limits.burst
      // More than the limit says no more than the limit does.
      for (let each = 0; each < Math.min(attempts, count); each++)
        await tx.put('attempt', { id: newId('try', at, house.chance), principal, at })
      const recent = await tx.find('attempt', { principal })
      const inWindow = recent.filter((row) => Math.abs(at - row.at) < windowMs)
      for (const old of recent) if (!inWindow.includes(old)) await tx.remove('attempt', old.id)
      if (inWindow.length < count || rows.has(principal)) return false
      const reason = `${count} destructive attempts within ${Math.round(windowMs / 1000)} s`
      await throwIn(tx, principal, 'the burst rule', reason)
      house.notices.tell('burst', `${principal} is halted: ${reason}`, principal)
      return true
    },
    list: () => [...rows.values()],
  }
}

/** Also one that was lifted since: what matters is that this very halt was written. */
async function isStored(tx: Tx, { id, at }: HaltRow): Promise<boolean> {
  return (await tx.get('halt', id))?.at === at
}
