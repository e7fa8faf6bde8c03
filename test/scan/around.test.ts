/** What lies outside of a checkout: the home, the environment, what was typed, what runs. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findAmong, findAtHome, findIn } from '../../src/scan/find.ts'
import type { Found, Unreadable } from '../../src/scan/find.ts'
import { findInProcesses } from '../../src/scan/processes.ts'
import { drawn, uuid } from './planted.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firebreak-scan-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), content)
}

const said = (each: Found | Unreadable): string =>
  'unreadable' in each
    ? `${each.unreadable}: ${each.why}`
    : `${each.at.file}:${each.at.line} ${each.source} ${each.provider}`

async function atHome(): Promise<readonly string[]> {
  const list: string[] = []
  for await (const each of findAtHome(root)) list.push(said(each))
  return list
}

test('a home’s known places are read, the rest is not', async () => {
  write('.railway/config.json', `{"user":{"token":"${uuid('home')}"}}`)
  write('.aws/credentials', `[a]\naws_secret_access_key = ${drawn('home', 40)}\n`)
  write('dotfiles/npmrc', `//x/:_authToken=${drawn('npm', 40)}`)
  symlinkSync('dotfiles/npmrc', join(root, '.npmrc'))
  write('Documents/x.env', `RAILWAY_TOKEN=${uuid('doc')}`)
  write(
    '.config/gcloud/credentials.db',
    Buffer.concat([
      Buffer.from('SQLite format 3\0'),
      Buffer.from(`{"refresh_token": "${drawn('db', 90)}"}`),
    ]),
  )
  write('.bash_history', `ls\nexport HCLOUD_TOKEN=${drawn('hc', 64)}\n`)
  expect(await atHome()).toEqual([
    '~/.railway/config.json:1 home railway',
    '~/.aws/credentials:2 home aws',
    '~/.npmrc:1 home npm',
    '~/.config/gcloud/credentials.db:1 home google',
    '~/.bash_history:2 shell-history hetzner',
  ])
})

test('an environment’s variables are looked at, each under its name', () => {
  const found = findAmong({
    PATH: '/usr/bin:/bin',
    A: undefined,
    FLY_API_TOKEN: drawn('fly', 43),
    DATABASE_URL: `postgres://a:${drawn('pw', 12)}@db.shop.io/x`,
    HOME: '/root',
  })
  expect(found.map(({ name, provider, source }) => [name, provider, source])).toEqual([
    ['FLY_API_TOKEN', 'fly', 'environment'],
    ['DATABASE_URL', 'postgres', 'environment'],
  ])
})

const typed = drawn('typed', 24)
test.each<[string, readonly (readonly [string, string])[]]>([
  [`vercel deploy --prod --token ${typed}`, [['vercel', '--token']]],
  [`: 1690000000:0;npx netlify deploy --auth-token=${typed}`, [['netlify', '--auth-token']]],
  [`cd x && STRIPE_API_KEY=${typed} node a.js`, [['stripe', 'STRIPE_API_KEY']]],
  [`mysql -h db -u root -p${typed} shop`, [['mysql', '-p']]],
  [`redis-cli -h x -a ${typed} ping`, [['redis', '-a']]],
  [`curl -s -u admin:${typed} https://x.io`, [['unknown', '-u']]],
  [`curl -H "Authorization: Bearer ${typed}" https://x.io`, [['unknown', 'Authorization']]],
  [`PGPASSWORD=${typed} psql -h db.shop.io`, [['postgres', 'PGPASSWORD']]],
  [`psql postgres://a:${typed}@db.shop.io/x`, [['postgres', 'psql']]],
  ['docker run -p8080:8080 --user 1000:1000 x', []],
  ['ssh-keygen -t ed25519 -a 100 -p', []],
  ['git log --pretty=format:%H -u', []],
])('typed: %s', (line, expected) =>
  expect(findIn(line, '.zsh_history').map(({ provider, name }) => [provider, name])).toEqual(
    expected,
  ),
)

test('processes of this user are looked at, and each secret is told once', () => {
  const uid = process.getuid?.() ?? 0
  for (const [pid, comm] of [
    ['7', 'node'],
    ['12', 'sh'],
  ]) {
    write(`${pid}/comm`, `${comm}\n`)
    write(`${pid}/environ`, `HOME=/root\0RAILWAY_TOKEN=${uuid('proc')}\0A=b\0`)
    write(`${pid}/cmdline`, pid === '12' ? `vercel\0--token\0${typed}\0` : 'node\0')
  }
  write('self/environ', `RAILWAY_TOKEN=${uuid('other')}`)
  expect([...findInProcesses(uid, { proc: root })].map(said)).toEqual([
    'process 7 (node):1 process railway',
    'process 12 (sh):1 process vercel',
  ])
  expect([...findInProcesses(uid + 1, { proc: root })]).toEqual([])
  expect([...findInProcesses(uid, { proc: join(root, 'none') })]).toEqual([])
})
