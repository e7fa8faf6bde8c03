/** Real repositories: what they remember is found, and nothing that their settings name is started. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findInHistory } from '../../src/scan/history.ts'
import { gitOutput } from '../../src/scan/git-run.ts'
import { openEye } from '../../src/scan/look.ts'
import { openObjects } from '../../src/scan/objects.ts'
import { openOtherNames } from '../../src/scan/other-names.ts'
import { rules } from '../../src/scan/rules/all.ts'
import { drawn, uuid } from './planted.ts'

let root = ''
const git = (...args: readonly string[]): string =>
  execFileSync(
    'git',
    [
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@example.com',
      '-c',
      'init.defaultBranch=main',
      ...args,
    ],
    { cwd: root, encoding: 'utf8', stdio: 'pipe' },
  ).trim()

function commit(file: string, content: string | Uint8Array | null, message = 'x'): string {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  if (content === null) rmSync(join(root, file))
  else writeFileSync(join(root, file), content)
  git('add', '-A')
  git('commit', '-qm', message, '--allow-empty')
  return git('rev-parse', 'HEAD')
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firebreak-history-'))
  git('init', '-q')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function told(): Promise<readonly string[]> {
  const list: string[] = []
  for await (const each of findInHistory(root))
    list.push(
      'unreadable' in each
        ? each.why
        : `${each.at.file}:${each.at.line} ${each.rule} ${each.commit ?? '-'}`,
    )
  return list
}

test('what was taken out, amended away or only said is found, with the commit that brought it in', async () => {
  const first = commit('deploy.sh', `\nRAILWAY_TOKEN=${uuid('old')}\n`)
  commit('deploy.sh', `x\nRAILWAY_TOKEN=${uuid('old')}\n`)
  commit('deploy.sh', null)
  const env = commit('config/.env', `SESSION_SECRET=${drawn('session', 32)}\n`)
  const said = commit('a', 'a', `see postgres://a:${drawn('pw', 14)}@db.shop.io/x`)
  const amended = commit('b', `HCLOUD_TOKEN=${drawn('h', 64)}`)
  rmSync(join(root, 'b'))
  git('add', '-A')
  git('commit', '-q', '--amend', '-m', 'y', '--allow-empty')
  commit(
    'binary',
    Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(`RAILWAY_TOKEN=${uuid('bin')}`)]),
  )
  expect([...(await told())].toSorted()).toEqual([
    `a commit’s message:6 postgres-url ${said}`,
    `b:1 hetzner-token ${amended}`,
    `config/.env:1 env-secret ${env}`,
    `deploy.sh:2 railway-token ${first}`,
  ])
})

test('a repository’s own settings start nothing', async () => {
  commit('a', `RAILWAY_TOKEN=${uuid('old')}\n`)
  const mark = join(root, 'started')
  const program = join(root, '.git/evil')
  writeFileSync(program, `#!/bin/sh\ntouch ${mark}\n`)
  chmodSync(program, 0o755)
  writeFileSync(join(root, '.git/info/attributes'), '* diff=evil filter=evil\n')
  for (const key of [
    'core.fsmonitor',
    'core.pager',
    'core.sshCommand',
    'gpg.program',
    'diff.external',
    'diff.evil.textconv',
    'diff.evil.command',
    'filter.evil.smudge',
    'filter.evil.clean',
    'remote.origin.uploadpack',
  ])
    git('config', key, program)
  git('config', 'log.showSignature', 'true')
  git('config', 'remote.origin.promisor', 'true')
  git('config', 'remote.origin.url', 'ext::.git/evil')
  expect(await told()).toHaveLength(1)
  expect(existsSync(mark)).toBe(false)
})

test.each(['z.env', 'é "\t\n/.env', '.pgpass'])(
  'what had two names is looked at under each: a.md and %j',
  async (name) => {
    const secret = drawn('twice', 32)
    const text =
      name === '.pgpass' ? `db.shop.io:5432:shop:app:${secret}\n` : `SESSION_SECRET=${secret}\n`
    commit('a.md', text)
    const [only = ''] = await told()
    expect(only).toBe('')
    commit(name, text)
    commit('a.md', null)
    commit(name, null)
    expect((await told()).map((each) => each.replace(/ [0-9a-f]{40}$/, ''))).toEqual([
      `${name}:1 ${name === '.pgpass' ? 'pgpass' : 'env-secret'}`,
    ])
  },
)

test('of more names than anybody has, what was left is told', () => {
  const names = openOtherNames(openEye(rules), 1)
  names.looked('a', 'x/.env')
  expect(['.env', 'b.env', '.npmrc', '.pgpass'].map((path) => names.met('a', path))).toEqual([
    false,
    false,
    true,
    false,
  ])
  expect(names.isCut()).toBe(true)
})

test('a pipe in the checkout where git reads a file keeps nobody waiting', async () => {
  const born = commit('a', `RAILWAY_TOKEN=${uuid('old')}\n`)
  execFileSync('mkfifo', [join(root, '.mailmap'), join(root, 'order')])
  git('config', 'diff.orderFile', join(root, 'order'))
  expect(await told()).toEqual([`a:1 railway-token ${born}`])
})

test.each([null, ['rev-list', '--objects', '--all'] as const])(
  'git that waits for what never comes is ended, and that is told (fed by %s)',
  async (source) => {
    commit('a', 'a')
    mkdirSync(join(root, '.git/objects/info'), { recursive: true })
    execFileSync('mkfifo', [join(root, '.git/objects/info/alternates')])
    const output = gitOutput(
      root,
      source === null ? ['rev-list', '--objects', '--all'] : ['cat-file', '--batch'],
      source,
      100,
    )
    const drain = async (): Promise<void> => {
      for await (const chunk of output) expect(chunk).toBeInstanceOf(Buffer)
    }
    await expect(drain()).rejects.toThrow('it said nothing for 1 seconds')
  },
)

test('a repository without a commit has nothing', async () => expect(await told()).toEqual([]))

test('a folder without a repository is told as that', async () => {
  rmSync(join(root, '.git'), { recursive: true })
  expect((await told())[0]).toContain('not a git repository')
})

test('objects are told apart however the stream is cut', () => {
  const bodies = [
    `RAILWAY_TOKEN=${uuid('one')}\n`,
    '',
    `x\n${'y'.repeat(3000)}\nRAILWAY_TOKEN=${uuid('two')}`,
  ]
  const stream = Buffer.concat([
    ...bodies.map((body, at) =>
      Buffer.from(`${`${at}`.repeat(40)} blob ${body.length} é/${at}.env\n${body}\n`),
    ),
    Buffer.from(`${'9'.repeat(40)} missing\n`),
    Buffer.from(`${'8'.repeat(40)} commit 2 \nab\n`),
  ])
  for (const size of [1, 2, 7, 64, 100_000]) {
    const objects = openObjects(openEye(rules))
    const seen = []
    for (let at = 0; at < stream.length; at += size)
      seen.push(...objects.feed(stream.subarray(at, at + size)))
    expect(seen.map(({ bytes, placed }) => [bytes, placed.map(({ at }) => at.line)])).toEqual([
      [51, [1]],
      [0, []],
      [3053, [3]],
      [2, []],
    ])
  }
})
