/** A server that refuses replication, through the daemon: which way the bytes come is said, and replication is taken once it is let in. */
import { execFile } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { grantOf, readingFunctions } from '../../src/platforms/postgres/over-sql.ts'
import { openGate, owner } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'
import { refuseReplication, soon } from './physical-house.ts'

let gate: Gate

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL);
INSERT INTO car (name) SELECT 'car ' || g FROM generate_series(1, 300) g;`,
    may: 'REPLICATION',
    conf: ['max_slot_wal_keep_size = 1GB', 'fsync = on', 'full_page_writes = on'],
    vault: `databases: { shop: { engine: physical } }`,
  })
  refuseReplication(gate.cluster)
  await gate.restart()
}, 60_000)
afterAll(() => gate.close())

async function firebreak(...args: readonly string[]): Promise<string> {
  const bin = join(import.meta.dirname, '../../bin/firebreak')
  const config = ['--config', join(gate.dir, 'home', 'firebreak.yaml')]
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args, ...config], (error, out, err) =>
      resolve(`${out}${err}${error === null ? '' : `exit ${error.code}`}`),
    )
    child.stdin?.end()
  })
}
const status = async (): Promise<string> =>
  JSON.stringify(await gate.people.call('vault-status', {}))

test('by plain SQL: received, backed up and drilled, and each of them says so', async () => {
  gate.cluster.sql(grantOf([...readingFunctions, 'pg_create_restore_point(text)'], owner), 'shop')
  await gate.restart()
  await expect
    .poll(status, soon)
    .toMatch(/"receives":true,"way":"sql"|"way":"sql".*"receives":true/)
  expect(await firebreak('vault', 'status')).toMatch(
    /^shop +safe up to .* ago is safe +over SQL: replication is refused/m,
  )
  const id = /base_\w+/.exec(await firebreak('backup', 'shop'))?.[0] ?? ''
  expect(await firebreak('drill', id)).toMatch(/^passed: 1 tables, 300 rows/)
  expect(await firebreak('vault')).toMatch(
    new RegExp(`${id} +physical over SQL shop .*drill passed`),
  )
  const [store, key] = [join(gate.dir, 'vault'), join(gate.dir, 'home/.firebreak/key')]
  expect(await firebreak('vault', 'list', '--store', store, '--key', key)).toMatch(
    new RegExp(`${id} +physical over SQL shop `),
  )
  expect(await firebreak('vault', 'verify', id)).toBe(`${id} is whole\n`)
}, 120_000)

test('once the access file lets it in, the next base backup comes by replication', async () => {
  appendFileSync(
    join(gate.cluster.dataDir, 'pg_hba.conf'),
    `host replication ${owner} 127.0.0.1/32 scram-sha-256\n`,
  )
  gate.cluster.sql('SELECT pg_reload_conf()')
  const id = /base_\w+/.exec(await firebreak('backup', 'shop'))?.[0] ?? ''
  expect(await firebreak('vault')).toMatch(new RegExp(`${id} +physical shop `))
}, 60_000)
