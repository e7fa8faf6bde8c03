/** The calls that the bypass watch knows: the platform's own ids of what was sent through here, and events that were told. */
import type { Clock } from '../base/clock.ts'
import type { State, Tx } from '../guard/ports.ts'
import type { CallRow } from '../guard/rows.ts'

export interface Sent {
  readonly note: (target: string, requestId: string) => void
  /** Stores what was noted; a crash before it makes a false alarm, never a missed one. */
  readonly flush: () => Promise<void>
  readonly knows: (tx: Tx, target: string, requestId: string) => Promise<boolean>
  /** True the first time that this event is told. */
  readonly tell: (tx: Tx, target: string, event: string) => Promise<boolean>
  /** Forgets what is well before `mark`, the newest event of the target that was looked at (ms). */
  readonly prune: (tx: Tx, target: string, mark: number) => Promise<void>
}

/** Well beyond what the watch looks at again. */
const keptDays = 3

export function openSent(state: State, clock: Clock): Sent {
  let noted = new Map<string, CallRow>()
  const keyOf = (target: string, id: string): string => `sent:${target}:${id}`
  return {
    note: (target, id) => {
      const key = keyOf(target, id)
      noted.set(key, { id: key, target, day: dayOf(clock.now()) })
    },
    flush: async () => {
      if (noted.size === 0) return
      const batch = noted
      noted = new Map()
      try {
        await state.transact(async (tx) => {
          for (const row of batch.values()) await tx.put('call', row)
        })
      } catch (thrown) {
        // Kept for the next round, or what was sent would be told as gone past Firebreak.
        noted = new Map([...batch, ...noted])
        throw thrown
      }
    },
    knows: async (tx, target, id) =>
      noted.has(keyOf(target, id)) || (await tx.get('call', keyOf(target, id))) !== null,
    tell: async (tx, target, event) => {
      const id = `told:${target}:${event}`
      if ((await tx.get('call', id)) !== null) return false
      await tx.put('call', { id, target, day: dayOf(clock.now()) })
      return true
    },
    prune: async (tx, target, mark) => {
      const pruned = `pruned:${target}`
      const last = dayOf(Math.min(mark, clock.now())) - keptDays
      const done = (await tx.get('meta', pruned))?.value
      const from = typeof done === 'number' ? done + 1 : last
      for (let day = from; day <= last; day++)
        for (const { id } of await tx.find('call', { day, target })) await tx.remove('call', id)
      if (from <= last) await tx.put('meta', { id: pruned, value: last })
    },
  }
}

function dayOf(ms: number): number {
  return Math.floor(ms / 86_400_000)
}
