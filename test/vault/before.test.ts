/** recovery-first, where every byte of WAL is received: a mark stands before each act, and is a way back from what no image holds. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAlone, restoreCluster } from '../../src/app/alone.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { everything, openGate, owner } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'
import { ownFolder } from '../postgres/cluster.ts'
import { startCopy } from './physical-house.ts'

let gate: Gate

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL);
INSERT INTO car (name) SELECT 'car ' || g FROM generate_series(1, 300) g;
CREATE AGGREGATE longest (text) (sfunc = text_larger, stype = text);`,
    may: 'REPLICATION CREATEDB',
    conf: ['max_slot_wal_keep_size = 1GB', 'fsync = on', 'full_page_writes = on'],
    vault: `databases: { shop: { engine: physical, every: 1d, drill: 7d } }`,
  })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  gate.cluster.sql(`CREATE DATABASE scrap OWNER ${owner}`)
  gate.cluster.sql(`CREATE TABLE kept AS SELECT generate_series(1, 77)`, 'scrap')
}, 60_000)
afterAll(() => gate.close())

const holdIn = (said: string): string => /firebreak approve (hold_\w+)/.exec(said)?.[1] ?? ''

async function ask(sql: string): Promise<JsonObject> {
  const grant = await gate.people.mint('agent:cursor', everything)
  const said = await gate.psql(grant, sql)
  const id = holdIn(said)
  return id === '' ? { said } : await gate.approve(id)
}

async function marks(): Promise<readonly JsonObject[]> {
  const all = await gate.people.call('vault-list')
  const rows = Array.isArray(all) ? all.filter(isObject) : []
  return rows.filter(({ id }) => textOf(id).startsWith('mark_'))
}

/** What a copy that was brought back to a mark answers; from store and key alone. */
async function backAt(mark: string, sql: string, database: string): Promise<string> {
  const folder = ownFolder('firebreak-back-')
  rmSync(folder, { recursive: true })
  const [store, key] = [join(gate.dir, `alone-${mark}`), join(gate.dir, 'home/.firebreak/key')]
  cpSync(join(gate.dir, 'vault'), store, { recursive: true })
  const until = { time: null, lsn: null, name: null }
  const alone = await openAlone({ store, key, identity: null, signer: null })
  await restoreCluster(alone, { id: mark, folder, until })
  const data = join(folder, 'data')
  const copy = await startCopy({ data, socket: folder, bytes: 0, known: 0n }, gate.cluster.binDir)
  try {
    return copy.sql(sql, database).trim()
  } finally {
    await copy.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

test('without a base backup there is no mark, and nothing runs that only a mark could bring back', async () => {
  const told = JSON.stringify(await ask('DROP DATABASE scrap;'))
  expect(told).toMatch(
    /cannot be made reversible: (no WAL of `shop` is received|no base backup of shop)/,
  )
  expect(gate.cluster.sql('SELECT count(*) FROM kept', 'scrap').trim()).toBe('77')
})

test('a whole database that was dropped comes back at the mark before it', async () => {
  await gate.restart()
  await expect
    .poll(async () => JSON.stringify(await gate.people.call('vault-list')), { timeout: 30_000 })
    .toContain('base_')
  const done = await ask('DROP DATABASE scrap;')
  expect(done).toMatchObject({ state: 'executed' })
  const [mark] = Array.isArray(done['recoveryPoints']) ? done['recoveryPoints'] : []
  expect(textOf(mark)).toMatch(/^mark_/)
  expect(gate.cluster.sql(`SELECT count(*) FROM pg_database WHERE datname = 'scrap'`).trim()).toBe(
    '0',
  )
  expect(await gate.people.call('vault-verify', { id: textOf(mark) })).toMatchObject({
    whole: true,
  })
  expect(await backAt(textOf(mark), 'SELECT count(*) FROM kept', 'scrap')).toBe('77')
  await expect(gate.people.callAs('hold-undo', { id: textOf(done['id']) })).rejects.toThrow(
    /is of a whole cluster/,
  )
}, 120_000)

test('what no image can hold runs upon a mark, and an image still undoes in place what it can', async () => {
  const dropped = await ask('DROP AGGREGATE longest (text);')
  expect(dropped).toMatchObject({
    state: 'executed',
    recoveryPoints: [expect.stringMatching(/^mark_/)],
  })
  const count = (await marks()).length
  const deleted = await ask('DELETE FROM car WHERE id > 5;')
  expect(deleted).toMatchObject({
    state: 'executed',
    recoveryPoints: [expect.stringMatching(/^point_/)],
  })
  expect((await marks()).length).toBe(count + 1)
  await gate.people.callAs('hold-undo', { id: textOf(deleted['id']) })
  expect((await gate.direct('SELECT count(*) FROM car')).trim()).toBe('300')
})

test('a base backup older than the config allows is no ground for a mark', async () => {
  gate.pass(3 * 86_400_000)
  gate.cluster.sql(`CREATE DATABASE scrap OWNER ${owner}`)
  const told = JSON.stringify(await ask('DROP DATABASE scrap;'))
  expect(told).toMatch(
    /the newest good base backup of shop is 3 d old, and one is wanted every 24 h/,
  )
})

test('drill-proves: what was not restored for too long is told first and takes one person more', async () => {
  const asked = async (sql: string): Promise<JsonObject> => {
    const grant = await gate.people.mint('agent:cursor', everything)
    const shown = await gate.people.call('hold-show', { id: holdIn(await gate.psql(grant, sql)) })
    return isObject(shown) ? shown : {}
  }
  // The one that is held by itself after a start.
  await expect
    .poll(async () => JSON.stringify(await gate.people.call('vault-list')), { timeout: 60_000 })
    .toContain('"passed":true')
  const tried = await asked('DROP DATABASE scrap;')
  expect(JSON.stringify(tried)).not.toMatch(/drill-proves|2 approvals/)
  gate.pass(15 * 86_400_000)
  const doubted = await asked('DROP DATABASE scrap;')
  // First of all reasons, and one more than the one person who is asked else.
  expect(textOf(doubted['text'])).toMatch(
    /environments .*\n.*\nbecause +no copy of shop was restored for trial since/,
  )
  expect(textOf(doubted['text'])).toContain('the policy asks for 2 approvals')
  expect(JSON.stringify(await asked('DELETE FROM car WHERE id > 250;'))).not.toContain(
    'drill-proves',
  )
}, 120_000)
