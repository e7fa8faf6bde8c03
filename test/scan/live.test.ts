/** `firebreak scan --live` on the incident's repository, against the rehearsal platform: what the token can do, where it lies, and that nothing was changed. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel, rows, startKestrel } from '../../sim/tenant.ts'
import type { RehearsalRailway } from '../../sim/railway/railway.ts'
import { staleToken, writeCheckout } from '../../sim/workspace.ts'
import { firebreak } from '../run.ts'
import { drawn } from './planted.ts'
import { startPlatforms } from './reach-server.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-scan-live-'))
const checkout = join(dir, 'kestrel-web')
const password = drawn('database', 20)
let railway: RehearsalRailway
let secrets: readonly string[]

beforeAll(async () => {
  mkdirSync(join(dir, 'home'), { recursive: true })
  railway = await startKestrel({ dir: join(dir, 'platform'), port: 0 })
  const token = railway.token(kestrel.tokens.domains)
  // As the real one had it: the platform's own address in a script, and a database's in a file of settings.
  writeCheckout({ dir: checkout, baseUrl: 'https://backboard.railway.app', token })
  const env = readFileSync(join(checkout, '.env'), 'utf8')
  writeFileSync(
    join(checkout, '.env'),
    `${env}DATABASE_URL=postgres://kestrel:${password}@[::ffff:127.0.0.1]:1/kestrel\nOTHER_URL=postgres://kestrel:${password}@127.0.0.1:1/kestrel\n`,
  )
  secrets = [token, staleToken, password]
})
afterAll(async () => {
  await railway.close()
  rmSync(dir, { recursive: true, force: true })
})

const scan = async (...args: readonly string[]): Promise<string> => {
  const instead = `railway=${new URL(railway.graphql).origin}`
  const out = await firebreak(
    ['scan', checkout, '--only', 'checkout', '--live', '--instead', instead, ...args],
    { env: { PATH: process.env['PATH'] ?? '', HOME: join(dir, 'home'), NO_COLOR: '1' }, cwd: dir },
  )
  for (const secret of secrets) expect(out.includes(secret.slice(0, 12))).toBe(false)
  return out
}

test('this token can delete production and its 3 backups: with file and line, worst first, and nothing was called but reads', async () => {
  const out = await scan()
  expect(out).toContain('A  this token can delete production and its 3 backups, and staging too')
  expect(out).toContain('     scripts/domains.ts:3')
  expect(out).toContain('may: volumeDelete, volumeInstanceBackupDelete, projectDelete')
  expect(out).toContain('-  this token is dead: backboard.railway.com refuses it')
  expect(out).toContain(
    'railway token at scripts/domains.ts:3: it may do all that the whole account may',
  )
  expect(out).toContain('volume shop-data has one id for production and staging')
  expect(out).toContain('production: its 3 backups lie in the very thing that they are of')
  expect(out.indexOf('A  this token')).toBeLessThan(out.indexOf('-  this token'))
  expect(out).toContain('exit 1')
  expect(railway.mutations()).toBe(0)
  expect(rows(railway.volumePath(kestrel.productionInstanceId)).bookings).toBe(2400)
})

test('before the first call it says whom it asks', async () => {
  const out = await scan()
  expect(out).toMatch(
    /asking, reads only[\s\S]*railway at http:\/\/127\.0\.0\.1:\d+: its workspaces/,
  )
  expect(out.indexOf('asking, reads only')).toBeGreaterThan(-1)
})

test('JSON and SARIF have class, sentence and graph, and no secret', async () => {
  const sarif = join(dir, 'out.sarif')
  const json = JSON.parse((await scan('--json', '--quiet', '--sarif', sarif)).replace('exit 1', ''))
  const log = readFileSync(sarif, 'utf8')
  for (const secret of secrets) expect(log.includes(secret.slice(0, 12))).toBe(false)
  const worst = json.findings.find(
    ({ reach }: { readonly reach?: { readonly class: string; readonly isKnown: boolean } }) =>
      reach?.class === 'A' && reach.isKnown,
  )
  expect(worst.reach).toMatchObject({
    sentence: 'this token can delete production and its 3 backups, and staging too',
    who: 'the whole account',
  })
  const kinds = new Set(json.radius.graph.nodes.map(({ kind }: { readonly kind: string }) => kind))
  expect(kinds).toEqual(new Set(['backup', 'credential', 'environment', 'operation', 'resource']))
  const [{ results }] = JSON.parse(log).runs
  expect(
    results.find(({ ruleId }: { readonly ruleId: string }) => ruleId === 'shared-resource'),
  ).toMatchObject({ level: 'error', properties: { class: 'A', known: true } })
  expect(
    results.find(
      ({ ruleId, properties }: { readonly ruleId: string; readonly properties: object }) =>
        ruleId === 'railway-token' && 'class' in properties && properties.class === 'A',
    ).message.text,
  ).toContain('this token can delete production and its 3 backups')
})

test('picture and page show the same, fetch nothing, and have no secret', async () => {
  const [svg, html] = [join(dir, 'out.svg'), join(dir, 'out.html')]
  await scan('--svg', svg, '--html', html)
  for (const file of [svg, html]) {
    const text = readFileSync(file, 'utf8')
    for (const secret of secrets) expect(text.includes(secret.slice(0, 12))).toBe(false)
    expect(text).toContain(
      'One credential here can delete production and its 3 backups, and staging too',
    )
    expect(text).toContain('>scripts/domains.ts:3</text>')
    expect(text).toContain('>volumeInstance, id shared</text>')
    expect(text).toMatch(/<g class="gone"><title>[^<]*<\/title><rect[^>]*><text[^>]*>3 backups</)
    expect(text).not.toMatch(/<script|<img|<link|@import|url\(|src=/)
  }
  expect(readFileSync(html, 'utf8')).toMatch(/<a href="#(railway-token-\w+)">[\s\S]*<li id="\1"/)
})

test('after the fix that finding is gone; the others stay until they are gone or accepted, and only then it is exit 0', async () => {
  const file = join(checkout, 'scripts/domains.ts')
  const before = readFileSync(file, 'utf8')
  const id = /id (backup-inside-\w+)/.exec(await scan())?.[1] ?? ''
  expect(await scan('--accept', id, '--reason', 'moved next week')).toContain(
    'accepted: backup-inside-',
  )
  writeFileSync(file, 'export const api = null\n')
  const after = await scan()
  expect(after).not.toContain('can delete production')
  expect(after).toContain('postgres')
  expect(after).toContain('exit 1')
  const env = readFileSync(join(checkout, '.env'), 'utf8')
  writeFileSync(join(checkout, '.env'), env.replace(/^DATABASE_URL=.*\n/m, ''))
  const last = await scan()
  expect(last).toContain('is dead')
  expect(last).not.toContain('exit')
  writeFileSync(file, before)
  writeFileSync(join(checkout, '.env'), env)
  rmSync(join(checkout, '.firebreak-ignore'))
}, 240_000)

test('of two owners’ keys each loses its own, and what is accepted about one stays so under the salt that is drawn then', async () => {
  const platforms = await startPlatforms()
  platforms.say({
    'api.stripe.com/v1/balance': { body: { object: 'balance', livemode: true } },
  })
  const shop = join(dir, 'shop')
  mkdirSync(shop)
  const keys = ['one', 'two'].map((name) => ['sk', 'live', drawn(name, 40)].join('_'))
  writeFileSync(join(shop, '.env'), keys.map((key, at) => `KEY_${at}=${key}\n`).join(''))
  const scanShop = async (...args: readonly string[]): Promise<string> =>
    await firebreak(
      [
        'scan',
        shop,
        '--only',
        'checkout',
        '--live',
        '--instead',
        `stripe=${platforms.url}`,
        ...args,
      ],
      {
        env: { PATH: process.env['PATH'] ?? '', HOME: join(dir, 'home'), NO_COLOR: '1' },
        cwd: dir,
      },
    )
  const ids = (out: string): readonly string[] => out.match(/id no-copy-\w+/g) ?? []
  const before = ids(await scanShop())
  expect(new Set(before).size).toBe(2)
  await scanShop('--accept', before[0]?.slice(3) ?? '', '--reason', 'kept in the books')
  const after = await scanShop()
  expect(ids(after)).toHaveLength(1)
  expect(after).not.toContain('is met no more')
  await platforms.close()
})

test.each([
  [['--instead', 'railway=https://evil.example'], 'a rehearsal on this machine'],
  [['--instead', 'railwy=http://127.0.0.1:1'], '`--instead railwy`: it is one of railway, '],
  [['--instead', 'fly=http://127.0.0.1:1'], '`--instead fly`: it is one of railway, '],
  [['--instead', 'postgres=http://127.0.0.1:1'], 'it is one of railway, '],
  [['--instead', 'railway=http://127.0.0.1:1@evil.example:80'], 'a rehearsal on this machine'],
])('%j is refused: a credential is led nowhere else', async (args, said) => {
  const out = await scan(...args)
  expect(out).toContain(said)
  expect(out).toContain('exit 2')
})
