/** The platform's own ids of what was sent through here: what its audit log tells beyond them went past Firebreak. */
import type { Clock } from '../base/clock.ts'
import type { State, Tx } from '../guard/ports.ts'

export interface Sent {
  readonly note: (target: string, requestId: string) => void
  /** Stores what was noted; a crash before it makes a false alarm, never a missed one. */
  readonly flush: () => Promise<void>
  readonly knows: (tx: Tx, target: string, requestId: string) => Promise<boolean>
}

export function openSent(state: State, clock: Clock): Sent {
  let noted = new Map<string, number>()
  const keyOf = (target: string, id: string): string => `sent:${target}:${id}`
  return {
    note: (target, id) => {
      noted.set(keyOf(target, id), clock.now())
    },
    flush: async () => {
      if (noted.size === 0) return
      const batch = noted
      noted = new Map()
      try {
        await state.transact(async (tx) => {
          for (const [id, value] of batch) await tx.put('meta', { id, value })
        })
      } catch (thrown) {
        // Kept for the next round, or what was sent would be told as gone past Firebreak.
        noted = new Map([...batch, ...noted])
        throw thrown
      }
    },
    knows: async (tx, target, id) =>
      noted.has(keyOf(target, id)) || (await tx.get('meta', keyOf(target, id))) !== null,
  }
}
