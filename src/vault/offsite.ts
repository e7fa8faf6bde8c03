/** The second place of a point: its sealed bytes once more, where a lock keeps them from everyone, this process too. */
import { createHash } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { openTurn } from '../base/turn.ts'
import type { Grade } from '../core/recovery-point.ts'
import type { Box } from './box.ts'
import type { Bytes } from './chunks.ts'
import { bestOfFolder, higher } from './grade.ts'
import type { WalRecord } from './physical-records.ts'
import type { WalOf } from './physical-segments.ts'
import { putTail } from './physical-tail.ts'
import type { Span } from './physical-tail.ts'
import { isOutOfReach } from './reason.ts'
import { leansOn, wholeOf, withLater } from './leans.ts'
import type { Store } from './store.ts'

export interface Offsite {
  /** For a person. */
  readonly place: string
  /** What lies there is worth so much, as the last canary attack has shown; V0 where none has shown anything. */
  grade(): Grade
  /** Copies a point and what it needs; until when all of it is kept, ms since 1970. Throws where any of it is not there then. */
  copy(id: string): Promise<number>
  /**
   * Keeps a point, and all WAL that can be replayed upon it, for the whole time from now on; until when. `lapsed`: its lock has
   * ended meanwhile, so anyone may have put anything there.
   */
  extend(id: string, lapsed: boolean): Promise<number>
  /** Puts WAL that is in no whole segment yet. Throws where it is not there then, locked. */
  tail(of: WalOf, span: Span, records: AsyncIterable<WalRecord>): Promise<void>
  /** The manifest of a point as it lies there and opens; null where nothing lies there. Throws where that is none of ours. */
  manifest(id: string): Promise<string | null>
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
  let sent = new Set<string>()
  let proven = new Set<string>()
  const inTurn = openTurn()
  const store = (): Promise<Store> => {
    opened ??= open().catch((thrown: unknown) => {
      opened = null
      throw thrown
    })
    return opened
  }
  const there = (): Promise<Set<string>> => {
    // Names of WAL can be counted ahead: what is not here yet, somebody else has put there.
    known ??= store()
      .then(async (it) => {
        const here = new Set(await box.store.points())
        return new Set((await it.points()).filter((id) => here.has(id)))
      })
      .catch((thrown: unknown) => {
        known = null
        throw thrown
      })
    return known
  }

  const one = async (id: string, lapsed = false): Promise<number> => {
    const [to, had] = [await store(), await there()]
    const names = new Map<string, string>()
    for (const sum of await leansOn(box, id)) names.set(await box.stored(sum), sum)
    const until = clock.now() + keepMs
    await sendKeys(to)
    if (lapsed || !proven.has(id)) {
      const is = await standing(to, id, had)
      if (lapsed || is !== 'ours') await send(to, { id, is }, names, until)
      had.add(id)
      proven.add(id)
    }
    return await locked(id, [...names.keys()], until)
  }

  /** INVARIANT (put-once): who holds the bucket's credential can be first with a name, and not with what opens under it. */
  const standing = async (
    to: Store,
    id: string,
    had: ReadonlySet<string>,
  ): Promise<'none' | 'ours' | 'another'> => {
    if (!had.has(id) && !(await to.hasPoint(id))) return 'none'
    const text = await box.manifestText(id)
    const there = await box
      .over(to)
      .manifestText(id)
      .catch((thrown: unknown) => {
        if (isOutOfReach(thrown)) throw thrown
        // Whatever else keeps it from being opened, it is not what lies here.
        return null
      })
    return there === text ? 'ours' : 'another'
  }

  /** Before what is under them: a point without its key is none. */
  const sendKeys = async (to: Store): Promise<void> =>
    await inTurn(async () => {
      const there = new Set(sent.size > 0 ? [] : await to.keys())
      for (const name of await box.store.keys())
        if (!sent.has(name)) {
          if (!there.has(name) || !(await isKeyThere(to, name)))
            await to.putKey(name, box.store.getKey(name), there.has(name))
          sent.add(name)
        }
    })

  const isKeyThere = async (to: Store, name: string): Promise<boolean> => {
    const own = await digestOf(box.store.getKey(name))
    const isWhole = async (bytes: Bytes): Promise<boolean> => (await digestOf(bytes)) === own
    const same = { bytes: box.store.getKey(name), isWhole }
    return await to.keepSame({ kind: 'key', name }, same, clock.now() + keepMs)
  }

  /** INVARIANT (shown): a name says nothing of what lies under it. What is there counts where the store shows that it is the same, or it was read. */
  const send = async (
    to: Store,
    { id, is }: { readonly id: string; readonly is: 'none' | 'ours' | 'another' },
    names: ReadonlyMap<string, string>,
    until: number,
  ): Promise<void> => {
    const staging = await to.stage()
    let waiting = 0
    try {
      for (const [name, sum] of names) {
        const isTaken = await to.has(name)
        const same = { bytes: box.store.get(name), isWhole: box.isContent(sum) }
        if (isTaken && (await to.keepSame({ kind: 'object', name }, same, until))) continue
        // What is damaged here must not stand there as if it were whole.
        for await (const _ of box.open(sum));
        await staging.put(name, box.store.get(name), isTaken)
        waiting += 1
        if (waiting % together === 0) await staging.settle()
      }
      await staging.settle()
      if (is !== 'ours') await staging.name(id, box.store.getPoint(id), is === 'another')
    } finally {
      await staging.discard()
    }
  }

  // An act and the round by itself may want the same one.
  const under = new Map<string, Promise<number>>()
  const once = (id: string, lapsed: boolean): Promise<number> => {
    const found = under.get(id) ?? one(id, lapsed).finally(() => under.delete(id))
    under.set(id, found)
    return found
  }

  const all = async (ids: readonly string[], lapsed = false): Promise<number> => {
    let until = Infinity
    for (const id of ids) until = Math.min(until, await once(id, lapsed))
    return until
  }

  const locked = async (id: string, names: readonly string[], until: number): Promise<number> => {
    const kept = await (await store()).keep(id, names, until)
    if (kept !== null) return kept
    throw new FirebreakError('bad_config', `\`${place}\` keeps nothing`)
  }

  return {
    place,
    grade,
    there,
    manifest: async (id) => {
      const to = await store()
      return (await to.hasPoint(id)) ? await box.over(to).manifestText(id) : null
    },
    tail: async (of, span, records) => {
      const there = box.over(await store())
      const until = clock.now() + keepMs
      await box.stand()
      await sendKeys(there.store)
      const { id, pieces } = await putTail(there, of, span, records)
      const names: string[] = []
      for (const { sha256 } of pieces) names.push(await there.stored(sha256))
      await locked(id, names, until)
    },
    look: async () => {
      known = null
      proven = new Set()
      await there()
      sent = new Set()
      await sendKeys(await store())
    },
    copy: async (id) => await all(await wholeOf(box, id)),
    extend: async (id, lapsed) => {
      const had = await there()
      return await all(
        (await withLater(box, id)).filter((each) => had.has(each)),
        lapsed,
      )
    },
  }
}

async function digestOf(bytes: Bytes): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of bytes) hash.update(piece)
  return hash.digest('hex')
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
