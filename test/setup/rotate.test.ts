/** `firebreak custody rotate` before a real PostgreSQL and the rehearsal Railway: the new one opens, the old one is dead, and what cannot be is said. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { kestrel, startKestrel } from '../../sim/tenant.ts'
import { readConfig } from '../../src/app/config.ts'
import { rehearse } from '../../src/app/rehearse.ts'
import type { Rehearsal } from '../../src/app/rehearse.ts'
import { serve } from '../../src/app/serve.ts'
import type { Running } from '../../src/app/serve.ts'
import { isObject, objectOf, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { waitToRotate } from '../../src/app/control/rotation.ts'
import { settle } from '../../src/app/rotate/settle.ts'
import { putRotation } from '../../src/custody/rotation.ts'
import type { Rotation } from '../../src/custody/rotation.ts'
import { readLeaf } from '../../src/ledger/leaf.ts'
import { freePort } from '../free-port.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'

const password = 'k3pt-from-agents-9'
let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster({
    users: [
      { name: 'app', password, how: 'scram-sha-256' },
      { name: 'old', password, how: 'md5' },
      { name: 'anybody', password, how: 'trust' },
    ],
    conf: ["shared_preload_libraries = 'pg_stat_statements'"],
  })
  cluster.sql('CREATE DATABASE shop OWNER app; CREATE DATABASE books OWNER app')
  cluster.sql('CREATE EXTENSION pg_stat_statements')
}, 60_000)
afterAll(async () => await cluster.stop())

let dir: string
let platform: Awaited<ReturnType<typeof startKestrel>>
let running: Running
let people: Rehearsal
let elapsed = 0
const clock = { now: () => Date.now() + elapsed, steady: () => performance.now() + elapsed }
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'firebreak-rotate-'))
  platform = await startKestrel({ dir: join(dir, 'platform') })
  mkdirSync(join(dir, 'home'))
  const file = join(dir, 'home', 'firebreak.yaml')
  const at = (user: string, database: string): string =>
    `{ platform: postgres, url: 'postgres://${user}@127.0.0.1:${cluster.port}/${database}', tls: off, environments: { production: { id: ${database} } } }`
  writeFileSync(
    file,
    `version: 1
listen: 127.0.0.1:0
postgres: { listen: '127.0.0.1:${await freePort()}' }
targets:
  shop: ${at('app', 'shop')}
  books: ${at('app', 'books')}
  elder: ${at('old', 'postgres')}
  open: ${at('anybody', 'postgres')}
  railway: { platform: railway, url: ${platform.url}, environments: { production: { id: ${kestrel.productionId} } } }
  staging: { platform: railway, url: ${platform.url}, header: project-access-token }
`,
  )
  elapsed = 0
  running = await serve(readConfig(file), () => undefined, clock)
  const first = await rehearse(readConfig(file), { target: 'shop', secret: password }, clock.now)
  people = {
    ...first,
    // Each code is for another half minute: the clock goes on instead of the test waiting.
    callAs: async (...args) => {
      elapsed += 31_000
      return await first.callAs(...args)
    },
  }
  for (const target of ['books', 'elder', 'open'])
    await people.callAs('custody-add', { target, secret: password })
  const secret = platform.token(kestrel.tokens.domains)
  await people.callAs('custody-add', { target: 'railway', secret })
  const staging = platform.token(kestrel.tokens.staging)
  await people.callAs('custody-add', { target: 'staging', secret: staging })
})
afterEach(async () => {
  await running.stop()
  await platform.close()
  for (const user of ['app', 'old']) cluster.sql(`ALTER ROLE ${user} PASSWORD '${password}'`)
  rmSync(dir, { recursive: true, force: true })
})

const letsIn = async (user: string, secret: string, database = 'postgres'): Promise<string> => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: cluster.port,
    user,
    password: secret,
    database,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.end()
    return 'in'
  } catch (thrown) {
    return String(isObject(thrown) ? thrown['code'] : Reflect.get(Object(thrown), 'code'))
  }
}

const kept = async (target: string): Promise<string> =>
  (await running.firebreak.credential.of(target)).reveal()

const rotated = async (target: string): Promise<JsonObject> =>
  objectOf(await people.callAs('custody-rotate', { target }))

/** What the ledger says of custody, in order. */
async function written(): Promise<readonly string[]> {
  const { state } = running.firebreak
  const leaves = await state.read(async (tx) => await tx.log.leaves(0, await tx.log.size()))
  return leaves
    .map(readLeaf)
    .filter((entry) => entry?.kind === 'custody')
    .map((entry) => `${entry?.subject ?? ''}: ${textOf(entry?.body['what'])}`)
}

