/** Pages with checksums, read by plain SQL: all of a real cluster agree, and one that rots on the server is in no base backup. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPhysical } from '../../src/vault/engine-physical.ts'
import type { Physical } from '../../src/vault/engine-physical.ts'
import { wrongPages } from '../../src/vault/sql-pages.ts'
import { notRoot } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openRig, overSql, startSource } from './physical-house.ts'
import type { Rig } from './physical-house.ts'

let cluster: Cluster
let rig: Rig
let engine: Physical
const pageBytes = 8192
const all = { blockBytes: pageBytes, start: 1n << 63n }

beforeAll(async () => {
  cluster = await startSource()
  for (const [program, ...args] of [
    ['pg_ctl', 'stop', '--mode=fast', '--wait'],
    ['pg_checksums', '--enable', '--no-sync'],
  ]) {
    const run = [join(cluster.binDir, program ?? ''), [...args, '-D', cluster.dataDir]] as const
    const { status } = spawnSync(...run, notRoot)
    expect(status).toBe(0)
  }
  await cluster.start()
  cluster.sql(`CREATE TABLE rotten AS SELECT n, repeat('r', 500) t FROM generate_series(1, 2000) n;
    CREATE INDEX ON rotten (n); VACUUM FREEZE rotten; CHECKPOINT`)
  rig = await openRig(cluster.port, 'pages', undefined, overSql)
  engine = await openPhysical({ ...rig.receiver, ...rig.taking, shelvedMs: 20_000 })
}, 60_000)
afterAll(async () => {
  await engine.stop()
  await cluster.stop()
  rmSync(rig.dir, { recursive: true, force: true })
})

const fileOf = (relation: string): string =>
  join(cluster.dataDir, cluster.sql(`SELECT pg_relation_filepath('${relation}')`).trim())

test('the sums are the ones that the server wrote', () => {
  for (const relation of ['rotten', 'rotten_n_idx', 'pg_class', 'pg_proc', 'pg_database']) {
    const bytes = readFileSync(fileOf(relation))
    expect(bytes.length).toBeGreaterThanOrEqual(pageBytes)
    expect(wrongPages(bytes, 0, all)).toEqual([])
    // A page in the wrong place is a wrong page.
    expect(wrongPages(bytes, 1, all)[0]).toBe(1)
  }
})

test('every bit of a page counts, and a new page or one that WAL mends has none', () => {
  const page = readFileSync(fileOf('rotten')).subarray(0, pageBytes)
  for (const at of [9, 20, 4000, pageBytes - 1]) {
    const changed = Buffer.from(page)
    changed[at] = (changed[at] ?? 0) ^ 4
    expect(wrongPages(changed, 0, all)).toEqual([0])
    expect(wrongPages(changed, 0, { ...all, start: 1n })).toEqual([])
  }
  expect(wrongPages(Buffer.alloc(pageBytes), 0, all)).toEqual([])
})

test('a page that rots on the server is named, and the base backup does not count', async () => {
  const good = await engine.takeBase()
  const file = fileOf('rotten')
  const bytes = readFileSync(file)
  bytes[17 * pageBytes + 4000] = (bytes[17 * pageBytes + 4000] ?? 0) ^ 1
  writeFileSync(file, bytes)
  await expect(engine.takeBase()).rejects.toMatchObject({
    code: 'broken_store',
    message: expect.stringMatching(
      /^page 17 of `base\/\d+\/\d+` does not have its checksum on the server itself$/,
    ),
  })
  const bases = (await rig.box.store.points()).filter((id) => id.startsWith('base_'))
  expect(bases).toEqual([good.id])
}, 60_000)
