/** Databases of which every byte of WAL is received: base backups, marks, and drills of both. */
import { FirebreakError, messageOf } from '../base/error.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import type { Marks } from '../vault/marks.ts'
import type { Drilled } from '../vault/drill.ts'
import { drillPhysical } from '../vault/drill-physical.ts'
import { bestOfFolder } from '../vault/grade.ts'
import { openPhysical } from '../vault/engine-physical.ts'
import type { Physical } from '../vault/engine-physical.ts'
import type { Until } from '../vault/physical-config.ts'
import type { BaseManifest } from '../vault/physical-manifest.ts'
import type { Mark } from '../vault/physical-mark.ts'
import { isMarkId, untilMark } from '../vault/mark-manifest.ts'
import { sweepCopies } from '../vault/scratch.ts'
import { whyApart } from '../vault/physical-line.ts'
import { openBase } from '../vault/physical-verify.ts'
import type { ReceiverStatus } from '../vault/physical-receiver.ts'
import { writeDown } from '../vault/write-down.ts'
import type { Firebreak } from './compose.ts'
import { dialScratch } from './databases.ts'
import type { Database } from './databases.ts'
import { sayDuration } from './duration.ts'
import { openWay } from './physical-way.ts'
import { scratchOf } from './recovery.ts'
import { spoolIn } from './spool.ts'
import { realChance, realTimer } from './world.ts'

export interface Physicals {
  /** Where each stands, by target; null where it does not receive now. */
  status(): ReadonlyMap<string, ReceiverStatus | null>
  /** Those that receive now, by target. */
  running(): ReadonlyMap<string, Physical>
  /** True where base backups are taken of it. */
  has(target: string): boolean
  /** A base backup, and the row that is written down of it. */
  backup(target: string): Promise<RecoveryPointRow>
  /** A mark upon the newest good base backup. Throws why there is none. */
  mark(target: string, far: boolean): ReturnType<Marks['take']>
  /** Why no base backup reaches what is received now; null where one does, none was taken, or nothing is received. */
  gap(target: string): Promise<string | null>
  /** Up to a mark that is set now. */
  drill(id: string, target: string, assertions: readonly string[]): Promise<Drilled>
  stop(): Promise<void>
}

const shelvedMs = 120_000
const markMs = 30_000
const againMs = 30_000

/** Receives from now on, and again where that ends. */
export function startPhysical(firebreak: Firebreak): Physicals {
  const { config, databases } = firebreak
  const wanted = Object.entries(config.vault?.databases ?? {}).flatMap(([target, { engine }]) => {
    const database = databases.get(target)
    return engine === 'physical' && database !== undefined ? [[target, database] as const] : []
  })
  if (wanted.length > 0)
    sweepCopies(scratchOf(config)).catch((thrown: unknown) =>
      firebreak.notices.tell(
        'drill-failed',
        `what an earlier drill left is not swept: ${messageOf(thrown)}`,
        'scratch',
      ),
    )
  const all = new Map(
    wanted.map(([target, database]) => [target, keep(firebreak, target, database)]),
  )
  const running = async (target: string): Promise<Physical> => {
    // At a start the first connection may still be on its way.
    await all.get(target)?.tried
    const physical = all.get(target)?.now()
    if (physical) return physical
    throw new FirebreakError(
      'not_reachable',
      `no WAL of \`${target}\` is received now`,
      'look at `firebreak alarms` for the reason',
    )
  }
  const databaseOf = (target: string): Database => {
    const database = databases.get(target)
    if (database !== undefined) return database
    throw new FirebreakError('not_found', `the config has no database \`${target}\``)
  }
  return {
    has: (target) => all.has(target),
    running: () =>
      new Map(
        [...all].flatMap(([target, { now }]) => {
          const physical = now()
          return physical === null ? [] : [[target, physical] as const]
        }),
      ),
    status: () => new Map([...all].map(([target, { now }]) => [target, now()?.status() ?? null])),
    backup: async (target) => await baseOf(firebreak, await running(target)),
    mark: async (target, far) => {
      const physical = await running(target)
      const base = await baseFor(firebreak, target, physical)
      const mark = await setMark(databaseOf(target), physical, far)
      return { base: base.id, mark }
    },
    gap: async (target) => {
      // At a start the first connection may still be on its way.
      await all.get(target)?.tried
      const physical = all.get(target)?.now()
      if (!physical) return null
      const found = await reaching(firebreak, target, physical)
      return 'why' in found ? found.why : null
    },
    drill: async (id, target, assertions) => {
      const database = databaseOf(target)
      const { base, until } = isMarkId(id)
        ? await untilMark(boxOf(firebreak), id)
        : { base: id, until: await untilNow(database, await running(target)) }
      const { user, database: name } = database.target
      const spool = { folder: spoolOf(firebreak, target), key: firebreak.vaultKey }
      const found = await drillPhysical(
        { id: base, until, spool, user, database: name, assertions },
        {
          box: boxOf(firebreak),
          clock: firebreak.clock,
          chance: realChance,
          folder: scratchOf(config),
          connect: dialScratch,
          progress: (bytes) => firebreak.progress.heard(id, bytes),
        },
      )
      return { ...found, point: id }
    },
    stop: async () => {
      await Promise.all([...all.values()].map(({ stop }) => stop()))
    },
  }
}

