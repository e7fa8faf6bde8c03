/** Owners of the vault as a person has them: named in the config, accepted, and enough when nothing else is left. */
import { randomBytes } from 'node:crypto'
import { chmodSync, cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { diagnose } from '../../src/app/doctor.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { readKeyFile } from '../../src/custody/key.ts'
import { openSeal } from '../../src/custody/seal.ts'
import { openBox } from '../../src/vault/box.ts'
import type { VaultKey } from '../../src/vault/chunks.ts'
import { ownFolder, startCluster } from '../postgres/cluster.ts'
import { openGate, owner } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'
import { asOwner, keyFilesIn, person, storeIn } from './keys-house.ts'
import { startCopy } from './physical-house.ts'
import { gather } from './store-contract.ts'
import { firebreak as run } from '../run.ts'

let gate: Gate
const [ada, eve] = [await person(), await person()]

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL);
INSERT INTO car (name) SELECT 'car ' || g FROM generate_series(1, 300) g;`,
    may: 'REPLICATION',
    conf: ['max_slot_wal_keep_size = 1GB', 'fsync = on', 'full_page_writes = on'],
    databases: { trips: owner },
    vault: `recipients: [${ada.recipient}], databases: { shop: { engine: physical } }`,
  })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  gate.cluster.sql(
    'CREATE TABLE trip AS SELECT g AS id FROM generate_series(1, 900) g; ALTER TABLE trip OWNER TO keeper',
    'trips',
  )
  await gate.restart()
}, 60_000)
afterAll(() => gate.close())

const firebreak = async (...args: readonly string[]): Promise<string> => await run(args)
const file = (): string => join(gate.dir, 'home', 'firebreak.yaml')
const config = (): readonly string[] => ['--config', file()]
const idIn = (said: string): string => /(?:base|point)_\w+/.exec(said)?.[0] ?? ''
const keys = (): readonly string[] => keyFilesIn(join(gate.dir, 'vault'))

/** What is left when all else is gone: a copy of the store. */
function left(name: string): string {
  const store = join(gate.dir, name)
  cpSync(join(gate.dir, 'vault'), store, { recursive: true })
  return store
}

/** A file of an identity, as a person keeps it. */
function kept(name: string, text: string): string {
  const place = join(gate.dir, name)
  writeFileSync(place, `# public key: ${ada.recipient}\n${text}\n`, { mode: 0o600 })
  return place
}

/** A manifest as it was put before there were signatures, by whoever has the machine's key. */
async function unsigned(place: string, id: string): Promise<void> {
  const key = readKeyFile(join(gate.dir, 'home/.firebreak/key'), null)
  const machine: VaultKey = { id: null, key: openSeal(key).derive('vault') }
  const store = await storeIn(place)
  const { text } = await (await asOwner(store, ada)).proof(id)
  const all = (): readonly VaultKey[] => [machine]
  const bare = { current: () => machine, all, signing: null, unsigned: 'taken' } as const
  const sealed = openBox(store, bare, randomBytes).sealManifest(id, text)
  const at = join(place, 'points', `${id}.manifest`)
  rmSync(at)
  writeFileSync(at, await gather(sealed))
}

test('recovery-first: the store and an identity alone bring a database back', async () => {
  const id = idIn(await firebreak('backup', 'trips', ...config()))
  const signer = (await firebreak('ledger', 'key', ...config())).trim()
  const elsewhere = await startCluster({
    users: [{ name: owner, password: 'another', how: 'scram-sha-256' }],
  })
  try {
    elsewhere.sql(`CREATE DATABASE found OWNER ${owner}`)
    const identity = kept('identity', ada.identity)
    const at = ['--store', left('alone'), '--identity', identity]
    const list = await firebreak('vault', 'list', ...at)
    expect(list).toMatch(
      new RegExp(`${id} +logical trips .* key [0-9a-f]{8} +signed +schema by pg_dump `),
    )
    expect(list).toContain(`signed by ${signer}: is that what`)
    const to = `postgres://${owner}:another@127.0.0.1:${elsewhere.port}/found`
    const said = await firebreak('restore', id, ...at, '--signer', signer, '--to', to)
    expect(said).toBe(
      `1 tables with 900 rows of \`${id}\` are in \`found\`, compared and the same\n`,
    )
    await unsigned(join(gate.dir, 'alone'), id)
    expect(await firebreak('vault', 'list', ...at)).toMatch(
      new RegExp(`${id} .* the machine's key +NOT SIGNED +schema by pg_dump `),
    )
    elsewhere.sql(`CREATE DATABASE doubted OWNER ${owner}`)
    const into = to.replace('/found', '/doubted')
    expect(await firebreak('restore', id, ...at, '--signer', signer, '--to', into)).toMatch(
      /is not signed: .*exit 4$/s,
    )
    const doubted = await firebreak('restore', id, ...at, '--to', into)
    expect(doubted).toContain(`\`${id}\` is not signed: it is from before points were, or`)
    expect(doubted).toContain('900 rows')
  } finally {
    await elsewhere.stop()
  }
}, 120_000)

