/** One round: load, a base backup under way, a kill at a moment that nobody chose, and a restore from the store and the key alone. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openAlone, restoreCluster } from '../../src/app/alone.ts'
import type { Alone } from '../../src/app/alone.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Client } from 'pg'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { Lsn } from '../../src/platforms/postgres/replication.ts'
import { damageOfBase, listBases } from '../../src/vault/physical-verify.ts'
import { ownFolder } from '../postgres/cluster.ts'
import type { Chance } from '../postgres/fuzz-chance.ts'
import type { Ground } from './kill-ground.ts'
import { ended } from './kill-ground.ts'
import { startCopy } from './physical-house.ts'

const victims = ['daemon', 'database', 'both'] as const
type Victim = (typeof victims)[number]

/** What all rounds together know. */
export interface Known {
  /** Each commit that was acknowledged through the gateway, and a place that it lies before; null where nobody could say. */
  readonly acknowledged: (Lsn | null)[]
  /** Base backups that the daemon has said are taken. */
  readonly told: Set<string>
  /** How many of them were safe after the last round. */
  safeBefore: number
}

export interface Told {
  readonly victim: Victim
  /** How long after its first commit was safe it was killed. */
  readonly afterMs: number
  readonly safe: Lsn
  /** Acknowledged commits that were safe, and those that came after. */
  readonly wanted: number
  readonly later: number
  /** Base backups that count, and whether one was cut off. */
  readonly bases: number
  readonly cutOff: boolean
  readonly restored: string
  readonly restoreMs: number
  /** What must not be, one line each. */
  readonly wrong: readonly string[]
}

/** The daemon and the server are up before and after it. */
export async function round(
  ground: Ground,
  known: Known,
  chance: Chance,
  victim: Victim = chance.pick(victims),
): Promise<Told> {
  const afterMs = chance.below(3000)
  await receives(ground)
  const pgbench = ground.load()
  const first = known.acknowledged.length
  const end = new AbortController()
  let safe = (await ground.safe()) ?? 0n
  const watching = watch(ground, end.signal, (lsn) => (safe = lsn))
  const committing = commit(ground, known, end.signal)
  // The first one is waited for, so that there is something to restore.
  if (known.told.size === 0) await takeBase(ground, known)
  const base = takeBase(ground, known)
  // A slow machine may need longer than that for its first commit: without one nothing would be tried.
  const isTried = (): boolean =>
    known.acknowledged.some((at, n) => n >= first && at !== null && at <= safe)
  const latest = performance.now() + firstMs
  while (!isTried() && performance.now() < latest) await pause(20)
  await pause(afterMs)
  if (victim !== 'database') await ground.alone.kill()
  if (victim !== 'daemon') await ground.killServer()
  end.abort()
  await Promise.all([watching, committing])
  const cutOff = (await base) === 'cut off'
  await ended(pgbench)
  const checked = await check(ground, known, safe, chance)
  if (victim !== 'daemon') await ground.gate.cluster.start()
  if (victim !== 'database') await ground.alone.up()
  return { victim, afterMs, safe, cutOff, ...checked }
}

/** It has so long to get its first commit through. */
const firstMs = 60_000

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}

type Ended = 'taken' | 'cut off'

async function takeBase({ gate }: Ground, { told }: Known): Promise<Ended> {
  try {
    const point = await gate.people.call('vault-backup', { target: 'shop' })
    told.add(isObject(point) ? textOf(point['id']) : '')
    return 'taken'
  } catch {
    // It was killed in the middle of it: nothing is said of what came of it.
    return 'cut off'
  }
}

async function receives({ gate }: Ground): Promise<void> {
  for (;;) {
    const all = await gate.people.call('vault-status').catch(() => null)
    if (JSON.stringify(all).includes('"receives":true')) return
    await pause(50)
  }
}

async function watch(ground: Ground, end: AbortSignal, tell: (safe: Lsn) => void): Promise<void> {
  while (!end.aborted) {
    const safe = await ground.safe()
    // What the last answer said counts: nobody has heard more.
    if (safe !== null) tell(safe)
    await pause(20)
  }
}

/** One after another, through the gateway, until the line breaks. */
async function commit(ground: Ground, { acknowledged }: Known, end: AbortSignal): Promise<void> {
  const open: Client[] = []
  try {
    const [through, past] = [await ground.connect(), await ground.direct()]
    open.push(through, past)
    while (!end.aborted) await insert(through, past, acknowledged)
  } catch {
    // The line is cut where something is killed. Where it is cut for another reason nothing is acknowledged, and the round says so.
  } finally {
    await Promise.all(open.map((client) => client.end().catch(() => null)))
  }
}