test.each(['app', 'old'])(
  'the password of `%s` is made new: the new one is kept and opens, the old one is refused',
  async (user) => {
    const [target, database] = user === 'app' ? ['shop', 'shop'] : ['elder', 'postgres']
    const told = await rotated(target)
    expect(told).toMatchObject({ old: { kind: 'dead', said: expect.stringContaining('28P01') } })
    const next = await kept(target)
    expect(next).toMatch(/^[\w-]{43}$/)
    expect(await letsIn(user, next, database)).toBe('in')
    expect(await letsIn(user, password, database)).toBe('28P01')
  },
)

test('one role in two databases has one password: both targets get the new one', async () => {
  expect(await rotated('shop')).toMatchObject({ targets: ['shop', 'books'] })
  expect(await kept('books')).toBe(await kept('shop'))
  expect(await letsIn('app', await kept('books'), 'books')).toBe('in')
  expect((await written()).slice(-4)).toEqual([
    'shop: rotation begun',
    'shop: rotated',
    'shop: the old one is dead',
    'books: the old one is dead',
  ])
})

test('secret-stays: neither password stands in what the server notes, in an answer or in the state', async () => {
  const told = JSON.stringify(await rotated('shop'))
  const next = await kept('shop')
  const said = cluster.sql(
    "SELECT query FROM pg_stat_statements WHERE query LIKE '%CURRENT_USER PASSWORD%'",
  )
  expect(said).toContain('ALTER ROLE CURRENT_USER PASSWORD')
  for (const secret of [next, password]) {
    expect(told).not.toContain(secret)
    expect(said).not.toContain(secret)
    expect(readFileSync(join(dir, 'home', '.firebreak', 'state.db'), 'latin1')).not.toContain(
      secret,
    )
  }
})

test('who else is there is told before anybody signs, and sessions of our own are not', async () => {
  const client = new pg.Client({
    connectionString: `postgres://app:${password}@127.0.0.1:${cluster.port}/shop`,
    application_name: 'rails',
  })
  await client.connect()
  const look = await people.call('custody-rotate-look', {
    target: 'shop',
    seen: [
      { where: '.env:3', text: password },
      { where: 'other:1', text: 'another' },
    ],
  })
  await client.end()
  expect(look).toMatchObject({ uses: ['rails from 127.0.0.1'], holds: ['.env:3'] })
})

test('a server that asks nobody for a password: nothing is called dead', async () => {
  const { old } = await rotated('open')
  expect(old).toMatchObject({ kind: 'alive', said: expect.stringContaining('pg_hba.conf') })
})

test('a server that refuses leaves all as it was', async () => {
  cluster.sql('ALTER ROLE app CONNECTION LIMIT 1')
  try {
    await expect(rotated('shop')).rejects.toThrow(/the old one was put back/)
    expect(await kept('shop')).toBe(password)
    expect((await written()).at(-1)).toBe('shop: rotation given up')
  } finally {
    cluster.sql('ALTER ROLE app CONNECTION LIMIT -1')
  }
  expect(await letsIn('app', password, 'shop')).toBe('in')
})

/** A transaction that holds the role's row: a rotation stands in the middle until it is let go. */
async function heldUp(
  work: () => Promise<unknown>,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  const url = cluster.url()
  // Within a transaction a server shows its sessions as they were: another one looks.
  const [holder, watch] = [new pg.Client(url), new pg.Client(url)]
  await Promise.all([holder.connect(), watch.connect()])
  await holder.query("BEGIN; SELECT 1 FROM pg_authid WHERE rolname = 'app' FOR UPDATE")
  const going = work()
  const waits = `SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER ROLE%'`
  const isHeld = async (): Promise<boolean> =>
    (await watch.query<{ n: number }>(waits)).rows[0]?.n === 1
  for (let left = 2000; left > 0 && !(await isHeld());) left -= 1
  const beside = meanwhile()
  await holder.query('COMMIT')
  await Promise.all([holder.end(), watch.end(), going, beside])
}

