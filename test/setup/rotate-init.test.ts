/** `firebreak init` that rotates what was exposed, and what an `uninstall` then puts back; a hook's hold, from init to its one pass. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { kestrel, startKestrel } from '../../sim/tenant.ts'
import { readConfig } from '../../src/app/config.ts'
import { serve } from '../../src/app/serve.ts'
import { agentEnv } from '../../src/app/setup/agent-env.ts'
import { grantFile } from '../../src/app/setup/names.ts'
import { objectOf, textOf } from '../../src/base/json.ts'
import { command as approve } from '../../src/cli/approve.ts'
import { command as custody } from '../../src/cli/custody.ts'
import { command as init } from '../../src/cli/init.ts'
import { command as uninstall } from '../../src/cli/uninstall.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { openPerson } from './person.ts'
import { databaseUrl, writeShop } from './sample-shop.ts'

const password = 'k3pt-from-agents-9'
let cluster: Cluster
let platform: Awaited<ReturnType<typeof startKestrel>>
let dir: string
let checkout: string
const homeBefore = process.env['HOME']

beforeAll(async () => {
  cluster = await startCluster({ users: [{ name: 'app', password, how: 'scram-sha-256' }] })
  cluster.sql('CREATE DATABASE shop OWNER app')
}, 60_000)
afterAll(async () => await cluster.stop())
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'firebreak-rotate-init-'))
  checkout = join(dir, 'shop')
  platform = await startKestrel({ dir: join(dir, 'platform') })
  process.env['HOME'] = join(dir, 'home')
  mkdirSync(join(dir, 'home'))
  writeShop(checkout, {
    database: databaseUrl(password, cluster.port),
    railway: platform.url,
    token: platform.token(kestrel.tokens.domains),
  })
})
afterEach(async () => {
  process.env['HOME'] = homeBefore
  await platform.close()
  cluster.sql(`ALTER ROLE app PASSWORD '${password}'`)
  rmSync(dir, { recursive: true, force: true })
})

const config = (): readonly string[] => ['--config', join(checkout, 'firebreak.yaml')]
const read = (name: string): string => readFileSync(join(checkout, name), 'utf8')
const inDatabase = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}
const urlIn = (text: string): string => /^DATABASE_URL=(.*)$/m.exec(text)?.[1] ?? ''
const tokenIn = (text: string): string => /RAILWAY_TOKEN="(.*)"/.exec(text)?.[1] ?? ''

test('asked of each, by one signature: the new ones work behind Firebreak, the old ones are dead, and uninstall puts the new ones back', async () => {
  const before = { url: urlIn(read('.env')), token: tokenIn(read('scripts/domains.sh')) }
  const person = openPerson('ada', { 'write this': 'y', rotate: 'y', 'put it back': 'y' })
  const done = await person.types(init, config())
  expect(done.said).toMatch(/rotate `shop`: `app` at .* gets a new password/)
  expect(done.said.match(/the old one is dead: /g)).toHaveLength(2)
  expect(done.said.match(/one-time code|next code/g)).toHaveLength(1)
  expect(done.said).not.toContain(password)
  expect(await inDatabase(before.url)).toBe(false)

  const running = await serve(readConfig(join(checkout, 'firebreak.yaml')), () => undefined)
  expect(await inDatabase(urlIn(read('.env')))).toBe(true)
  const proof = await person.types(custody, ['proof', ...config()])
  expect([proof.code, proof.said.match(/the old one is dead/g)]).toEqual([
    0,
    ['the old one is dead', 'the old one is dead'],
  ])
  await running.stop()

  const gone = await person.types(uninstall, config())
  expect(gone.said).toMatch(/not what stood there before/)
  const after = { url: urlIn(read('.env')), token: tokenIn(read('scripts/domains.sh')) }
  expect(after.url).not.toBe(before.url)
  expect(after.url.replace(/:[\w-]{43}@/, `:${password}@`)).toBe(before.url)
  expect(await inDatabase(after.url)).toBe(true)
  const all = platform.ground.world.tokens.all().map(({ secret }) => secret)
  expect(all).toContain(after.token)
  expect(all).not.toContain(before.token)
})

test('a person who says no to each has the old ones, and is told how later', async () => {
  const person = openPerson('ada', { 'write this': 'y' })
  const { said, code } = await person.types(init, config())
  expect(code).toBe(0)
  expect(said).toContain('not rotated; later: firebreak custody rotate shop')
  expect(await inDatabase(`postgres://app:${password}@127.0.0.1:${cluster.port}/shop`)).toBe(true)
  const proof = await person.types(custody, ['proof', ...config()])
  expect(proof.said).toMatch(/exposed-credential: `shop` stood in .*\.env .* still opens \(asked/)
})

test('with `--yes` nothing is rotated that `--rotate` does not name', async () => {
  const person = openPerson('ada')
  const { said } = await person.types(init, ['--yes', '--rotate', 'railway', ...config()])
  expect(said).toMatch(/rotated: railway/)
  expect(said).not.toMatch(/rotated: shop/)
  expect(await inDatabase(`postgres://app:${password}@127.0.0.1:${cluster.port}/shop`)).toBe(true)
})

test('rotated later by itself: what else holds the old one is named, before and after', async () => {
  const person = openPerson('ada', { 'write this': 'y' })
  await person.types(init, config())
  writeFileSync(join(dir, 'home', '.pgpass'), `db.shop.io:5432:shop:app:${password}\n`)
  const { said, code } = await person.types(custody, ['rotate', 'shop', '--yes', ...config()])
  expect(code).toBe(0)
  expect(said).toMatch(/stands in: ~\/\.pgpass:1/)
  expect(said).toMatch(/the old one is dead/)
  expect(said).toMatch(/~\/\.pgpass:1 holds the old one/)
  expect(said).not.toContain(password)
})

test('where no file takes the new one back, it is not lost with the state', async () => {
  const person = openPerson('ada', { 'write this': 'y', rotate: 'y', 'put it back': 'y' })
  await person.types(init, config())
  writeFileSync(join(checkout, '.env'), 'PORT=3000\n')
  const originals = join(dir, 'originals')
  const gone = await person.types(uninstall, [...config(), '--originals', originals])
  expect(gone.said).toContain('Firebreak is gone from here')
  const left = readFileSync(join(originals, '.env'), 'utf8')
  const url = /^DATABASE_URL=(.*)$/m.exec(left)?.[1] ?? ''
  expect([url === '', await inDatabase(url)]).toEqual([false, true])
})

test('from init to a held command that a person approves: it passes once', async () => {
  mkdirSync(join(dir, 'home', 'data'))
  writeFileSync(join(dir, 'home', 'data', 'orders.txt'), 'orders\n')
  const person = openPerson('ada', { 'write this': 'y' })
  await person.types(init, config())
  const file = join(checkout, 'firebreak.yaml')
  expect(readConfig(file).targets['laptop']).toMatchObject({ platform: 'shell' })
  const running = await serve(readConfig(file), () => undefined)
  const grant = readFileSync(grantFile(readConfig(file).state), 'utf8').trim()
  const settings: { hooks: { PreToolUse: { hooks: { command: string }[] }[] } } = JSON.parse(
    read('.claude/settings.local.json'),
  )
  const hook = settings.hooks.PreToolUse[0]?.hooks[0]
  const { env } = agentEnv(process.env, readConfig(file), grant)
  const asks = async (command: string): Promise<string> =>
    await new Promise((resolve) => {
      const child = execFile('sh', ['-c', hook?.command ?? ''], { cwd: checkout, env }, (_, out) =>
        resolve(out),
      )
      child.stdin?.end(
        JSON.stringify({
          hook_event_name: 'PreToolUse',
          cwd: checkout,
          tool_name: 'Bash',
          tool_input: { command },
        }),
      )
    })
  try {
    const command = 'kubectl delete secret shop-key'
    const [id = ''] = /hold_\w+/.exec(await asks(command)) ?? []
    expect(id).not.toBe('')
    const show = running.commands.get('hold-show')
    const shown = objectOf(await show?.run(running.firebreak, { id, by: 'ada' }))
    const name = ['--name', textOf(shown['confirm'])]
    expect((await person.types(approve, [id, ...name, ...config()])).code).toBe(0)
    expect(await asks(command)).toBe('')
    expect(await asks(command)).toMatch(/hold_/)
    // What has no way back is refused before anybody is asked.
    expect(await asks('rm -rf ~/data')).toMatch(/vault\.sources/)
  } finally {
    await running.stop()
  }
})

const homely: readonly (readonly [file: string, text: string, told: RegExp])[] = [
  ['.pgpass', `db.shop.io:5432:shop:app:${password}\n`, /~\/\.pgpass:1: pgpass: .*gateway serves/],
  [
    '.railway/config.json',
    '{ "user": { "token": "rw_Fe26.2**8f1b2c3d4e5f60718293a4b5c6d7e8f901234567" } }\n',
    /~\/\.railway\/config\.json:1: .*speaks to its platform alone/,
  ],
  [
    '.aws/credentials',
    '[default]\naws_access_key_id = AKIAQ7ZT3M5XW2LKPN4V\naws_secret_access_key = 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\n',
    /~\/\.aws\/credentials:[\d,]+: .*no gateway of Firebreak serves aws/,
  ],
  [
    '.config/gh/hosts.yml',
    'github.com:\n    oauth_token: gho_Zk3mQ8vT1xR6yB4nW9cL2pD7sF5hJ0aG3eKu\n',
    /~\/\.config\/gh\/hosts\.yml:2: .*\n.*gh auth logout/,
  ],
]

test.each(homely)(
  '%s in the home is named, with what to do, and never shown',
  async (file, text, told) => {
    mkdirSync(join(dir, 'home', file, '..'), { recursive: true })
    writeFileSync(join(dir, 'home', file), text)
    const { said } = await openPerson('ada').types(init, ['--dry-run', ...config()])
    expect(said).toMatch(told)
    for (const secret of text.match(/[\w*.]{20,}/g) ?? [password])
      expect(said).not.toContain(secret)
    expect(said).not.toContain(password)
  },
)

test('with `--home` a line of pgpass leads to the gateway, and uninstall puts it back', async () => {
  const pgpass = join(dir, 'home', '.pgpass')
  const before = `# mine\ndb.shop.invalid:5432:orders:app:${password}\n`
  writeFileSync(pgpass, before, { mode: 0o600 })
  const person = openPerson('ada', { 'write this': 'y', 'put it back': 'y' })
  expect((await person.types(init, ['--home', ...config()])).said).not.toContain(password)
  expect(readFileSync(pgpass, 'utf8')).toMatch(/^# mine\n127\.0\.0\.1:\d+:orders:agent:fbk_\S+\n$/)
  await person.types(uninstall, config())
  expect(readFileSync(pgpass, 'utf8')).toBe(before)
})
