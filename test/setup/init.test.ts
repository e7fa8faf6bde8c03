/** `firebreak init` in a sample shop: what is shown, what is written, what then works, and that all of it goes away again. */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest'
import { kestrel, startKestrel } from '../../sim/tenant.ts'
import { readConfig } from '../../src/app/config.ts'
import { serve } from '../../src/app/serve.ts'
import { command as init } from '../../src/cli/init.ts'
import { command as uninstall } from '../../src/cli/uninstall.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openPerson } from './person.ts'
import { databaseUrl, git, tracker, writeShop } from './sample-shop.ts'

const run = promisify(execFile)
const password = 'k3pt-from-agents-9'
let cluster: Cluster
let platform: Awaited<ReturnType<typeof startKestrel>>
let dir: string
let checkout: string
const homeBefore = process.env['HOME']
const read = (name: string): string => readFileSync(join(checkout, name), 'utf8')

beforeAll(async () => {
  cluster = await startCluster({
    users: [{ name: 'app', password, how: 'scram-sha-256' }],
    conf: ["listen_addresses = '127.0.0.1'"],
  })
  cluster.sql('CREATE DATABASE shop OWNER app')
  cluster.sql(
    `CREATE TABLE customers (id int PRIMARY KEY, name text);
INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 800) g;
ALTER TABLE customers OWNER TO app;`,
    'shop',
  )
}, 60_000)
afterAll(async () => await cluster.stop())

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'firebreak-init-'))
  checkout = join(dir, 'shop')
  platform = await startKestrel({ dir: join(dir, 'platform') })
  process.env['HOME'] = join(dir, 'home')
  writeShop(checkout, {
    database: `${databaseUrl(password, cluster.port)}&pool=5`,
    railway: platform.url,
    token: platform.token(kestrel.tokens.domains),
  })
})
afterEach(async () => {
  process.env['HOME'] = homeBefore
  await platform.close()
  rmSync(dir, { recursive: true, force: true })
})

const config = (): readonly string[] => ['--config', join(checkout, 'firebreak.yaml')]
const secrets = (): readonly string[] => [password, platform.token(kestrel.tokens.domains), tracker]

test('a dry run shows all of it without a secret, and changes nothing', async () => {
  const { said, code } = await openPerson('ada').types(init, ['--dry-run', ...config()])
  expect(code).toBe(1)
  for (const secret of secrets()) expect(said).not.toContain(secret)
  expect(said).toMatch(/^-DATABASE_URL=postgres:\/\/app:…@/m)
  expect(said).toMatch(/^\+DATABASE_URL=postgres:\/\/agent:fbk_…@127\.0\.0\.1:\d+\/shop\?pool=5$/m)
  expect(git(checkout, 'status', '--short')).toBe('')
  expect(existsSync(join(dir, 'home'))).toBe(false)
})

test('a person who says no has changed nothing', async () => {
  const { said, code } = await openPerson('ada', { 'write this': '' }).types(init, config())
  expect([code, git(checkout, 'status', '--short')]).toEqual([1, ''])
  expect(said).toMatch(/nothing was changed$/)
})

test('set up, an agent works and cannot destroy; taken away, all is as it was', async () => {
  const before = { env: read('.env'), tree: git(checkout, 'status', '--short', '--ignored') }
  const person = openPerson('ada', { 'write this': 'y', 'put it back': 'y' })
  expect((await person.types(init, config())).code).toBe(0)
  const everything = spawnSync('grep', ['-rlE', secrets().join('|'), checkout], {
    encoding: 'utf8',
  })
  // What is committed is committed: rotated it must be, and `init` says so.
  expect(
    everything.stdout.split('\n').filter((line) => line !== '' && !line.includes('/.git/')),
  ).toEqual([])

  const running = await serve(readConfig(join(checkout, 'firebreak.yaml')), () => undefined)
  try {
    const url = /^DATABASE_URL=(.*)$/m.exec(read('.env'))?.[1] ?? ''
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query('SELECT count(*)::int AS n FROM customers')
    expect(rows).toEqual([{ n: 800 }])
    await expect(client.query('DROP TABLE customers')).rejects.toThrow(/Firebreak holds DROP TABLE/)
    await client.end()
    expect(cluster.sql('SELECT count(*) FROM customers', 'shop').trim()).toBe('800')

    const asked = await run('sh', ['scripts/domains.sh'], { cwd: checkout })
    expect(JSON.parse(asked.stdout)).toHaveProperty('data')
    const ask = async (query: string): Promise<number> => {
      const [, at = ''] = /curl -s (\S+)/.exec(read('scripts/domains.sh')) ?? []
      const [, grant = ''] = /RAILWAY_TOKEN="(.*)"/.exec(read('scripts/domains.sh')) ?? []
      const headers = { authorization: `Bearer ${grant}`, 'content-type': 'application/json' }
      return (await fetch(at, { method: 'POST', headers, body: JSON.stringify({ query }) })).status
    }
    expect(await ask(`mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`)).toBe(403)

    const again = await person.types(init, config())
    expect([again.code, again.said]).toEqual([
      0,
      expect.stringMatching(/nothing to do: all of it is there$/),
    ])
    expect((await person.types(uninstall, config())).said).toMatch(/Firebreak runs here$/)
  } finally {
    await running.stop()
  }
  const gone = await person.types(uninstall, config())
  expect([gone.said, gone.code]).toEqual([
    expect.stringContaining('Firebreak is gone from here'),
    0,
  ])
  expect({ env: read('.env'), tree: git(checkout, 'status', '--short', '--ignored') }).toEqual(
    before,
  )
  const left = spawnSync('find', [join(dir, 'home'), '-type', 'f'], { encoding: 'utf8' }).stdout
  expect(left).toBe('')
})