test('one-at-a-time: a proof, a settling and a second name for the same role wait until a rotation is over', async () => {
  await heldUp(
    async () => await rotated('shop'),
    async () =>
      await Promise.all([
        people.call('custody-proof', {}),
        settle(running.firebreak, 'shop'),
        rotated('books'),
      ]),
  )
  expect((await written()).filter((line) => !line.endsWith('dead')).slice(-4)).toEqual([
    'shop: rotation begun',
    'shop: rotated',
    'books: rotation begun',
    'books: rotated',
  ])
  expect(await letsIn('app', await kept('shop'), 'shop')).toBe('in')
  expect(await kept('books')).toBe(await kept('shop'))
})

/** Rotations that were begun and have no end. */
async function open(): Promise<readonly string[]> {
  const rows = await running.firebreak.state.transact((tx) => tx.find('meta', {}))
  return rows.map(({ id }) => id).filter((id) => id.startsWith('rotation:'))
}

test('a server that takes no change: given up at once, and nothing is left to settle', async () => {
  cluster.sql('ALTER ROLE app SET default_transaction_read_only = on')
  try {
    await expect(rotated('shop')).rejects.toThrow(/does not give the role a new password.*25006/)
    expect((await written()).at(-1)).toBe('shop: rotation given up')
    expect(await open()).toEqual([])
  } finally {
    cluster.sql('ALTER ROLE app RESET default_transaction_read_only')
  }
  expect(await letsIn('app', await kept('shop'), 'shop')).toBe('in')
})

const cutOff: Rotation = {
  target: 'shop',
  stage: 'begun',
  next: 'n3xt-that-nobody-has-got',
  old: password,
  label: '',
  oldId: null,
  by: 'ada',
}

test.each([
  ['the old one opens', password, password],
  ['the new one opens', cutOff.next ?? '', cutOff.next ?? ''],
  ['a person has put another in its place', 'by-hand-of-a-person', 'by-hand-of-a-person'],
])('cut off, and %s: that one is kept, and the rotation is over', async (_, atServer, expected) => {
  const { firebreak } = running
  cluster.sql(`ALTER ROLE app PASSWORD '${atServer}'`)
  if (atServer.startsWith('by-hand'))
    await people.callAs('custody-add', { target: 'shop', secret: atServer })
  await firebreak.state.transact((tx) => putRotation(firebreak.seal, tx, cutOff))
  expect(await settle(firebreak, 'shop')).toBe(true)
  expect(await open()).toEqual([])
  expect(await kept('shop')).toBe(expected)
  expect(await letsIn('app', expected, 'shop')).toBe('in')
})

test('cut off, of a target that the config names no more: nothing is given back before it is settled', async () => {
  const { firebreak } = running
  await firebreak.state.transact((tx) =>
    putRotation(firebreak.seal, tx, { ...cutOff, target: 'gone' }),
  )
  await expect(people.callAs('setup-files', {})).rejects.toThrow(/`gone` was cut off/)
})

test('nobody without a code has anything settled', async () => {
  const { firebreak } = running
  await firebreak.state.transact((tx) => putRotation(firebreak.seal, tx, cutOff))
  await expect(people.call('setup-files', { approver: 'ada', code: '000000' })).rejects.toThrow(
    /ada|code/,
  )
  expect(await open()).toEqual(['rotation:shop'])
})

test('an account token of Railway: another is made, the old one deleted, and no third is touched', async () => {
  const before = platform.token(kestrel.tokens.domains)
  const others = [kestrel.tokens.founder, kestrel.tokens.workspace].map((name) =>
    platform.token(name),
  )
  expect(await rotated('railway')).toMatchObject({
    old: { kind: 'dead', said: expect.stringContaining('Not Authorized') },
    left: null,
  })
  const next = await kept('railway')
  expect(next).not.toBe(before)
  const all = platform.ground.world.tokens.all().map(({ secret }) => secret)
  expect(all).toContain(next)
  expect(all).not.toContain(before)
  expect(all).toEqual(expect.arrayContaining(others))
})

