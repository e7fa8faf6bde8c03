/** The second place of a point: its sealed bytes once more, where a lock keeps them from everyone, this process too. */
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Grade } from '../core/recovery-point.ts'
import type { Box } from './box.ts'
import { bestOfFolder, higher } from './grade.ts'
import { leansOn, wholeOf, withLater } from './leans.ts'
import type { Store } from './store.ts'

export interface Offsite {
  /** For a person. */
  readonly place: string
  /** What lies there is worth so much, as the last canary attack has shown; V0 where none has shown anything. */
  grade(): Grade
  /** Copies a point and what it needs; until when all of it is kept, ms since 1970. Throws where any of it is not there then. */
  copy(id: string): Promise<number>
  /** Keeps a point, and all WAL that can be replayed upon it, for the whole time from now on; until when. */
  extend(id: string): Promise<number>
  /** Ids of what is there whole, as far as known since the last look. */
  there(): Promise<ReadonlySet<string>>
  /** Looks again what is there. */
  look(): Promise<void>
}

export interface OffsiteParts {
  readonly place: string
  /** Where points are taken; what is copied is read and proven from here. */
  readonly box: Box
  /** Opens the second place; asked again where it could not be opened. */
  readonly open: () => Promise<Store>
  readonly keepMs: number
  readonly clock: Clock
  readonly grade: () => Grade
}

/** Things that are sent before they are named. */
const together = 16

export function openOffsite({ place, box, open, keepMs, clock, grade }: OffsiteParts): Offsite {
  let opened: Promise<Store> | null = null
  let known: Promise<Set<string>> | null = null
  const store = (): Promise<Store> => {
    opened ??= open().catch((thrown: unknown) => {
      opened = null
      throw thrown
    })
    return opened
  }
  const there = (): Promise<Set<string>> => {
    known ??= store()
      .then(async (it) => new Set(await it.points()))
      .catch((thrown: unknown) => {
        known = null
        throw thrown
      })
    return known
  }

  const one = async (id: string): Promise<number> => {
    const [to, had] = [await store(), await there()]
    const names = new Map((await leansOn(box, id)).map((sum) => [box.name(sum), sum]))
    const until = clock.now() + keepMs
    if (!had.has(id)) {
      await send(to, id, names)
      had.add(id)
    }
    const kept = await to.keep(id, [...names.keys()], until)
    if (kept === null) throw new FirebreakError('bad_config', `\`${place}\` keeps nothing`)
    return kept
  }

  const send = async (to: Store, id: string, names: ReadonlyMap<string, string>): Promise<void> => {
    const staging = await to.stage()
    let waiting = 0
    try {
      for (const [name, sum] of names) {
        if (await to.has(name)) continue
        // What is damaged here must not stand there as if it were whole.
        for await (const _ of box.open(sum));
        await staging.put(name, box.store.get(name), false)
        waiting += 1
        if (waiting % together === 0) await staging.settle()
      }
      await staging.settle()
      await staging.name(id, box.store.getPoint(id))
    } finally {
      await staging.discard()
    }
  }

  // An act and the round by itself may want the same one.
  const under = new Map<string, Promise<number>>()
  const once = (id: string): Promise<number> => {
    const found = under.get(id) ?? one(id).finally(() => under.delete(id))
    under.set(id, found)
    return found
  }

  const all = async (ids: readonly string[]): Promise<number> => {
    let until = Infinity
    for (const id of ids) until = Math.min(until, await once(id))
    return until
  }

  return {
    place,
    grade,
    there,
    look: async () => {
      known = null
      await there()
    },
    copy: async (id) => await all(await wholeOf(box, id)),
    extend: async (id) => {
      const had = await there()
      return await all((await withLater(box, id)).filter((each) => had.has(each)))
    },
  }
}

/** The best that a point of this vault can be worth. */
export function bestOf(offsite: Offsite | undefined): Grade {
  return offsite === undefined ? bestOfFolder : higher(bestOfFolder, offsite.grade())
}

/** Why a store of this grade does not count. */
export function tooLow(
  {
    box,
    offsite,
    minimum,
  }: { readonly box: Box; readonly offsite?: Offsite; readonly minimum: Grade },
  grade: Grade,
): string {
  const where = `the vault \`${box.store.place}\``
  return offsite === undefined
    ? `${where} has grade ${grade}, and ${minimum} is asked for: add a \`vault.bucket\`, which lies further outside`
    : `${where} with \`${offsite.place}\` has grade ${grade}, and ${minimum} is asked for: look at \`firebreak vault status\` for what the canary attack showed`
}
