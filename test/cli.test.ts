/** The README, run: its config, its commands in their order, as processes, against the rehearsal platform; and the demo that it shows. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel, startKestrel } from '../sim/tenant.ts'
import { fromBase32 } from '../src/app/rehearse.ts'
import { codeAt, stepAt } from '../src/approvals/totp.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const bin = join(root, 'bin/firebreak')
const dir = mkdtempSync(join(tmpdir(), 'firebreak-cli-'))
let platform: Awaited<ReturnType<typeof startKestrel>>
let daemon: ReturnType<typeof spawn>
let url = ''
let secret: Uint8Array = new Uint8Array()
let last = 0

/** Runs one command as a person would; codes are put in where the README has its placeholder. */
async function run(
  command: string,
  stdin = '',
): Promise<{ readonly status: number | null; readonly out: string }> {
  const code = command.includes('123456') ? await nextCode() : ''
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  )
  const args = words.slice(1).map((word) => (word === '123456' ? code : word))
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: dir,
    input: stdin,
    encoding: 'utf8',
  })
  return { status, out: `${stdout}${stderr}` }
}

/** A code works once: the earliest that is still taken comes first, and the next waits for its half minute where it must. */
async function nextCode(): Promise<string> {
  last = Math.max(last + 1, stepAt(Date.now()) - 1)
  await expect
    .poll(() => last <= stepAt(Date.now()) + 1, { timeout: 40_000, interval: 200 })
    .toBe(true)
  return codeAt(secret, last)
}

/** The README's own line that begins so, without its redirections. */
function line(start: string): string {
  const found = readme.split('\n').find((each) => each.startsWith(start))
  return (found ?? `missing in the README: ${start}`).replace(/ [<>] .*$/, '')
}

beforeAll(async () => {
  platform = await startKestrel({ dir: join(dir, 'platform') })
  mkdirSync(join(dir, 'disk'))
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? []
  const config = yaml
    .replace('https://backboard.railway.com', platform.url)
    .replace('127.0.0.1:7077', '127.0.0.1:0')
    .replace('11111111-1111-4111-8111-111111111111', kestrel.productionId)
    .replace('22222222-2222-4222-8222-222222222222', kestrel.stagingId)
    .replace('33333333-3333-4333-8333-333333333333', kestrel.scratchInstanceId)
    .replace('/mnt/other-disk/firebreak', join(dir, 'disk', 'vault'))
    .replace('/mnt/shop', platform.volumePath(kestrel.scratchInstanceId))
  writeFileSync(join(dir, 'firebreak.yaml'), config)
  daemon = spawn(process.execPath, [bin, ...line('firebreak up').split(' ').slice(1)], { cwd: dir })
  url = await new Promise<string>((resolve, reject) => {
    daemon.stdout?.on('data', (bytes: Buffer) =>
      resolve(/http:\S+/.exec(bytes.toString())?.[0] ?? ''),
    )
    daemon.stderr?.on('data', (bytes: Buffer) => reject(new Error(bytes.toString())))
  })
}, 30_000)

afterAll(async () => {
  const ended = new Promise((resolve) => daemon.on('exit', resolve))
  daemon.kill('SIGTERM')
  expect(await ended).toBe(0)
  await platform.close()
  rmSync(dir, { recursive: true, force: true })
}, 30_000)

test('enrol, hand over the token, mint: then the agent works with a grant and the call is refused', async () => {
  const enrolling = await run(line('firebreak approver enrol'))
  const [, text = ''] = /secret=([A-Z2-7]+)/.exec(enrolling.out) ?? []
  secret = fromBase32(text)
  expect(await run(`firebreak approver enrol ada --confirm ${await nextCode()}`)).toMatchObject({
    status: 0,
  })
  const token = platform.token(kestrel.tokens.domains)
  const kept = await run(line('firebreak custody add'), `${token}\n`)
  expect(kept).toMatchObject({ status: 0 })
  expect(kept.out).not.toContain(token)
  const minted = await run(line('firebreak grant mint'))
  expect(minted).toMatchObject({ status: 0, out: expect.stringMatching(/^fbk_\S+\n$/) })
  const grant = minted.out.trim()
  const ask = async (query: string): Promise<number> => {
    const headers = { authorization: `Bearer ${grant}`, 'content-type': 'application/json' }
    return (
      await fetch(`${url}/graphql/v2`, { method: 'POST', headers, body: JSON.stringify({ query }) })
    ).status
  }
  expect(await ask('{ me { id } }')).toBe(200)
  expect(await ask(`mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`)).toBe(403)
  expect(platform.mutations()).toBe(0)
  const narrowed = await run(
    'firebreak grant attenuate --expires 10m --operation customDomainCreate',
    grant,
  )
  expect(narrowed).toMatchObject({ status: 0, out: expect.stringMatching(/^fbk_/) })
  expect((await run('firebreak grant revoke -', grant)).status).toBe(0)
  expect(await ask('{ me { id } }')).toBe(401)
}, 120_000)