test('a platform that does not answer when the old one is to go: it goes later', async () => {
  const before = platform.token(kestrel.tokens.domains)
  platform.faults.set('apiTokenDelete', { kind: 'status', status: 503 }, 1)
  expect(await rotated('railway')).toMatchObject({
    old: { kind: 'alive' },
    left: expect.stringContaining('503'),
  })
  expect(await open()).toEqual(['rotation:railway'])
  expect(await settle(running.firebreak, 'railway')).toBe(true)
  expect(await open()).toEqual([])
  const all = platform.ground.world.tokens.all().map(({ secret }) => secret)
  expect([all.includes(before), all.includes(await kept('railway'))]).toEqual([false, true])
})

test.each([
  ['a set-up after it names none', async () => await waits([])],
  ['its files could not be written', async () => await people.call('setup-rotate', { drop: true })],
])('what was signed together with a set-up is not done where %s', async (_, then) => {
  await waits(['shop'])
  await then()
  expect(await people.call('setup-rotate', {})).toEqual([])
  expect(await kept('shop')).toBe(password)
})

const waits = async (targets: readonly string[]): Promise<void> => {
  const { firebreak } = running
  await firebreak.state.transact((tx) => waitToRotate(firebreak, tx, { targets, by: 'ada' }))
}

test('two tokens that Railway shows alike: none is made and none is deleted', async () => {
  const { tokens } = platform.ground.world
  const own = tokens.all().find(({ name }) => name === kestrel.tokens.domains)
  if (own === undefined) throw new Error('no token')
  tokens.put({ ...own, id: 'twin', name: 'twin', secret: `00000000${own.secret.slice(8)}` })
  const before = tokens.all()
  await expect(rotated('railway')).rejects.toThrow(/2 tokens that could be/)
  expect(tokens.all()).toEqual(before)
})

test('a project token cannot make another: said, with what to do', async () => {
  await expect(rotated('staging')).rejects.toThrow(/can make no other token/)
})

/** What `firebreak doctor` asks. */
const proof = async (target: string): Promise<Json> => {
  const all = await people.call('custody-proof', {})
  return (
    (Array.isArray(all) ? all.filter(isObject) : []).find((row) => row['target'] === target)?.[
      'old'
    ] ?? null
  )
}

test('replaced by hand: it still opens until somebody takes it back, and then one read says so', async () => {
  const founder = platform.token(kestrel.tokens.founder)
  expect(await proof('railway')).toBeNull()
  await people.callAs('custody-add', { target: 'railway', secret: founder })
  expect(await proof('railway')).toMatchObject({ kind: 'alive' })
  const { tokens } = platform.ground.world
  const old = tokens.all().find(({ name }) => name === kestrel.tokens.domains)
  tokens.remove(old?.id ?? '')
  expect(await proof('railway')).toMatchObject({ kind: 'dead' })
  const asked = platform.requests().length
  // Once is enough: it is written down, and the secret forgotten.
  expect(await proof('railway')).toMatchObject({ kind: 'dead' })
  expect(platform.requests().length).toBe(asked)
  expect((await written()).filter((line) => line.includes('dead'))).toEqual([
    'railway: the old one is dead',
  ])
})

test('where the kept one is refused too, nothing is proven', async () => {
  const secret = 'a-token-that-never-was'
  await people.callAs('custody-add', { target: 'railway', secret })
  const { tokens } = platform.ground.world
  const old = tokens.all().find(({ name }) => name === kestrel.tokens.domains)
  tokens.remove(old?.id ?? '')
  expect(await proof('railway')).toMatchObject({ kind: 'unclear' })
})

test('power-widens-with-a-person: nobody else rotates, and a wrong code changes nothing', async () => {
  await expect(
    people.call('custody-rotate', { target: 'shop', approver: 'ada', code: '000000' }),
  ).rejects.toThrow(/ada|code/)
  expect(await letsIn('app', password, 'shop')).toBe('in')
})

test('under a config that nobody has accepted no credential goes out for it', async () => {
  await running.stop()
  appendFileSync(join(dir, 'home', 'firebreak.yaml'), '  more: { platform: shell }\n')
  running = await serve(readConfig(join(dir, 'home', 'firebreak.yaml')), () => undefined, clock)
  await expect(people.call('custody-rotate-look', { target: 'shop' })).rejects.toThrow(/accepted/)
})