interface Kept {
  /** Fulfils when the first try has come to something. */
  readonly tried: Promise<void>
  readonly now: () => Physical | null
  readonly stop: () => Promise<void>
}

function keep(firebreak: Firebreak, target: string, database: Database): Kept {
  let physical: Physical | null = null
  let stopped = false
  let callOff: (() => void) | null = null
  const first = Promise.withResolvers<void>()
  const run = async (): Promise<void> => {
    const { clock, notices } = firebreak
    let hasLeft = false
    try {
      const opened = await openPhysical({
        connect: async () => await openWay(database, await firebreak.credential.of(target)),
        box: boxOf(firebreak),
        folder: spoolOf(firebreak, target),
        key: firebreak.vaultKey,
        slot: `firebreak_${target.replaceAll(/[^a-z0-9_]/g, '_')}`,
        clock,
        timer: realTimer,
        chance: realChance,
        source: target,
        covers: [{ target, type: 'database', id: database.target.database }],
        progress: (bytes) => firebreak.progress.heard(target, bytes),
        shelvedMs,
      })
      if (!stopped) physical = opened
      first.resolve()
      if (stopped) return await opened.stop()
      await opened.ended
    } catch (thrown) {
      // What it received has come to its end, as a timeline does: the server is met anew at once.
      hasLeft =
        physical !== null && thrown instanceof FirebreakError && thrown.code === 'wrong_state'
      physical = null
      first.resolve()
      notices.tell('wal-not-received', `${target}: ${messageOf(thrown)}`, target)
    }
    if (!stopped)
      callOff = realTimer(hasLeft ? 0 : againMs, () => {
        running = run()
      })
  }
  let running = run()
  return {
    tried: first.promise,
    now: () => physical,
    stop: async () => {
      stopped = true
      callOff?.()
      await physical?.stop()
      await running
    },
  }
}

async function baseOf(firebreak: Firebreak, physical: Physical): Promise<RecoveryPointRow> {
  const base = await physical.takeBase()
  const { clock, state, notePoint: note, offsite, config } = firebreak
  const detail = { source: base.source, on: [] }
  return await writeDown(base, detail, {
    box: boxOf(firebreak),
    clock,
    state,
    note,
    minimum: config.vault?.minimum ?? bestOfFolder,
    ...(offsite === null ? {} : { offsite }),
  })
}

/** `far`: a new segment is begun behind it, so that the one that holds it goes into the box. */
async function setMark(database: Database, physical: Physical, far: boolean): Promise<Mark> {
  const client = await database.connect()
  try {
    const mark = await physical.mark(client.ask, markMs)
    if (far) {
      await client.ask('SELECT pg_switch_wal()')
      await physical.shelved(mark.lsn, shelvedMs)
    }
    return mark
  } finally {
    await client.close()
  }
}

async function untilNow(database: Database, physical: Physical): Promise<Until> {
  return { kind: 'name', ...(await setMark(database, physical, false)) }
}

/** The newest that was read back, is no older than the config wants, and from which all WAL is there. */
async function baseFor(
  firebreak: Firebreak,
  target: string,
  physical: Physical,
): Promise<BaseManifest> {
  const found = await reaching(firebreak, target, physical)
  const take = `take one: \`firebreak backup ${target}\``
  if ('why' in found)
    throw new FirebreakError(
      'wrong_state',
      found.why ?? `no base backup of ${target} is good`,
      take,
    )
  const every = firebreak.config.vault?.databases[target]?.every
  const age = firebreak.clock.now() - found.takenAt
  if (every !== undefined && age > 2 * every)
    throw new FirebreakError(
      'wrong_state',
      `the newest good base backup of ${target} is ${sayDuration(age)} old, and one is wanted every ${sayDuration(every)}`,
      take,
    )
  return found
}

/** The newest good one from which all WAL up to what comes now is there; else why the newest is not, null where there is none. */
async function reaching(
  firebreak: Firebreak,
  target: string,
  physical: Physical,
): Promise<BaseManifest | { readonly why: string | null }> {
  const box = boxOf(firebreak)
  let whyNewest: string | null = null
  for (const { id } of await goodBases(firebreak, target)) {
    const base = await openBase(box, id)
    const why = await whyApart(box, base, physical.of, physical.status().shelved)
    if (why === null) return base
    whyNewest ??= why
  }
  return { why: whyNewest }
}

/** Those that were read back, newest first. */
async function goodBases(
  { state }: Firebreak,
  target: string,
): Promise<readonly RecoveryPointRow[]> {
  const rows = await state.transact((tx) => tx.find('point', {}))
  return rows
    .filter(
      ({ id, verifiedAt, detail }) =>
        id.startsWith('base_') && verifiedAt !== null && detail['source'] === target,
    )
    .toReversed()
}

/** Throws `not_found` where no vault is configured. */
export function boxOf({ vault }: Firebreak): NonNullable<Firebreak['vault']['box']> {
  if (vault.box !== null) return vault.box
  throw new FirebreakError('not_found', 'no vault is configured')
}

/** Where the WAL lies that is in no whole segment yet. */
export function spoolOf({ config }: Firebreak, target: string): string {
  return spoolIn(config.vault?.store ?? config.state, target)
}
