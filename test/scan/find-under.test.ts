/** Folders as they are found, and as somebody makes them who wants the scan never to end. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findUnder } from '../../src/scan/find.ts'
import type { Found, Unreadable } from '../../src/scan/find.ts'
import { drawn, uuid } from './planted.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firebreak-scan-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const token = uuid('under')
const line = `RAILWAY_TOKEN=${token}`

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), content)
}

async function told(): Promise<readonly string[]> {
  const list: string[] = []
  for await (const each of findUnder(root)) list.push(said(each))
  return list
}

const said = (each: Found | Unreadable): string =>
  'unreadable' in each
    ? `${each.unreadable}: ${each.why}`
    : `${each.at.file}:${each.at.line}:${each.at.column} ${each.rule}`

test('ignored, hidden and deep files are read, in the order of their names', async () => {
  write('.gitignore', 'secret.env\n')
  write('secret.env', line)
  write('.git/config', `\n${line}`)
  write('.git/objects/aa/packed', line)
  write('b/c/d.txt', `x\n ${line}`)
  write('node_modules/x/.env', line)
  expect(await told()).toEqual([
    'secret.env:1:15 railway-token',
    '.git/config:2:15 railway-token',
    'b/c/d.txt:2:16 railway-token',
    'node_modules/x/.env:1:15 railway-token',
  ])
})

test('links in circles, pipes, dangling links and links out of the folder end, and are told', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'firebreak-scan-outside-'))
  writeFileSync(join(outside, 'shared.env'), line)
  mkdirSync(join(root, 'a/b'), { recursive: true })
  symlinkSync('..', join(root, 'a/b/up'))
  symlinkSync('loop', join(root, 'loop'))
  symlinkSync('nowhere', join(root, 'dangling'))
  symlinkSync(join(outside, 'shared.env'), join(root, 'linked.env'))
  symlinkSync(outside, join(root, 'elsewhere'))
  execFileSync('mkfifo', [join(root, 'pipe')])
  const all = await told()
  rmSync(outside, { recursive: true })
  expect(all.map((each) => each.split(': ').slice(0, 2).join(': '))).toEqual([
    'elsewhere: it leads out of the folder that was asked for',
    'linked.env:1:15 railway-token',
    'loop: ELOOP',
    'pipe: it is no regular file',
  ])
})

test.skipIf(process.getuid?.() === 0)(
  'a file that may not be read is told, and the next is read',
  async () => {
    write('a.env', line)
    write('b.env', line)
    chmodSync(join(root, 'a.env'), 0)
    expect(await told()).toEqual(['a.env: EACCES: permission denied', 'b.env:1:15 railway-token'])
  },
)

test('binary files are passed over; bad UTF-8 and UTF-16 are read', async () => {
  write('binary', Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(line)]))
  write('latin.env', Buffer.concat([Buffer.from([0xff, 0xe9, 0x0a]), Buffer.from(line)]))
  write('wide.env', Buffer.from(`\ufeffa\n${line}\n`, 'utf16le'))
  expect(await told()).toEqual(['latin.env:2:15 railway-token', 'wide.env:2:15 railway-token'])
})

test.each([0, 1, 500_000, 1_048_570, 1_048_576 - 60, 1_048_576 - 20_480, 2_500_000])(
  'in a line without end a secret at byte %d is told once, with its column',
  async (at) => {
    write(
      'long',
      `${'x '.repeat(at / 2)}${at % 2 === 1 ? ' ' : ''} ${line} ${'é '.repeat(700_000)}`,
    )
    expect(await told()).toEqual([`long:1:${at + 16} railway-token`])
  },
)

test.each<[string, string]>([
  ['names', 'railway_token='],
  ['urls', 'postgres://a:'],
  ['starts', ['gh', 'p_'].join('')],
  ['tokens', 'eyJaaaaaaaaaaaa.bbbbbbbbbbbbbb.cccccccccccccccccccc'],
  ['keys', '-----BEGIN PRIVATE KEY-----AAAA'],
  ['hosts', 'backboard.railway token '],
  ['a/.env', 'SECRET_TOKEN=a1 aaa_bbb- '],
  ['b/.bash_history', 'mysql -pabc --token a1 '],
  ['c/.pgpass', 'a:1:b:c:'],
  ['d/.netrc', 'machine a login b '],
  ['e/a.ts', 'api_key token secret passw '],
])('%s: a file of nothing but that ends, with nothing found', async (file, bomb) => {
  write(file, bomb.repeat(300_000 / bomb.length))
  expect(await told()).toEqual([])
})

test('a file of findings alone is told up to a thousand, and said to be so where they differ', async () => {
  const tokens = Array.from({ length: 3000 }, (_, at) => `vercel --token ${drawn(`${at}`, 24)}\n`)
  write('.bash_history', tokens.join(''))
  write('same/.bash_history', `vercel --token ${drawn('same', 24)}\n`.repeat(20_000))
  const all = await told()
  expect(all).toHaveLength(2002)
  expect(all.filter((each) => each.includes('it has 1000 findings or more'))).toHaveLength(1)
})

test('many files are read on threads, and told as one thread tells them', async () => {
  for (let at = 0; at < 3700; at++)
    write(`d${at % 7}/${at}.env`, at % 100 === 0 ? `RAILWAY_TOKEN=${uuid(`${at}`)}\n` : 'x=1\n')
  execFileSync('mkfifo', [join(root, 'd5/pipe')])
  const threaded: string[] = []
  for await (const each of findUnder(root, { threads: 3 })) threaded.push(said(each))
  const alone = await told()
  expect(alone).toHaveLength(38)
  expect(threaded).toEqual(alone)
  // Who has seen enough may go.
  for await (const each of findUnder(root, { threads: 2 })) if (said(each).startsWith('d5')) break
})
