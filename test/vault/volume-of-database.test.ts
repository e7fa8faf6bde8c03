/** recovery-first across gateways: a volume on the platform leans on a copy of the database that lives in it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

let cluster: Cluster
let rig: Rig
const [owner, password] = ['keeper', 'the real one']
const volumeDelete = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`

beforeAll(async () => {
  cluster = await startCluster({
    users: [{ name: owner, password, how: 'scram-sha-256', may: 'REPLICATION' }],
    conf: ['max_slot_wal_keep_size = 1GB'],
  })
}, 60_000)
afterAll(() => cluster.stop())
beforeEach(async () => {
  cluster.sql(`CREATE DATABASE shop OWNER ${owner}`)
  cluster.sql(
    `SET ROLE ${owner}; CREATE TABLE bookings (id serial PRIMARY KEY, who text);
INSERT INTO bookings (who) SELECT 'guest ' || g FROM generate_series(1, 2400) g`,
    'shop',
  )
  cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  await open('')
})

async function open(vault: string): Promise<void> {
  rig = await openRig('', {
    vault,
    database: 'shop',
    targets: `  shop:
    platform: postgres
    url: postgres://${owner}@127.0.0.1:${cluster.port}/shop
    tls: off
    environments: { production: { id: shop } }
postgres: { listen: '127.0.0.1:0' }`,
  })
  await rig.people.callAs('custody-add', { target: 'shop', secret: password })
}
afterEach(async () => {
  await rig.close()
  cluster.sql('DROP DATABASE shop WITH (FORCE)')
  // A receiver that was stopped leaves its slot, so that nothing is missing when it comes back.
  cluster.sql(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`)
})

async function approve(id: Json | undefined): Promise<JsonObject> {
  const shown = await rig.people.call('hold-show', { id: textOf(id) })
  const digest = isObject(shown) ? textOf(shown['shown']) : ''
  const result = await rig.people.callAs('hold-approve', { id: textOf(id), shown: digest })
  return isObject(result) ? result : {}
}

test('recovery-first: `volumeDelete` waits for a copy of the database, and the copy brings it back', async () => {
  const grant = await rig.people.mint('agent:cursor', { ...everything, expiresMs: 7 * 86_400_000 })
  const held = await rig.ask(grant, volumeDelete)
  expect(held.body['verdict']).toBe('hold')
  const approved = await approve(held.body['holdId'])
  const points = Array.isArray(approved['recoveryPoints']) ? approved['recoveryPoints'] : []
  expect(points).toHaveLength(2)
  const listed = await rig.people.call('vault-list')
  const logical = (Array.isArray(listed) ? listed.filter(isObject) : []).find(
    ({ engine }) => engine === 'logical',
  )
  expect(points).toContain(logical?.['id'])
  expect(JSON.stringify(logical?.['covers'])).toContain(kestrel.productionInstanceId)
  cluster.sql(`CREATE DATABASE back OWNER ${owner}`)
  const id = textOf(logical?.['id'])
  await rig.people.callAs('vault-restore', { id, into: 'back' })
  expect(cluster.sql('SELECT count(*) FROM bookings', 'back').trim()).toBe('2400')
  cluster.sql('DROP DATABASE back')
})

test('recovery-first: where the database cannot be copied nothing is forwarded, and it says why', async () => {
  const grant = await rig.people.mint('agent:cursor', everything)
  const held = await rig.ask(grant, volumeDelete)
  cluster.sql(`SELECT lo_create(4711)`, 'shop')
  const refused = await approve(held.body['holdId'])
  expect(refused['state']).toBe('failed')
  expect(refused['closing']).toMatch(
    /no verified recovery point: .*a copy of shop does not hold all of it: 1 large objects/,
  )
  expect(rig.platform.mutations()).toBe(0)
})

test('recovery-first: where every byte of WAL is received a mark is enough, and large objects are no hindrance', async () => {
  await rig.close()
  await open('  databases: { shop: { engine: physical } }')
  cluster.sql('SELECT lo_create(4711)', 'shop')
  await rig.restart()
  await rig.people.call('vault-backup', { target: 'shop' })
  const grant = await rig.people.mint('agent:cursor', everything)
  const held = await rig.ask(grant, volumeDelete)
  const approved = await approve(held.body['holdId'])
  expect(approved['state']).toBe('scheduled')
  expect(JSON.stringify(approved['recoveryPoints'])).toMatch(/"mark_/)
})
