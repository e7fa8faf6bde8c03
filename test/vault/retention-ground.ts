/** A store with points of every kind, whose contents they share, for what is kept and what goes. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realChance } from '../../src/app/world.ts'
import { canonical, toJson } from '../../src/base/json.ts'
import type { RecoveryPointRow } from '../../src/guard/rows.ts'
import { lsnText } from '../../src/platforms/postgres/replication.ts'
import { openBox } from '../../src/vault/box.ts'
import type { Box } from '../../src/vault/box.ts'
import { openBudget, defaultLimits } from '../../src/vault/budget.ts'
import { openMark, isMarkId } from '../../src/vault/mark-manifest.ts'
import { parseWal } from '../../src/vault/physical-manifest.ts'
import { firstBroken } from '../../src/vault/physical-pieces.ts'
import { damageOfBase, damageOfMark, openBase } from '../../src/vault/physical-verify.ts'
import { damageIn, openManifest } from '../../src/vault/point.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'

export const day = 24 * 60 * 60_000
export const now = 1_800_000_000_000
const segmentBytes = 1 << 20
const system = '7'

export interface Planted {
  readonly id: string
  readonly daysOld: number
  /** Which contents it has: those with a number in common share the object. */
  readonly contents: readonly number[]
  readonly isVerified: boolean
  readonly hasPassed: boolean
}

export interface Ground {
  readonly dir: string
  readonly box: Box
  readonly rows: Map<string, RecoveryPointRow>
  close(): void
}

export async function openGround(): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-retention-'))
  const store = await openDiskStore(dir, realChance, Date.now())
  const box = openBox(store, new Uint8Array(32).fill(7), realChance)
  return { dir, box, rows: new Map(), close: () => rmSync(dir, { recursive: true, force: true }) }
}

const covers = [{ target: 'db', type: 'database', id: 'db' }]

export async function plantFiles(ground: Ground, planted: Planted): Promise<void> {
  const { id, daysOld, contents } = planted
  const takenAt = now - daysOld * day
  const owned = { uid: 0, gid: 0, mtime: '0' }
  const manifest = {
    v: 1,
    id,
    engine: 'files',
    covers: [{ target: 'rail', type: 'volume', id: 'v' }],
    source: '/data',
    takenAt,
    bytes: contents.length,
    items: [
      { kind: 'directory', path: '', mode: 0o700, ...owned },
      ...contents
        .toSorted((a, b) => a - b)
        .map((content) => ({
          kind: 'file',
          path: `f${content}`,
          mode: 0o600,
          size: textOf(content).length,
          sha256: sumOf(content),
          ...owned,
        })),
    ],
  }
  await put(ground, planted, manifest)
}

/** A base backup whose WAL begins with the segment of that number and ends in it. */
export async function plantBase(ground: Ground, planted: Planted, segment: number): Promise<void> {
  const { id, daysOld, contents } = planted
  const takenAt = now - daysOld * day
  const start = BigInt(segment * segmentBytes)
  const manifest = {
    v: 1,
    id,
    engine: 'physical',
    kind: 'base',
    system,
    timeline: 1,
    covers,
    source: 'db',
    server: '15.0',
    start: lsnText(start + 40n),
    stop: lsnText(start + 400n),
    takenAt,
    stoppedAt: takenAt,
    bytes: contents.length,
    segmentBytes,
    tablespaces: [],
    archives: [{ tablespace: null, pieces: contents.map(pieceOf) }],
    sums: [pieceOf(contents[0] ?? 0)],
    settings: {},
  }
  await put(ground, planted, manifest)
}

export async function plantMark(
  ground: Ground,
  planted: Planted,
  { base, segment }: { readonly base: string; readonly segment: number },
): Promise<void> {
  const { id, daysOld } = planted
  const manifest = {
    v: 1,
    id,
    engine: 'physical',
    kind: 'mark',
    covers,
    source: 'db',
    takenAt: now - daysOld * day,
    bytes: 0,
    base,
    name: `firebreak_${'0'.repeat(25)}`,
    lsn: lsnText(BigInt(segment * segmentBytes) + 100n),
  }
  await put(ground, { ...planted, contents: [] }, manifest)
}

export async function plantWal(ground: Ground, segment: number, daysOld: number): Promise<string> {
  const start = BigInt(segment * segmentBytes)
  const id = `wal_${system}_00000001_${start.toString(16).padStart(16, '0')}`
  const contents = [1000 + segment]
  const sentAt = now - daysOld * day
  const pieces = contents.map(pieceOf)
  const planted = { id, daysOld, contents, isVerified: true, hasPassed: false }
  const manifest = {
    v: 1,
    id,
    engine: 'physical',
    kind: 'wal',
    system,
    timeline: 1,
    start: lsnText(start),
    bytes: segmentBytes,
    sentAt,
    pieces,
  }
  await put(ground, planted, manifest)
  ground.rows.delete(id)
  return id
}

/** What is wrong with each point that is listed; empty where all are whole. */
export async function damages({ box }: Ground): Promise<readonly string[]> {
  const found: string[] = []
  for (const id of await box.store.points()) {
    const damage = await damageOf(box, id).catch((thrown: unknown) => String(thrown))
    if (damage !== null) found.push(`${id}: ${damage}`)
  }
  return found
}

async function damageOf(box: Box, id: string): Promise<string | null> {
  if (id.startsWith('base_')) return await damageOfBase(box, await openBase(box, id))
  if (isMarkId(id)) return await damageOfMark(box, await openMark(box, id))
  if (id.startsWith('wal_')) {
    const at = await firstBroken(box, parseWal(await box.manifestText(id), id).pieces, new Set())
    return at === null ? null : 'its pieces'
  }
  const budget = openBudget(defaultLimits, { now: () => now, steady: () => 0 }, () => undefined)
  return await damageIn(await openManifest(box, id), box, { budget })
}

async function put(
  { box, rows }: Ground,
  { id, contents, isVerified, hasPassed, daysOld }: Planted,
  manifest: object,
): Promise<void> {
  const staging = await box.store.stage()
  try {
    for (const content of contents)
      await staging.put(box.name(sumOf(content)), box.seal(once(textOf(content))), false)
    await staging.settle()
    await staging.name(id, box.sealManifest(id, canonical(toJson(manifest))))
  } finally {
    await staging.discard()
  }
  const takenAt = now - daysOld * day
  const engine = id.startsWith('point_') ? 'files' : 'physical'
  rows.set(id, {
    id,
    covers: engine === 'files' ? [{ target: 'rail', type: 'volume', id: 'v' }] : covers,
    engine,
    place: box.store.place,
    takenAt,
    verifiedAt: isVerified ? takenAt : null,
    grade: 'V1',
    bytes: 0,
    manifest: '',
    detail: hasPassed ? { drill: { passed: true, at: takenAt } } : {},
  })
}

function textOf(content: number): Uint8Array {
  return Buffer.from(`content ${content}`)
}

function sumOf(content: number): string {
  return createHash('sha256').update(textOf(content)).digest('hex')
}

function pieceOf(content: number): { readonly sha256: string; readonly bytes: number } {
  return { sha256: sumOf(content), bytes: 1 }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
