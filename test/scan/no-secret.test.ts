/** secret-stays: no output, report, plan, log or file that a scan leaves has a secret, nor nine characters of one in a row. */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { calledNames } from '../../src/scan/reach/known.ts'
import { firebreak } from '../run.ts'
import { drawn } from './planted.ts'
import { rows } from './rows.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-no-secret-'))
const [checkout, home, made] = [join(dir, 'shop'), join(dir, 'home'), join(dir, 'made')]
const typed = drawn('typed', 64)
const secrets = [...rows.flatMap(([, , , own]) => own), typed]
const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  TMPDIR: made,
  NO_COLOR: '1',
  HCLOUD_TOKEN: typed,
}

/** Whoever is asked says all back that it was told, in what it says and in what it is called. */
const hosts = new Set<string>()
const echo = createServer((request, response) => {
  hosts.add(request.headers.host ?? '')
  const said = JSON.stringify({ message: request.headers, path: request.url })
  response.setHeader('content-type', 'application/json')
  response.setHeader('x-echo', encodeURIComponent(said))
  response.writeHead([200, 401, 403, 500][said.length % 4] ?? 200).end(said)
})

beforeAll(async () => {
  for (const [file, text] of rows) {
    for (const folder of [home, checkout]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
  }
  mkdirSync(made)
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: checkout,
    })
  git('init', '-q')
  git('add', '-Af')
  git('commit', '-qm', `typed ${typed}`)
  writeFileSync(join(checkout, '.env'), `HCLOUD_TOKEN=${typed}\n`)
  git('add', '-Af')
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  echo.close()
  rmSync(dir, { recursive: true, force: true })
})

/** What a mask may show is the start that a platform puts before each of its tokens, and four characters at the end. */
const window = 9
const parts = new Set(
  secrets.flatMap((secret) => {
    const start = /^(?:[A-Za-z0-9]{2,12}[_-]){0,3}/.exec(secret)?.[0].length ?? 0
    return [
      secret,
      Buffer.from(secret).toString('base64'),
      Array.from(secret).toReversed().join(''),
    ].flatMap((form, at) => windowsOf(at === 0 ? form.slice(start) : form))
  }),
)

function windowsOf(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - window + 1) }, (_, at) =>
    text.slice(at, at + window),
  )
}

function leaked(text: string): readonly string[] {
  const plain = [
    text,
    text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  ]
  return plain.flatMap((each) => windowsOf(each).filter((part) => parts.has(part))).slice(0, 3)
}

const instead = (): readonly string[] => {
  const at: AddressInfo | string | null = echo.address()
  const port = typeof at === 'object' ? (at?.port ?? 0) : 0
  return calledNames()
    .filter((name) => !['kubernetes', 'postgres'].includes(name))
    .flatMap((name) => ['--instead', `${name}=http://127.0.0.1:${port}`])
}

test('the test itself would see one', () => {
  expect(leaked(`x ${secrets[0]?.slice(3, 15)} y`).length).toBeGreaterThan(0)
  expect(leaked(encodeURIComponent(secrets[0] ?? '')).length).toBeGreaterThan(0)
})

const debug = 'fs,child_process,stream,worker,http,https,net,module'
const everywhere = [
  '--only',
  'checkout',
  '--only',
  'history',
  '--only',
  'home',
  '--only',
  'environment',
]

/** A new output is a line here. */
const outputs: readonly (readonly [string, () => readonly string[]])[] = [
  ['terminal', () => everywhere],
  ['all of the terminal', () => [...everywhere, '--low']],
  ['JSON', () => [...everywhere, '--low', '--json']],
  ['staged', () => ['--staged']],
  [
    'SARIF, SVG and HTML',
    () => [...everywhere, '--sarif', 'out.sarif', '--svg', 'out.svg', '--html', 'out.html'],
  ],
  ['plan', () => [...everywhere, '--fix']],
  ['plan as JSON', () => [...everywhere, '--fix', '--json']],
  [
    'live, before whoever says all back',
    () => [...everywhere.slice(0, 2), '--live', '--low', ...instead()],
  ],
  [
    'live as JSON and page',
    () => [
      ...everywhere.slice(0, 2),
      '--live',
      '--low',
      '--json',
      '--html',
      'live.html',
      '--sarif',
      'live.sarif',
      ...instead(),
    ],
  ],
  ['a report that cannot be written', () => [...everywhere, '--sarif', 'no/such/folder']],
  [
    'an acceptance without a reason',
    () => [...everywhere, '--accept', 'railway-token-000000000000'],
  ],
  [
    'an acceptance of what is not there',
    () => [...everywhere, '--accept', 'railway-token-000000000000', '--reason', 'x'],
  ],
]

test.each(outputs)('%s has none', { timeout: 60_000 }, async (_, args) => {
  const out = await firebreak(['scan', checkout, ...args()], {
    env: args().includes('--live') ? env : { ...env, NODE_DEBUG: debug },
    cwd: made,
    maxBuffer: 200_000_000,
  })
  expect(out.length).toBeGreaterThan(10)
  expect(leaked(out)).toEqual([])
})

test('with Node told to write down what it sends nobody is asked', async () => {
  const before = hosts.size
  const out = await firebreak(['scan', checkout, '--only', 'checkout', '--live', ...instead()], {
    env: { ...env, NODE_DEBUG: debug },
    cwd: made,
    maxBuffer: 200_000_000,
  })
  expect(out).toContain('with NODE_DEBUG set')
  expect(leaked(out)).toEqual([])
  expect(hosts.size).toBe(before)
})

test('whoever says all back was asked, of many platforms', () => {
  expect(hosts.size).toBeGreaterThan(5)
})

test('what was accepted is written without one', { timeout: 60_000 }, async () => {
  const accepting = join(dir, 'accepting')
  cpSync(join(checkout, '.railway'), join(accepting, '.railway'), { recursive: true })
  const scan = async (...args: readonly string[]): Promise<string> =>
    await firebreak(['scan', accepting, '--only', 'checkout', ...args], { env, cwd: made })
  const ids = [...(await scan()).matchAll(/id (\S+-[0-9a-f]{12})/g)].map(([, id = '']) => id)
  expect(ids.length).toBeGreaterThan(0)
  await scan(...ids.flatMap((id) => ['--accept', id]), '--reason', 'a test')
  expect(leaked(readFileSync(join(accepting, '.firebreak-ignore'), 'utf8'))).toEqual([])
})

test('files that the runs have left have none, and nothing was kept beside them', () => {
  const left = readdirSync(made, { recursive: true, encoding: 'utf8' }).toSorted()
  expect(left).toEqual(['live.html', 'live.sarif', 'out.html', 'out.sarif', 'out.svg'])
  for (const file of left) expect(leaked(readFileSync(join(made, file), 'utf8')), file).toEqual([])
  const atHome = readdirSync(home, { recursive: true, encoding: 'utf8' })
  expect(atHome.filter((file) => /firebreak|cache\/node/i.test(file))).toEqual([])
})
