/** Databases of which every byte of WAL is received: base backups, marks, and drills of both. */
import { join } from 'node:path'
import { FirebreakError, messageOf } from '../base/error.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import { openReplication } from '../gateways/postgres/replication.ts'
import type { Drilled } from '../vault/drill.ts'
import { drillPhysical } from '../vault/drill-physical.ts'
import { bestOfFolder } from '../vault/grade.ts'
import { openPhysical } from '../vault/engine-physical.ts'
import type { Physical } from '../vault/engine-physical.ts'
import type { Until } from '../vault/physical-config.ts'
import type { ReceiverStatus } from '../vault/physical-receiver.ts'
import { writeDown } from '../vault/write-down.ts'
import type { Firebreak } from './compose.ts'
import { dialScratch } from './databases.ts'
import type { Database } from './databases.ts'
import { scratchOf } from './recovery.ts'
import { realChance, realTimer } from './world.ts'

export interface Physicals {
  /** Where each stands, by target; null where it does not receive now. */
  status(): ReadonlyMap<string, ReceiverStatus | null>
  /** True where base backups are taken of it. */
  has(target: string): boolean
  /** A base backup, and the row that is written down of it. */
  backup(target: string): Promise<RecoveryPointRow>
  /** Up to a mark that is set now. */
  drill(id: string, target: string, assertions: readonly string[]): Promise<Drilled>
  stop(): Promise<void>
}

const connectMs = 10_000
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
  const all = new Map(
    wanted.map(([target, database]) => [target, keep(firebreak, target, database)]),
  )
  const running = (target: string): Physical => {
    const physical = all.get(target)?.now()
    if (physical) return physical
    throw new FirebreakError(
      'not_reachable',
      `no WAL of \`${target}\` is received now`,
      'look at `firebreak alarms` for the reason',
    )
  }
  return {
    has: (target) => all.has(target),
    status: () => new Map([...all].map(([target, { now }]) => [target, now()?.status() ?? null])),
    backup: async (target) => await baseOf(firebreak, running(target)),
    drill: async (id, target, assertions) => {
      const database = databases.get(target)
      if (database === undefined)
        throw new FirebreakError('not_found', `the config has no database \`${target}\``)
      const until = await markOf(database, running(target))
      const { user, database: name } = database.target
      const spool = { folder: spoolOf(firebreak, target), key: firebreak.vaultKey }
      return await drillPhysical(
        { id, until, spool, user, database: name, assertions },
        {
          box: boxOf(firebreak),
          clock: firebreak.clock,
          chance: realChance,
          folder: scratchOf(config),
          connect: dialScratch,
          progress: (bytes) => firebreak.progress.heard(id, bytes),
        },
      )
    },
    stop: async () => {
      await Promise.all([...all.values()].map(({ stop }) => stop()))
    },
  }
}

interface Kept {
  readonly now: () => Physical | null
  readonly stop: () => Promise<void>
}

function keep(firebreak: Firebreak, target: string, database: Database): Kept {
  let physical: Physical | null = null
  let stopped = false
  let callOff: (() => void) | null = null
  const run = async (): Promise<void> => {
    const { clock, notices } = firebreak
    try {
      const opened = await openPhysical({
        connect: async () =>
          await openReplication({
            target: database.target,
            secret: await firebreak.credential.of(target),
            chance: realChance,
            timer: realTimer,
            connectMs,
          }),
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
      if (stopped) return await opened.stop()
      physical = opened
      await opened.ended
    } catch (thrown) {
      physical = null
      notices.tell('wal-not-received', `${target}: ${messageOf(thrown)}`, target)
    }
    if (!stopped)
      callOff = realTimer(againMs, () => {
        running = run()
      })
  }
  let running = run()
  return {
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

/** Where the role may not set one, the end of what is known must do; that a piece of WAL is missing is then not noticed. */
async function markOf(database: Database, physical: Physical): Promise<Until> {
  const client = await database.connect()
  try {
    const { name, lsn } = await physical.mark(client.ask, markMs)
    return { kind: 'name', name, lsn }
  } finally {
    await client.close()
  }
}

/** Throws `not_found` where no vault is configured. */
export function boxOf({ vault }: Firebreak): NonNullable<Firebreak['vault']['box']> {
  if (vault.box !== null) return vault.box
  throw new FirebreakError('not_found', 'no vault is configured')
}

/** Where the WAL lies that is in no whole segment yet. */
export function spoolOf({ config }: Firebreak, target: string): string {
  return join(config.vault?.store ?? config.state, 'spool', target)
}
