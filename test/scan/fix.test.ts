/** `firebreak scan --fix` on the incident's repository, with a real Firebreak and the rehearsal platform: its commands do what they say, and exit 0 comes when all is mended or accepted. */
import { createServer } from 'node:http'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kestrel, rows, startKestrel } from '../../sim/tenant.ts'
import { staleToken, writeCheckout } from '../../sim/workspace.ts'
import { command as custody } from '../../src/cli/custody.ts'
import { command as init } from '../../src/cli/init.ts'
import { command as scan } from '../../src/cli/scan.ts'
import { openPerson } from '../setup/person.ts'
import { git } from '../setup/sample-shop.ts'
import { firebreak } from '../run.ts'
import { drawn } from './planted.ts'

const homeBefore = process.env['HOME']
const npm = ['npm', drawn('fix', 36)].join('_')
let dir: string
let checkout: string
let railway: Awaited<ReturnType<typeof startKestrel>>
let token: string

beforeEach(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'firebreak-fix-')))
  checkout = join(dir, 'kestrel-web')
  process.env['HOME'] = join(dir, 'home')
  mkdirSync(join(dir, 'home'))
  railway = await startKestrel({ dir: join(dir, 'platform') })
  token = railway.token(kestrel.tokens.domains)
  writeCheckout({ dir: checkout, baseUrl: railway.url, token })
  const file = join(checkout, 'scripts/domains.ts')
  writeFileSync(file, read('scripts/domains.ts').replaceAll('token', 'RAILWAY_TOKEN'))
  writeFileSync(join(checkout, 'ci.env'), `NPM_TOKEN=${npm}\n`)
  git(checkout, 'init', '-q')
}, 60_000)
afterEach(async () => {
  process.env['HOME'] = homeBefore
  await railway.close()
  rmSync(dir, { recursive: true, force: true })
})

const read = (name: string): string => readFileSync(join(checkout, name), 'utf8')
const options = (): readonly string[] => [
  '--only',
  'checkout',
  '--live',
  '--instead',
  `railway=${new URL(railway.graphql).origin}`,
]
const run = async (...args: readonly string[]): Promise<string> => {
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(dir, 'home'), NO_COLOR: '1' }
  const out = await firebreak(['scan', checkout, ...options(), ...args], { env, cwd: dir })
  for (const secret of [token, staleToken, npm]) expect(out).not.toContain(secret.slice(0, 14))
  return out
}

interface Plan {
  readonly fix: readonly {
    readonly id: string
    readonly title: string
    readonly way: string
    readonly steps: readonly { readonly say: string; readonly command: string | null }[]
    readonly accept: string
  }[]
}

/** The arguments behind `firebreak VERB`. */
const argsOf = (command: string | null | undefined): readonly string[] =>
  (command ?? '').replaceAll("'", '').split(' ').slice(2)