/** Where it is cut in the middle nobody was told of a place, or of the row at all; its number is not used again. */
async function insert(through: Client, past: Client, acknowledged: (Lsn | null)[]): Promise<void> {
  const n = acknowledged.push(null) - 1
  await through.query('INSERT INTO acknowledged VALUES ($1)', [n])
  const { rows } = await past.query<{ at: string }>('SELECT pg_current_wal_flush_lsn()::text AS at')
  acknowledged[n] = parseLsn(rows[0]?.at ?? '')
}

/** Of the store and the key alone, as they lie there now: every base backup that counts is whole, and one of them restores. */
async function check(
  { gate }: Ground,
  known: Known,
  safe: Lsn,
  chance: Chance,
): Promise<Omit<Told, 'victim' | 'afterMs' | 'safe' | 'cutOff'>> {
  const wrong: string[] = []
  const alone = await aloneAt(gate.dir)
  const { box } = alone
  const bases = await listBases(box)
  const ids = (await box.store.points()).filter((id) => id.startsWith('base_'))
  if (bases.length !== ids.length) wrong.push('a base backup that counts cannot be read')
  for (const id of known.told)
    if (!ids.includes(id)) wrong.push(`\`${id}\` was said to be taken and is not there`)
  for (const base of bases) {
    const damage = await damageOfBase(box, base)
    if (damage !== null) wrong.push(`\`${base.id}\` counts and is not whole: ${damage}`)
  }
  const wanted = known.acknowledged.flatMap((at, n) => (at !== null && at <= safe ? [n] : []))
  const id = bases[chance.below(bases.length)]?.id ?? ''
  if (wanted.length === known.safeBefore)
    wrong.push('no commit was acknowledged and safe: nothing was tried')
  known.safeBefore = wanted.length
  const began = performance.now()
  wrong.push(...(await wrongIn(gate.cluster.binDir, alone, id, wanted)))
  return {
    wanted: wanted.length,
    later: known.acknowledged.length - wanted.length,
    bases: bases.length,
    restored: id,
    restoreMs: Math.round(performance.now() - began),
    wrong,
  }
}

/** What store and key alone give. */
export async function aloneAt(dir: string): Promise<Alone> {
  const [store, key] = [join(dir, 'vault'), join(dir, 'home/.firebreak/key')]
  return await openAlone({ store, key, identity: null, signer: null })
}

/** A copy of pgbench's tables is of one moment: each transaction adds the same everywhere. */
const balanced = `SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history)
  AND (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(delta) FROM pgbench_history)`

const amcheck = `CREATE EXTENSION amcheck;
SELECT count(*) > 0 FROM (SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam
  WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence = 'p') i;
SELECT count(*) FROM pg_class c CROSS JOIN LATERAL verify_heapam(c.oid) WHERE c.relkind IN ('r', 'm', 't')`

/** Restores one to the end of what is known, starts it, and looks. */
export async function wrongIn(
  binDir: string,
  alone: Alone,
  id: string,
  wanted: readonly number[],
): Promise<readonly string[]> {
  const folder = ownFolder('firebreak-killed-')
  rmSync(folder, { recursive: true })
  try {
    const until = { time: null, lsn: null, name: null }
    await restoreCluster(alone, { id, folder, until })
    const at = { data: join(folder, 'data'), socket: folder, bytes: 0, known: 0n }
    const copy = await startCopy(at, binDir)
    try {
      while (copy.sql('SELECT pg_is_in_recovery()', 'shop') !== 'f');
      const there = new Set(copy.sql('SELECT n FROM acknowledged', 'shop').split('\n').map(Number))
      const lost = wanted.filter((n) => !there.has(n))
      const wrong = lost.length === 0 ? [] : [`acknowledged, called safe, and lost: ${lost.join()}`]
      if (copy.sql(balanced, 'shop') !== 't') wrong.push(`\`${id}\` is of no one moment`)
      const checked = copy.sql(amcheck, 'shop')
      if (checked !== 't\n0') wrong.push(`amcheck of \`${id}\`: ${checked}`)
      return wrong
    } finally {
      await copy.stop()
    }
  } catch (thrown) {
    return [`\`${id}\` does not restore: ${String(thrown)}`]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
