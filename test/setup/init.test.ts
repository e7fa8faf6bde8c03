/** `firebreak init` in a sample shop: what is shown, what is written, what then works, and that all of it goes away again. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest'
import { kestrel, startKestrel } from '../../sim/tenant.ts'
import { command as init } from '../../src/cli/init.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openPerson } from './person.ts'
import { git, writeShop } from './sample-shop.ts'

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
    // An address of this machine that is written as none: what `localhost` leads to is left alone.
    database: `postgres://app:${password}@[::ffff:127.0.0.1]:${cluster.port}/shop?sslmode=disable&pool=5`,
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

test('a dry run shows the whole diff without a secret in it, and changes nothing', async () => {
  const person = openPerson('ada')
  const { said, code } = await person.types(init, ['--dry-run', ...config()])
  console.log(said)
  expect(code).toBe(1)
  expect(said).not.toContain(password)
  expect(git(checkout, 'status', '--short')).toBe('')
})

test('init', async () => {
  const person = openPerson('ada', { 'write this': 'y' })
  const { said, code, hint } = await person.types(init, config())
  console.log(said, code, hint)
  console.log(
    read('.env'),
    read('scripts/domains.sh'),
    read('.mcp.json'),
    read('firebreak.yaml'),
    read('.claude/settings.json'),
  )
  console.log(git(checkout, 'status', '--short'))
})
