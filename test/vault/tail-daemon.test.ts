/** The bucket close behind a database, through the daemon: what `vault status` says of it, and the command that brings a point back from there. */
import { chmodSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startSimS3 } from '../../sim/s3/server.ts'
import type { SimS3 } from '../../sim/s3/server.ts'
import { isObject } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import { ownFolder } from '../postgres/cluster.ts'
import { openGate, owner as role } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'
import { firebreak as run } from '../run.ts'
import { startCopy } from './physical-house.ts'
import { makeBucket } from './s3-ground.ts'

const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }

let gate: Gate
let server: SimS3

beforeAll(async () => {
  server = await startSimS3([owner])
  const { bucket } = await makeBucket({ ...server, owner }, true)
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL)`,
    may: 'REPLICATION',
    conf: ['max_slot_wal_keep_size = 1GB', 'fsync = on', 'full_page_writes = on'],
    vault: `databases: { shop: { engine: physical } }, bucket: { name: ${bucket}, endpoint: '${server.endpoint}', tail: 1s }`,
  })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${role}`, 'shop')
  await gate.people.callAs('custody-add', {
    target: 'bucket',
    secret: `${owner.id}:${owner.secret}`,
  })
  await gate.restart()
}, 60_000)
afterAll(async () => {
  vi.unstubAllEnvs()
  await gate.close()
  await server.close()
})

const firebreak = async (...args: readonly string[]): Promise<string> =>
  await run([...args, '--config', join(gate.dir, 'home', 'firebreak.yaml')])

async function wal(): Promise<JsonObject> {
  const status = await gate.people.call('vault-status')
  const all = isObject(status) ? status['wal'] : []
  const [first] = Array.isArray(all) ? all.filter(isObject) : []
  return first ?? {}
}

async function upTo(): Promise<bigint> {
  const { offsite } = await wal()
  const place = offsite !== undefined && isObject(offsite) ? offsite['upTo'] : null
  return typeof place === 'string' ? parseLsn(place) : 0n
}

/** What a person would run, with what is in capitals filled in. */
async function follow(said: string): Promise<void> {
  const command = /AWS_ACCESS_KEY_ID=\S.*--folder NEW/.exec(said)?.[0] ?? ''
  for (const [, name = '', value = ''] of command.matchAll(/(AWS_\w+)=(\S+)/g))
    vi.stubEnv(name, { KEY_ID: owner.id, SECRET: owner.secret }[value] ?? value)
  const folder = ownFolder('firebreak-back-')
  rmSync(folder, { recursive: true })
  const [, words = ''] = /firebreak (restore .*)$/.exec(command) ?? []
  const told = await run(words.replace('NEW', folder).split(' '))
  expect(told).toContain('with its WAL beside it')
  expect(told).not.toContain('NOT all of it')
  const copy = await startCopy(
    { data: join(folder, 'data'), socket: folder, bytes: 0, known: 0n },
    gate.cluster.binDir,
  )
  try {
    expect(copy.sql('SELECT name FROM car', 'shop')).toBe('the last one')
  } finally {
    await copy.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

test('recovery-first: the bucket is a moment behind, says so, and the told command brings all of it back', async () => {
  await expect.poll(wal, { timeout: 20_000 }).toMatchObject({ receives: true })
  const base = /base_\w+/.exec(await firebreak('backup', 'shop'))?.[0] ?? ''
  // A start looks at once what is not there yet.
  await gate.restart()
  await gate.direct(`INSERT INTO car (name) VALUES ('the last one')`)
  const lsn = parseLsn(gate.cluster.sql('SELECT pg_current_wal_lsn()').trim())
  await expect.poll(async () => (await upTo()) >= lsn, { timeout: 30_000 }).toBe(true)
  expect(await firebreak('vault', 'status')).toMatch(/^shop .* off site all of [\d.]+ m?s ago/m)

  const objects = globSync(join(gate.dir, 'vault/objects/*/*'))
  const largest = objects.toSorted((a, b) => statSync(b).size - statSync(a).size)[0] ?? ''
  const bytes = readFileSync(largest)
  bytes[200] = (bytes[200] ?? 0) ^ 1
  chmodSync(largest, 0o600)
  writeFileSync(largest, bytes)
  const verified = await firebreak('vault', 'verify', base)
  expect(verified).toContain('is NOT whole')
  const drilled = await firebreak('drill', base)
  expect(drilled).toContain('FAILED')
  const [command = ''] = /AWS_ACCESS_KEY_ID=.*$/m.exec(verified) ?? []
  expect(drilled).toContain(command)
  const restore = gate.people.callAs('vault-restore', { id: base, folder: join(gate.dir, 'no') })
  await expect(restore).rejects.toMatchObject({ hint: expect.stringContaining(command) })

  // With all of it gone that lay beside the database.
  await gate.running.stop()
  gate.running = { ...gate.running, stop: async () => await Promise.resolve() }
  rmSync(join(gate.dir, 'vault'), { recursive: true })
  await follow(verified)
}, 120_000)
