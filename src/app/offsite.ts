/** The second place of the points: opened for the vault, graded each day by an attack, filled by itself. */
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { isObject, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { grades } from '../core/recovery-point.ts'
import type { Grade } from '../core/recovery-point.ts'
import type { State, Tx } from '../guard/ports.ts'
import type { Box } from '../vault/box.ts'
import { gradeBucket } from '../vault/canary.ts'
import { openOffsite } from '../vault/offsite.ts'
import type { Offsite } from '../vault/offsite.ts'
import { openS3Store } from '../vault/store-s3.ts'
import { attackersOf, openOwn, placeOf, sayPlace } from './bucket.ts'
import type { Config } from './config.ts'
import type { Credentials } from './credentials.ts'
import { realChance } from './world.ts'

/** What the last attack has shown of which place, and when; `by`: with each credential, for a person. */
export interface LastGrade {
  readonly grade: Grade
  readonly by: Json
  readonly place: string
  readonly at: number
}

export interface OffsiteHouse {
  readonly state: State
  readonly clock: Clock
  readonly credential: Credentials
  readonly box: Box | null
}

export interface OpenedOffsite extends Offsite {
  /** The last grade, however old; null where no attack has shown one yet. */
  last(): LastGrade | null
  /** Attacks now, and keeps what came of it. */
  attack(): Promise<LastGrade>
}

const meta = 'offsite-grade'
/** It is shown anew each day; one that could not be for so long is none: whoever owns the bucket may have seen to that. */
const countsMs = 2 * 24 * 60 * 60_000
/** A clock that is set right by so much is no wrong one. */
const aheadMs = 5 * 60_000
/** A writer that died leaves parts in the bucket; they cost, and count for nothing. */
const staleMs = 7 * 24 * 60 * 60_000

/** Null where the config names none. */
export async function openConfiguredOffsite(
  { vault }: Config,
  { box, ...house }: OffsiteHouse,
): Promise<OpenedOffsite | null> {
  if (vault?.bucket === undefined || box === null) return null
  const { bucket: config, store: folder } = vault
  const { state, clock } = house
  const place = sayPlace(placeOf(config))
  let last = await state.transact((tx) => lastOf(tx, place))
  const offsite = openOffsite({
    place,
    box,
    clock,
    keepMs: config.keep,
    grade: () => (last !== null && isFresh(last, clock.now()) ? last.grade : 'V0'),
    open: async () =>
      await openS3Store(await openOwn(config, house), {
        keepMs: config.keep,
        spool: join(folder, 'staging'),
        clock,
        chance: realChance,
        staleMs,
      }),
  })
  return {
    ...offsite,
    last: () => last,
    attack: async () => {
      const [own, attackers] = [await openOwn(config, house), await attackersOf(config, house)]
      try {
        const { apart } = config
        const graded = await gradeBucket(own, attackers, { apart, clock, chance: realChance })
        const now = { grade: graded.grade, by: toJson(graded.by), place, at: clock.now() }
        await state.transact((tx) => tx.put('meta', { id: meta, value: toJson(now) }))
        last = now
        return now
      } finally {
        for (const bucket of [own, ...attackers.map((each) => each.bucket)]) bucket.close()
      }
    },
  }
}

function isFresh({ at }: LastGrade, now: number): boolean {
  return now - at > -aheadMs && now - at < countsMs
}

/** What the second place of this config is worth at this moment; null where none is named, or nothing fresh was shown. */
export async function lastGrade(
  tx: Pick<Tx, 'get'>,
  { vault }: Config,
  now: number,
): Promise<Grade | null> {
  if (vault?.bucket === undefined) return null
  const last = await lastOf(tx, sayPlace(placeOf(vault.bucket)))
  return last !== null && isFresh(last, now) ? last.grade : null
}

/** Of this very place only: another bucket has shown nothing yet. */
async function lastOf(tx: Pick<Tx, 'get'>, place: string): Promise<LastGrade | null> {
  const kept = (await tx.get('meta', meta))?.value ?? null
  if (!isObject(kept) || kept['place'] !== place) return null
  const grade = grades.find((each) => each === kept['grade'])
  return grade === undefined
    ? null
    : { grade, place, at: Number(kept['at']), by: kept['by'] ?? null }
}