test('without a terminal: the commands in order, worst first, and they do it', async () => {
  const mutations = railway.mutations()
  const plan: Plan = JSON.parse((await run('--fix', '--json', '--quiet')).replace('exit 1', ''))
  expect(railway.mutations()).toBe(mutations)
  expect(plan.fix.map(({ title, way }) => [title, way])).toEqual(
    expect.arrayContaining([
      ['this token can delete production and its 3 backups, and staging too', 'init'],
      [expect.stringContaining('nobody could say what this token can do'), 'hand'],
      [expect.stringContaining('this token is dead'), 'hand'],
    ]),
  )
  const [first] = plan.fix
  expect(first?.way).toBe('init')
  const [setUp, rotate] = (first?.steps ?? []).map(({ command }) => command)
  expect(setUp).toBe(`firebreak init --config ${checkout}/firebreak.yaml`)
  expect(rotate).toBe(`firebreak custody rotate railway --config ${checkout}/firebreak.yaml`)

  const person = openPerson('ada', { 'write this': 'y' })
  expect((await person.types(init, argsOf(setUp))).said).toContain('in custody: railway')
  expect(read('scripts/domains.ts')).not.toContain(token)
  expect(read('scripts/domains.ts')).toMatch(/RAILWAY_TOKEN = 'fbk_/)
  const rotated = await person.types(custody, argsOf(rotate).concat('--yes'))
  expect(rotated.said).toMatch(/the old one is dead/)
  expect(railway.ground.world.tokens.all().map(({ secret }) => secret)).not.toContain(token)

  const after = await run()
  expect(after).not.toContain('can delete production')
  expect(after).toContain('nobody could say what this token can do')
  expect(after).toContain('exit 1')
  const left = plan.fix.find(({ title }) => title.startsWith('nobody could say'))
  const accepted = argsOf(left?.accept).map((each) => (each === 'WHY' ? 'read-only, CI' : each))
  expect((await openPerson('ada').types(scan, accepted)).code).toBe(0)
  expect(read('.firebreak-ignore')).toMatch(/^npm-token-\w+ \S{10}\.\.\S{10} read-only, CI$/m)
  const last = await run()
  expect(last).toContain('is dead')
  expect(last).not.toContain('exit')
  expect(rows(railway.volumePath(kestrel.productionInstanceId)).bookings).toBe(2400)
}, 120_000)

test('at a terminal: one question for each, and init asks for the yes, the code and the rotation', async () => {
  const person = openPerson('ada', {
    'put it into custody now': 'y',
    'write this': 'y',
    'rotate `railway`': 'y',
    'is it done': 'a',
    'why:': 'it only reads packages',
    'until which day': '2099-01-31',
  })
  const { said, code } = await person.types(scan, [checkout, '--fix', ...options()])
  for (const secret of [token, staleToken, npm]) expect(said).not.toContain(secret.slice(0, 14))
  expect(said).toContain('1. this token can delete production and its 3 backups, and staging too')
  expect(said.match(/put it into custody now/g)).toHaveLength(1)
  expect(said).toContain('the old one is dead')
  expect(read('.firebreak-ignore')).toContain('..2099-01-31 it only reads packages')
  expect(code).toBe(0)
  expect(await run()).not.toContain('exit')
}, 120_000)

test('one `init` for all, of the home too; where it stands besides, in the history and elsewhere, is named', async () => {
  const password = drawn('pgpass', 20)
  writeFileSync(join(dir, 'home/.pgpass'), `db.kestrel-rentals.io:5432:shop:app:${password}\n`)
  git(checkout, 'add', 'scripts/domains.ts')
  git(checkout, '-c', 'user.name=ada', '-c', 'user.email=ada@shop.test', 'commit', '-qm', 'it')
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(dir, 'home'), NO_COLOR: '1' }
  const sources = ['checkout', 'history', 'home'].flatMap((source) => ['--only', source])
  const args = ['scan', checkout, ...sources, '--fix']
  const out = await firebreak(args, { env, cwd: dir })
  expect(out).not.toContain(password)
  expect(out.match(/^ +firebreak init .*$/gm)).toEqual([
    `       firebreak init --home --config ${checkout}/firebreak.yaml`,
  ])
  expect(out).toMatch(/with the `firebreak init` of \d: put it into custody as `railway`/)
  expect(out).toContain(`firebreak custody rotate shop --config ${checkout}/firebreak.yaml`)
  expect(out).toContain('it stays in the history of whoever has it: once it is dead, accept it')
  const person = openPerson('ada', { 'write this': 'y' })
  await person.types(init, ['--home', '--config', join(checkout, 'firebreak.yaml')])
  expect(readFileSync(join(dir, 'home/.pgpass'), 'utf8')).toContain('fbk_')
  const after = await firebreak(args, { env, cwd: dir })
  expect(after).not.toContain('a credential of postgres')
  expect(after).toContain('in the history, commit')
}, 120_000)

test('a person who leaves each has changed nothing', async () => {
  const before = read('scripts/domains.ts')
  const { said, code } = await openPerson('ada').types(scan, [checkout, '--fix', ...options()])
  expect(code).toBe(1)
  expect(said).toContain('leave it (Enter)?')
  expect(read('scripts/domains.ts')).toBe(before)
  expect(await run()).toContain('this token can delete production')
})

test('without `--live` nobody is asked, and the commands are the same', async () => {
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const file = join(checkout, 'scripts/domains.ts')
  writeFileSync(
    file,
    read('scripts/domains.ts').replace(new URL(railway.url).host, `127.0.0.1:${port}`),
  )
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(dir, 'home'), NO_COLOR: '1' }
  const out = await firebreak(['scan', checkout, '--only', 'checkout', '--fix'], { env, cwd: dir })
  server.close()
  expect(asked).toBe(0)
  expect(out).toContain(`firebreak custody rotate railway --config ${checkout}/firebreak.yaml`)
  expect(out).toContain('then start Firebreak, and look again:')
  expect(out).toContain('exit 1')
})

test.each([
  [['--fix', '--staged'], 'leave `--staged` out'],
  [['--config', 'x.yaml'], 'goes with `--live` or `--fix`'],
])('%j is a slip', async (args, text) => {
  expect(await firebreak(['scan', checkout, ...args])).toMatch(
    new RegExp(`${text.replaceAll('`', '.')}[\\s\\S]*exit 2`),
  )
})
