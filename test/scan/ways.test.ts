/** Whom a credential is asked of: never by a name alone, never elsewhere than its own file says, and each place that it opens. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { mayBeOther } from '../../src/app/reach-github.ts'
import { waysOf } from '../../src/app/reach-ways.ts'
import { findIn } from '../../src/scan/find.ts'
import type { Finding } from '../../src/scan/merged.ts'
import { merge } from '../../src/scan/merged.ts'
import { firebreak } from '../run.ts'
import { alphanumeric, drawn } from './planted.ts'
import { startPlatforms } from './reach-server.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-ways-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const findings = (files: Readonly<Record<string, string>>): readonly Finding[] =>
  merge(Object.entries(files).flatMap(([file, text]) => findIn(text, file)))
const kinds = (all: readonly Finding[]): readonly string[] =>
  all.flatMap((each) => waysOf(each, all).map(({ kind }) => kind))

test.each([
  'GITHUB_WEBHOOK_SECRET',
  'GITHUB_CLIENT_SECRET',
  'NEON_DB_PASSWORD',
  'RAILWAY_DB_PASSWORD',
  'HEROKU_POSTGRES_PASSWORD',
  'RENDER_DB_PASSWORD',
  'HETZNER_ROOT_PASSWORD',
  'VERCEL_CRON_SECRET',
  'NETLIFY_SIGNING_SECRET',
  'OPENAI_WEBHOOK_SECRET',
  'TURSO_DB_SECRET',
])('%s is sent to nobody', (name) => {
  const all = findings({ '.env': `${name}=${drawn(name, 24)}\n` })
  expect(all).toHaveLength(1)
  expect(kinds(all)).toEqual(['none'])
})

test.each([
  ['GITHUB_TOKEN', `ghp_${drawn('token', 36, alphanumeric)}`],
  ['HCLOUD_TOKEN', drawn('hcloud', 64, alphanumeric)],
])('%s still is asked about', (name, value) => {
  expect(kinds(findings({ '.env': `${name}=${value}\n` }))).toEqual(['http'])
})

test.each([
  ['git clone https://x:TOKEN@github.corp.internal/a', true],
  ['git clone https://TOKEN@github.corp.internal/a', true],
  ['GITHUB_ENTERPRISE_TOKEN=TOKEN', true],
  ['GITHUB_TOKEN=TOKEN', false],
])('%s may be of another server: %s', (line, isOther) => {
  const text = `${line.replace('=TOKEN', '=T').replace(/TOKEN@|T$/, (end) => `ghp_${drawn('other', 36, alphanumeric)}${end.endsWith('@') ? '@' : ''}`)}\n`
  const all = findings({ 'a.sh': text })
  expect(all.map(mayBeOther)).toEqual([isOther])
})

test('a password of somebody’s page at a platform is no token of the platform', () => {
  const text = `https://admin:${drawn('page', 20)}@shop.vercel.app/admin\n`
  expect(kinds(findings({ 'deploy.sh': text }))).toEqual(['none'])
})

test('a password that opens two databases is asked about at both', () => {
  const password = drawn('both', 20)
  const all = findings({
    'a/old.txt': `postgres://old:${password}@old.a-corp.io/db\n`,
    'b/prod.txt': `postgres://app:${password}@prod.a-corp.io/db\nagain postgres://app:${password}@prod.a-corp.io/db\n`,
  })
  expect(all).toHaveLength(1)
  const where = all.flatMap((each) =>
    waysOf(each, all).map((way) => (way.kind === 'database' ? way.ask.where : way.kind)),
  )
  expect(where).toEqual(['old.a-corp.io:5432', 'prod.a-corp.io:5432'])
})

test('a line that somebody put into the checkout does not lead a token of npm away from its own registry', () => {
  const token = `npm_${drawn('npm', 36, alphanumeric)}`
  const all = findings({
    '.npmrc': `//evil.example.io/:_authToken=${token}\n`,
    '~/.npmrc': `//packages.a-corp.io/:_authToken=${token}\n`,
  })
  const hosts = all.flatMap((each) =>
    waysOf(each, all).map((way) =>
      way.kind === 'http' ? way.provider.hosts(way.credential)?.join() : way.kind,
    ),
  )
  expect(hosts).toContain('packages.a-corp.io')
})

test('a token of a company’s own GitHub is not sent to github.com, and where nobody says whose it is, a refusal is no death', async () => {
  const platforms = await startPlatforms()
  platforms.say({ 'api.github.com/user': { status: 401, body: { message: 'Bad credentials' } } })
  const home = join(dir, 'home')
  mkdirSync(join(home, '.config/gh'), { recursive: true })
  const [corp, typed] = ['corp', 'typed'].map((name) => `ghp_${drawn(name, 36, alphanumeric)}`)
  writeFileSync(
    join(home, '.config/gh/hosts.yml'),
    `github.corp.internal:\n    users:\n        me:\n            oauth_token: ${corp}\n    oauth_token: ${corp}\n    user: me\n`,
  )
  writeFileSync(join(home, '.git-credentials'), `https://me:${typed}@github.other.internal\n`)
  const args = ['scan', home, '--only', 'home', '--live', '--instead', `github=${platforms.url}`]
  const out = await firebreak(args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1' },
    cwd: dir,
  })
  expect(out).toContain('it is of github.corp.internal, which is not asked')
  expect(out).not.toMatch(/is dead: api\.github\.com/)
  expect(out).toContain('exit 1')
  expect(platforms.calls()).toEqual(['GET api.github.com/user'])
  expect(JSON.stringify(platforms.heads())).not.toContain(corp)
  await platforms.close()
})
