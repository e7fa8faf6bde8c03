/** The physical engine through the daemon, as a person has it: received all the time, base backup, drill, any moment back. */
import { chmodSync, cpSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGate, owner } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'
import { ownFolder } from '../postgres/cluster.ts'
import { startCopy } from './physical-house.ts'
import { firebreak as run } from '../run.ts'

let gate: Gate

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL);
INSERT INTO car (name) SELECT 'car ' || g FROM generate_series(1, 300) g;`,
    may: 'REPLICATION',
    conf: ['max_slot_wal_keep_size = 1GB', 'fsync = on', 'full_page_writes = on'],
    vault: `databases: { shop: { engine: physical, holds: ['SELECT count(*) = 300 FROM car'] } }`,
  })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  // It had no credential when it started: it is tried again, or started again.
  await gate.restart()
}, 60_000)
afterAll(() => gate.close())

const firebreak = async (...args: readonly string[]): Promise<string> => await run(args)
const config = (): readonly string[] => ['--config', join(gate.dir, 'home', 'firebreak.yaml')]
async function receiving(): Promise<void> {
  await expect
    .poll(async () => JSON.stringify(await gate.people.call('vault-status')), { timeout: 20_000 })
    .toContain('"receives":true')
}
const idIn = (said: string): string => /base_\w+/.exec(said)?.[0] ?? ''

test('drill-proves: a base backup is restored up to a mark that was set for the drill', async () => {
  await receiving()
  const id = idIn(await firebreak('backup', 'shop', ...config()))
  expect(id).not.toBe('')
  const drill = await firebreak('drill', id, ...config())
  expect(drill).toMatch(/^passed: 1 tables, 300 rows/)
  expect(await firebreak('vault', 'verify', id, ...config())).toBe(`${id} is whole\n`)
  expect(await firebreak('vault', 'status', ...config())).toMatch(
    /^shop +safe up to [0-9A-F]+\/[0-9A-F]+ .* behind +all that was there .* ago is safe/m,
  )
  expect(await firebreak('vault', ...config())).toMatch(
    new RegExp(`${id} +physical shop .*drill passed`),
  )
}, 120_000)

test('recovery-first: with nothing but store and key, the moment before a DROP comes back', async () => {
  const id = idIn(await firebreak('backup', 'shop', ...config()))
  await gate.direct(`INSERT INTO car (name) VALUES ('the last one')`)
  const lsn = gate.cluster.sql('SELECT pg_current_wal_insert_lsn()', 'shop').trim()
  await gate.direct('DROP TABLE car')
  await expect
    .poll(
      async () => {
        const { wal } = JSON.parse(JSON.stringify(await gate.people.call('vault-status')))
        const [status] = wal
        return gate.cluster
          .sql(`SELECT '${String(status?.durable)}'::pg_lsn > '${lsn}'`, 'shop')
          .trim()
      },
      { timeout: 20_000 },
    )
    .toBe('t')
  const folder = ownFolder('firebreak-back-')
  rmSync(folder, { recursive: true })
  const [store, key] = [join(gate.dir, 'alone'), join(gate.dir, 'home/.firebreak/key')]
  cpSync(join(gate.dir, 'vault'), store, { recursive: true })
  const said = await firebreak(
    'restore',
    id,
    '--store',
    store,
    '--key',
    key,
    '--folder',
    folder,
    '--lsn',
    lsn,
  )
  expect(said).toContain('with its WAL beside it')
  const copy = await startCopy(
    { data: join(folder, 'data'), socket: folder, bytes: 0, known: 0n },
    gate.cluster.binDir,
  )
  try {
    expect(copy.sql('SELECT count(*) FROM car', 'shop').trim()).toBe('301')
  } finally {
    await copy.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)

test('drill-proves: a flipped bit in a base backup fails the drill, and the last good one is named', async () => {
  await receiving()
  await gate.direct(
    `CREATE TABLE car AS SELECT g AS id, repeat('x', 500) AS name FROM generate_series(1, 300) g`,
  )
  const good = idIn(await firebreak('backup', 'shop', ...config()))
  expect(await firebreak('drill', good, ...config())).toContain('passed')
  await gate.direct('UPDATE car SET name = md5(id::text)')
  const before = new Set(globSync(join(gate.dir, 'vault/objects/*/*')))
  const bad = idIn(await firebreak('backup', 'shop', ...config()))
  const own = globSync(join(gate.dir, 'vault/objects/*/*')).filter((file) => !before.has(file))
  const file = own.toSorted((a, b) => statSync(b).size - statSync(a).size)[0] ?? ''
  const bytes = readFileSync(file)
  bytes[200] = (bytes[200] ?? 0) ^ 1
  chmodSync(file, 0o600)
  writeFileSync(file, bytes)
  const said = await firebreak('drill', bad, ...config())
  expect(said).toContain(`FAILED: ${bad}`)
  expect(said).toContain(`the last good one: ${good}`)
  expect(await firebreak('vault', 'verify', bad, ...config())).toContain('is NOT whole')
}, 120_000)
