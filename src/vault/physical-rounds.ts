/** What a base backup puts, in rounds: one is named and read back from the store while the next is filled. */
import { FirebreakError } from '../base/error.ts'
import type { Box } from './box.ts'
import type { Bytes } from './chunks.ts'
import { isWhole } from './physical-pieces.ts'
import type { Press } from './physical-press.ts'
import type { Staging } from './store.ts'

export interface Rounds extends Pick<Staging, 'put'> {
  /** INVARIANT (read back): all that was put is in the store, and what the store gives back is what was put. */
  settle(): Promise<void>
  /** After `settle`. */
  name(id: string, manifest: Bytes): Promise<void>
  /** Takes away what has no name yet. What has one and belongs to no point is found by the next that puts the same. */
  discard(): Promise<void>
}

interface Round {
  readonly staging: Promise<Staging>
  readonly names: string[]
  readonly puts: Promise<void>[]
}

/** What a round holds: so many that few folders are synced, and so few that the reading does not come all at the end. */
const piecesInRound = 64
/** Read back at the same time: the disk, and the threads that open. */
const readAtOnce = 4

export function openRounds(box: Box, press: Press): Rounds {
  const rounds: Round[] = []
  const faults: unknown[] = []
  let work = Promise.resolve()
  const begin = (): Round => {
    const round: Round = { staging: box.store.stage(), names: [], puts: [] }
    round.staging.catch(() => null)
    rounds.push(round)
    return round
  }
  let round = begin()

  const read = async (names: readonly string[]): Promise<void> => {
    const left = [...names]
    const lane = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift())
        if (!(await isWhole(box, press, name))) throw changed()
    }
    await Promise.all(Array.from({ length: readAtOnce }, lane))
  }
  const end = async ({ staging, names, puts }: Round): Promise<void> => {
    await Promise.all(puts)
    await (await staging).settle()
    await read(names)
  }
  const finish = (ending: Round): void => {
    work = work
      .then(() => end(ending))
      .catch((thrown: unknown) => {
        faults.push(thrown)
      })
  }
  return {
    put: async (name, bytes, mend) => {
      if (faults.length > 0) throw faults[0]
      const mine = round
      mine.names.push(name)
      const putting = mine.staging.then((staging) => staging.put(name, bytes, mend))
      mine.puts.push(putting)
      if (mine.names.length === piecesInRound) {
        finish(mine)
        round = begin()
      }
      await putting
    },
    settle: async () => {
      finish(round)
      await work
      if (faults.length > 0) throw faults[0]
    },
    name: async (id, manifest) => await (await round.staging).name(id, manifest),
    discard: async () => {
      // What is still on its way here is not put any more.
      faults.push(new FirebreakError('wrong_state', 'the base backup has ended'))
      await work
      for (const { staging, puts } of rounds) {
        await Promise.allSettled(puts)
        // One that did not come about has left nothing.
        const there = await staging.catch(() => null)
        await there?.discard()
      }
    },
  }
}

function changed(): FirebreakError {
  return new FirebreakError(
    'broken_store',
    'a base backup in the vault is not what was put there',
    'look at the health of the disk of the vault, then take it again',
  )
}