test('recovery-first: the store and an identity alone bring a cluster back, up to the WAL that came last', async () => {
  await expect
    .poll(async () => JSON.stringify(await gate.people.call('vault-status')), { timeout: 20_000 })
    .toContain('"receives":true')
  const id = idIn(await firebreak('backup', 'shop', ...config()))
  await gate.direct(`INSERT INTO car (name) VALUES ('the last one')`)
  const lsn = gate.cluster.sql('SELECT pg_current_wal_insert_lsn()', 'shop').trim()
  await gate.direct('DROP TABLE car')
  const durable = async (): Promise<string> => {
    const { wal } = JSON.parse(JSON.stringify(await gate.people.call('vault-status')))
    const [status] = wal
    return gate.cluster.sql(`SELECT '${String(status?.durable)}'::pg_lsn > '${lsn}'`, 'shop').trim()
  }
  await expect.poll(durable, { timeout: 20_000 }).toBe('t')
  const folder = ownFolder('firebreak-owned-')
  rmSync(folder, { recursive: true })
  const at = ['--store', left('cluster'), '--identity', kept('identity', ada.identity)]
  const said = await firebreak('restore', id, ...at, '--folder', folder, '--lsn', lsn)
  expect(said).toContain('with its WAL beside it')
  expect(said).not.toContain('is not signed')
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
  // Beside a base backup that is signed no segment counts that is not.
  const place = join(gate.dir, 'cluster')
  const points = await (await storeIn(place)).points()
  for (const each of points.filter((one) => one.startsWith('wal_'))) await unsigned(place, each)
  expect(await firebreak('restore', id, ...at, '--folder', folder, '--lsn', lsn)).toMatch(
    /`wal_\w+` is not signed.*exit 4$/s,
  )
}, 120_000)

test('one line for an identity that cannot be used, and none of it is told', async () => {
  const store = left('refused')
  const list = async (...with_: readonly string[]): Promise<string> =>
    await firebreak('vault', 'list', '--store', store, ...with_)
  const loose = kept('loose', ada.identity)
  chmodSync(loose, 0o644)
  expect(await list('--identity', loose)).toMatch(
    /identity file .* may be read by others\n.*exit 1/s,
  )
  expect(await list('--identity', kept('other', eve.identity))).toMatch(
    /this identity opens no key of the vault.*exit 1/s,
  )
  const broken = await list('--identity', kept('broken', ada.identity.slice(0, -3)))
  expect(broken).toMatch(/holds no age identity.*exit 2/s)
  expect(broken).not.toContain(ada.identity.slice(15, 30))
  expect(await list('--identity', kept('shut', '-----BEGIN AGE ENCRYPTED FILE-----'))).toMatch(
    /under a passphrase/,
  )
  const both = ['--key', join(gate.dir, 'home/.firebreak/key'), '--identity', loose]
  expect(await list(...both)).toMatch(/say one of `--key FILE` and `--identity FILE`.*exit 2/s)
  expect(await list('--identity', kept('identity', ada.identity), '--signer', 'ada')).toMatch(
    /`--signer` is no signer.*exit 2/s,
  )
}, 60_000)

test('power-widens-with-a-person: nobody is let in to the vault before an approver has accepted it', async () => {
  const before = keys()
  const text = readFileSync(file(), 'utf8')
  const more = text.replace(ada.recipient, `${ada.recipient}, ${eve.recipient}`)
  await gate.restart(() => writeFileSync(file(), more))
  expect(keys()).toEqual(before)
  const changes = await gate.people.call('power-changes')
  expect(JSON.stringify(changes)).toContain(`vault.recipients.1: nothing → \\"${eve.recipient}\\"`)
  const power = isObject(changes) ? textOf(changes['power']) : ''
  await gate.people.callAs('accept', { power })
  expect(keys()).toHaveLength(before.length + 2)
  expect(keys().filter((each) => each.includes(eve.recipient))).toHaveLength(2)
  const bare = more.replace(/recipients: \[[^\]]*\], /, '')
  await gate.restart(() => writeFileSync(file(), bare))
  expect(keys()).toHaveLength(before.length + 2)
  const rules = (await diagnose(readConfig(file()))).map(({ rule }) => rule)
  expect(rules).toContain('no-owner')
  expect(await firebreak('vault', 'status', ...config())).toMatch(
    /^no-owner: this machine's key alone /m,
  )
  writeFileSync(file(), text)
  expect((await diagnose(readConfig(file()))).map(({ rule }) => rule)).not.toContain('no-owner')
  expect(readdirSync(join(gate.dir, 'vault/keys'))).toHaveLength(before.length + 2)
}, 60_000)