test.each<[string, number, RegExp]>([
  ['firebreak holds', 0, /nothing waits/],
  ['firebreak holds --json', 0, /^\[\]\n$/],
  ['firebreak approve hold_none --approver ada --code 123456', 2, /there is no hold `hold_none`/],
  ['firebreak holds settle hold_none', 2, /say which of both: `--happened` or `--did-not`/],
  ['firebreak holds settle hold_none --happened --did-not', 2, /say which of both/],
  ['firebreak deny hold_none', 2, /there is no hold/],
  ['firebreak undo hold_none', 2, /there is no hold/],
  ['firebreak grant list', 0, /agent:cursor.*revoked/],
  ['firebreak custody list', 0, /railway.*ada/],
  ['firebreak approver list', 0, /ada.*admin/],
  ['firebreak accept --approver ada --code 000000', 0, /nothing has changed/],
  ['firebreak alarms', 0, /no alarm/],
  ['firebreak policy check', 0, /hold-data/],
  ['firebreak halt --reason tired', 0, /halted: no grant works/],
  ['firebreak resume --approver ada --code 000000', 1, /code is wrong/],
  ['firebreak ledger verify', 0, /whole and in order/],
  ['firebreak doctor', 1, /root:|same-user:/],
  ['firebreak up', 1, /runs on this state folder already/],
])(
  '%s',
  async (command, status, text) => {
    const ran = command.includes('123456')
      ? await run(command.replace('123456', '999999'))
      : await run(command)
    expect(ran.out).toMatch(text)
    expect(ran.status).toBe(status)
  },
  60_000,
)

test('the ledger is exported, verified, proved and witnessed by commands alone, and a changed export is named', async () => {
  const { out: key } = await run(line('firebreak ledger key'))
  const verifier = key.trim()
  expect((await run('firebreak ledger export --out tiles')).status).toBe(0)
  expect(await run(`firebreak ledger verify --from tiles --key ${verifier}`)).toMatchObject({
    status: 0,
    out: expect.stringMatching(/whole and in order/),
  })
  const receipt = await run(line('firebreak ledger prove'))
  writeFileSync(join(dir, 'receipt'), receipt.out)
  expect(await run(line('firebreak ledger check').replace('KEY', verifier))).toMatchObject({
    status: 0,
    out: expect.stringMatching(/entry 0 of/),
  })
  writeFileSync(join(dir, 'seed'), `${'ab'.repeat(32)}\n`, { mode: 0o600 })
  const watch = `firebreak ledger witness --from tiles --key ${verifier} --name witness.example --seen seen --seed seed`
  expect(await run(watch)).toMatchObject({
    status: 0,
    out: expect.stringMatching(/— witness\.example /),
  })
  expect((await run(watch)).status).toBe(0)
  const note = readFileSync(join(dir, 'tiles/checkpoint'), 'utf8')
  writeFileSync(join(dir, 'tiles/checkpoint'), note.replace(/\n\d+\n/, '\n1\n'))
  expect((await run(`firebreak ledger verify --from tiles --key ${verifier}`)).status).toBe(4)
  expect(await run(watch)).toMatchObject({ status: 4, out: expect.stringMatching(/refused/) })
}, 60_000)

test('explain answers each line, and a line that cannot be read yields exit 2 at the end', async () => {
  const lines = [
    {
      id: 1,
      kind: 'graphql',
      platform: 'railway',
      text: 'mutation { volumeDelete(volumeId: "v") }',
    },
    { id: 2, kind: 'graphql', platform: 'railway', text: '{ me { id } }' },
    { id: 3, kind: 'sql', text: 'SELECT 1' },
    { id: 4, kind: 'sql', text: 'DELETE FROM t WHERE 1=1' },
    { id: 5, kind: 'shell', command: 'ls' },
    { id: 6, kind: 'shell', command: 'psql -c "DROP TABLE users"', cwd: '/srv/shop' },
    { id: 7, kind: 'mcp', server: 's', tool: 't', arguments: {} },
  ]
  const good = await run('firebreak explain', lines.map((each) => JSON.stringify(each)).join('\n'))
  const answers: { readonly id: number; readonly verdict: string; readonly effect: string }[] =
    good.out
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each))
  expect(answers.map(({ id, effect, verdict }) => [id, effect, verdict])).toEqual([
    [1, 'destroy', 'hold'],
    [2, 'read', 'allow'],
    [3, 'read', 'allow'],
    [4, 'destroy', 'hold'],
    [5, 'write', 'allow'],
    [6, 'destroy', 'hold'],
    [7, 'unread', 'hold'],
  ])
  expect(good.status).toBe(0)
  expect(
    (
      await run(
        'firebreak explain',
        'not json\n{"id":4,"kind":"graphql","platform":"railway","text":"{ me { id } }"}',
      )
    ).status,
  ).toBe(2)
})

test('the demo comes out as the README shows it', async () => {
  const shown = /```text\n([\s\S]*?)```/.exec(readme)?.[1] ?? 'no demo in the README'
  const ran = await run('firebreak demo --quiet')
  expect(ran.status).toBe(0)
  expect(withoutNumbers(ran.out)).toBe(withoutNumbers(shown))
}, 60_000)

/** Measured milliseconds, and how many batches the ledger made of them, differ from run to run; nothing else does. */
function withoutNumbers(text: string): string {
  return text
    .replaceAll(/\d+ ms in truth/g, 'N ms in truth')
    .replaceAll(/ledger: \d+ entries/g, 'ledger: N entries')
    .trim()
}
