/** `firebreak protect` on real servers: what it says is possible, what it says it would take, and what there is afterwards. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { codeAt, stepAt } from '../src/approvals/totp.ts'
import { readConfig } from '../src/app/config.ts'
import { fromBase32 } from '../src/app/rehearse.ts'
import { serve } from '../src/app/serve.ts'
import { callControl } from '../src/app/socket.ts'
import { command } from '../src/cli/protect.ts'
import { FirebreakError } from '../src/base/error.ts'
import type { Io } from '../src/cli/io.ts'
import { freePort } from './free-port.ts'
import { startCluster } from './postgres/cluster.ts'
import type { Cluster } from './postgres/cluster.ts'

const password = 'the real one'
let cluster: Cluster
let dir: string
let home: string
const store = (): string => join(home, 'disk', 'vault')
const config = (): string => join(home, 'firebreak.yaml')
const access = (): string => join(cluster.dataDir, 'pg_hba.conf')
let openAccess = ''

beforeAll(async () => {
  const user = (name: string, may = '') => ({ name, password, how: 'scram-sha-256' as const, may })
  cluster = await startCluster({
    users: [user('keeper'), user('walker', 'REPLICATION'), user('stranger')],
    conf: ['fsync = on', 'full_page_writes = on', 'max_wal_senders = 1'],
  })
  cluster.sql('CREATE DATABASE shop OWNER keeper')
  cluster.sql(
    `CREATE TABLE customers (id int PRIMARY KEY, name text);
INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 800) g;
ALTER TABLE customers OWNER TO keeper;`,
    'shop',
  )
  openAccess = readFileSync(access(), 'utf8')
  dir = mkdtempSync(join(tmpdir(), 'firebreak-protect-'))
}, 60_000)
afterAll(async () => {
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  home = mkdtempSync(join(dir, 'home-'))
  mkdirSync(join(home, 'disk'))
})

interface Person {
  /** What is asked, and what the person answers. */
  readonly answers?: (question: string) => Promise<string>
  readonly secret?: string
}

/** Runs it as a person does, on a terminal where there are answers; all that it said, and how it ended. */
async function protect(
  args: readonly string[],
  { answers, secret = password }: Person = {},
): Promise<{ readonly said: string; readonly code: number | string; readonly hint: string }> {
  const lines: string[] = []
  const say = (line: string): void => void lines.push(line)
  const io: Io = {
    json: false,
    quiet: false,
    color: false,
    interactive: answers !== undefined,
    say,
    give: () => undefined,
    note: say,
    live: null,
    ask: async (question) =>
      answers === undefined ? null : await answers(`${lines.join('\n')}\n${question}`),
    readStdin: async () => await Promise.resolve(''),
  }
  process.env['PGPASSWORD'] = secret
  try {
    const code = await command.run([...args, '--config', config()], io)
    return { said: lines.join('\n'), code, hint: '' }
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError)) throw thrown
    return {
      said: [...lines, thrown.message].join('\n'),
      code: thrown.code,
      hint: thrown.hint ?? '',
    }
  } finally {
    delete process.env['PGPASSWORD']
  }
}

const url = (user: string, database = 'shop'): string =>
  `postgres://${user}@127.0.0.1:${cluster.port}/${database}`

/** Enrols herself where she is asked to; each code is the next one. */
function ada(): Person {
  let last = 0
  const answers = async (so: string): Promise<string> => {
    if (so.endsWith('Your name: ')) return 'ada'
    const secret = fromBase32(/secret=([A-Z2-7]+)/.exec(so)?.[1] ?? '')
    last = Math.max(last + 1, stepAt(Date.now()) - 1)
    return await Promise.resolve(codeAt(secret, last))
  }
  return { answers }
}

async function again(): Promise<void> {
  // What is not on the disk yet a crash takes: the servers of tests do not wait for it.
  cluster.sql('CHECKPOINT')
  await cluster.kill()
  await cluster.start()
}

test('what it would take makes it possible, line by line', async () => {
  writeFileSync(access(), openAccess.replaceAll('all,replication', 'all'))
  await again()
  const before = await protect([url('keeper'), '--dry-run'])
  expect(before.code).toBe(0)
  expect(before.said).toMatch(
    /^shop at 127\.0\.0\.1:\d+: PostgreSQL 15\.\d+, \d\.\d MB, as `keeper`$/m,
  )
  expect(before.said).toMatch(/^logical: yes$/m)
  const takes = /^physical: no; it would take\n((?: {2}.*\n)+)/m.exec(before.said)?.[1] ?? ''
  for (const line of takes.trim().split('\n')) {
    const hba = /this line, before others of its kind: (.*)/.exec(line)?.[1]
    if (hba !== undefined) writeFileSync(access(), `${hba}\n${readFileSync(access(), 'utf8')}`)
    for (const statement of line.replace(/ -- .*/, '').split('; ')) cluster.sql(statement, 'shop')
  }
  expect(takes).toContain('host replication keeper 127.0.0.1/32 scram-sha-256')
  await again()
  expect((await protect([url('keeper'), '--dry-run'])).said).toMatch(/^physical: yes$/m)
  expect(existsSync(config())).toBe(false)
}, 60_000)

test('where replication stays refused, the functions it names make it possible over SQL', async () => {
  const there = readFileSync(access(), 'utf8')
  writeFileSync(access(), openAccess.replaceAll('all,replication', 'all'))
  cluster.sql('SELECT pg_reload_conf()')
  const before = await protect([url('keeper'), '--dry-run'])
  const [, grant = ''] =
    /^or, in place of that file's line, .* over SQL\n {2}(GRANT .*;) {3}-- in "shop"$/m.exec(
      before.said,
    ) ?? []
  cluster.sql(grant, 'shop')
  const after = await protect([url('keeper'), '--dry-run'])
  expect(after.said).toMatch(
    /^physical: yes\n {2}over SQL, since pg_hba\.conf refuses replication: .* host replication keeper 127\.0\.0\.1\/32 scram-sha-256$/m,
  )
  expect(after.code).toBe(0)
  const taken = await protect([url('keeper'), '--store', store()], ada())
  expect(taken.said).toMatch(/^passed: 1 tables, 800 rows, the same as they were$/m)
  expect(taken.said).toMatch(/^you have: physical, every byte of WAL/m)
  expect(taken.code).toBe(0)
  cluster.sql(`SELECT pg_drop_replication_slot('firebreak_shop')`)
  writeFileSync(access(), there)
  cluster.sql('SELECT pg_reload_conf()')
}, 120_000)

test('a first point of every byte of WAL: from a URL to a restore that was tried', async () => {
  const { said, code } = await protect([url('keeper'), '--store', store()], ada())
  expect(said).toMatch(/^base_\w+: shop, .* MB, read back and whole$/m)
  expect(said).toMatch(/^passed: 1 tables, 800 rows, the same as they were$/m)
  expect(said).toMatch(/^you have: physical, every byte of WAL/m)
  expect(said).toMatch(/^grade V1: /m)
  expect(code).toBe(0)
  expect(readConfig(config()).vault?.databases['shop']?.engine).toBe('physical')
  cluster.sql(`SELECT pg_drop_replication_slot('firebreak_shop')`)
}, 120_000)

test('secret-stays: a first copy by plain SQL; the password is in no file and was never said', async () => {
  const { said, code } = await protect(
    [
      url('keeper').replace('@', `:${encodeURIComponent(password)}@`),
      '--store',
      store(),
      '--engine',
      'logical',
      '--name',
      'till',
    ],
    { ...ada(), secret: 'another' },
  )
  expect(said).toMatch(/^you have: logical, a copy every 6 h, a drill a week$/m)
  expect(said).toMatch(/^at most lost: 6 h of work; a restore took \d+ m?s$/m)
  expect(said).toMatch(/the password stood on the command line/)
  expect(code).toBe(0)
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  )
  expect(files.length).toBeGreaterThan(5)
  for (const { parentPath, name } of files)
    expect(readFileSync(join(parentPath, name)).includes(password), name).toBe(false)
  expect(said).not.toContain(password)
  const again = await protect([url('keeper')])
  expect(again.said).toMatch(/a password is in custody already/)
  expect(again.said).toMatch(/^point_\w+: till/m)
  expect(again.code).toBe(0)
}, 120_000)

test('what a person wrote stays byte for byte, and where it cannot be put in surely, the lines are shown', async () => {
  const other =
    '# ours\nversion: 1\ntargets:\n  other: { platform: postgres, url: postgres://x@db/other } # theirs\n'
  writeFileSync(config(), other, { mode: 0o640 })
  const { said, code } = await protect([url('keeper'), '--store', store(), '--engine', 'logical'])
  expect(code).toBe(1)
  expect(said).toMatch(/^nobody is enrolled who could hand a credential over/m)
  expect(readFileSync(config(), 'utf8').startsWith(other)).toBe(true)
  expect(statSync(config()).mode & 0o777).toBe(0o640)
  const flow = '{ version: 1, targets: {} }\n'
  writeFileSync(config(), flow)
  const shown = await protect([url('keeper'), '--store', store(), '--engine', 'logical'])
  expect(shown.code).toBe(1)
  expect(shown.said).toMatch(
    /put these lines in, then run this again\n {2}targets:\n {4}shop:\n {6}platform: postgres/,
  )
  expect(readFileSync(config(), 'utf8')).toBe(flow)
}, 60_000)

test.each<[string, () => readonly string[], number | string, RegExp]>([
  [
    'no URL',
    () => ['shop', '--store', store()],
    'bad_input',
    /`URL` must be `postgres:\/\/USER@HOST:5432\/DATABASE`/,
  ],
  [
    'nobody answers',
    () => ['postgres://keeper@127.0.0.1:1/shop'],
    'not_reachable',
    /`127.0.0.1:1` cannot be reached: .*ECONNREFUSED/,
  ],
  ['a role that is not there', () => [url('nobody')], 'not_reachable', /does not let `nobody` in/],
  [
    'a database that is not there',
    () => [url('keeper', 'none')],
    'not_reachable',
    /has no database `none`: database "none" does not exist/,
  ],
  [
    'no store',
    () => [url('keeper')],
    'bad_input',
    /recovery points need a place: `--store FOLDER`/,
  ],
  [
    'a disk that is not mounted',
    () => [url('keeper'), '--store', join(home, 'not', 'there')],
    'bad_input',
    /there is no folder `.*not` to make the vault in/,
  ],
  [
    'a store that is a file',
    () => [url('keeper'), '--store', config().replace('firebreak.yaml', 'file/vault')],
    'bad_input',
    /is no folder/,
  ],
  [
    'a store in the data folder',
    () => [url('postgres'), '--store', join(cluster.dataDir, 'vault')],
    'bad_input',
    /grade V0/,
  ],
  [
    'a store that others may empty',
    () => [url('keeper'), '--store', join(home, 'shared')],
    'bad_config',
    /may be written to by others/,
  ],
  [
    'no such engine',
    () => [url('keeper'), '--store', store(), '--engine', 'files'],
    'bad_input',
    /`--engine` is/,
  ],
  [
    'a name that is no name',
    () => [url('keeper'), '--store', store(), '--name', 'Not a name'],
    'bad_input',
    /`--name` must be lower case/,
  ],
  [
    'authorities that are not there',
    () => [url('keeper'), '--ca', join(home, 'ca.pem')],
    'bad_input',
    /`--ca` cannot be read/,
  ],
  [
    'an unknown option',
    () => [url('keeper'), '--storage', 'x'],
    'bad_input',
    /Unknown option '--storage'/,
  ],
])('one clear line: %s', async (_, args, code, line) => {
  mkdirSync(join(home, 'shared'))
  chmodSync(join(home, 'shared'), 0o777)
  writeFileSync(join(home, 'file'), '')
  const told = await protect(args())
  expect(told.said).toMatch(line)
  expect(told.code).toBe(code)
  expect(existsSync(config())).toBe(false)
})

test.each<[string, string]>([
  ['a lone per cent sign', `postgres://keeper:${password.replaceAll(' ', '')}%@127.0.0.1/shop`],
  ['a slash in it', `postgres://keeper:${password.replaceAll(' ', '')}/x@127.0.0.1/shop`],
  ['an at sign in it', `postgres://keeper:${password.replaceAll(' ', '')}@x@127.0.0.1/shop`],
  ['another protocol', `mysql://keeper:${password.replaceAll(' ', '')}@127.0.0.1/shop`],
  [
    'a server that refuses it',
    `postgres://stranger:${password.replaceAll(' ', '')}@127.0.0.1:PORT/shop`,
  ],
])('secret-stays: no error shows the password of a URL: %s', async (_, text) => {
  const { said, hint, code } = await protect([text.replace('PORT', String(cluster.port))])
  expect(code).toMatch(/bad_input|not_reachable/)
  expect(`${said}${hint}`).not.toContain('therealone')
})

test('the answer of a server is text, whatever it holds', async () => {
  const evil = 'sh"op\u001b[2J\nphysical: yes'
  const name = `"${evil.replaceAll('"', '""')}"`
  cluster.sql(`CREATE DATABASE ${name} OWNER keeper`)
  cluster.sql(`CREATE TABLE ${name} (id int)`, evil)
  const at = encodeURIComponent(evil)
  const { said, code } = await protect([url('keeper', at), '--dry-run', '--store', store()])
  expect(code).toBe(1)
  expect(said).toContain(String.raw`it cannot read public."sh""op\u{1b}[2J\u{a}physical: yes"`)
  expect(said).not.toContain('\u001b')
  expect(said).not.toMatch(/^physical: yes$/m)
})

test('rows and tables that the role cannot read are named, with what would let it', async () => {
  cluster.sql(
    `CREATE TABLE secret (id int); CREATE TABLE mine (id int); ALTER TABLE mine OWNER TO keeper;
ALTER TABLE mine ENABLE ROW LEVEL SECURITY; ALTER TABLE mine FORCE ROW LEVEL SECURITY;`,
    'shop',
  )
  const { said, code } = await protect([url('keeper'), '--dry-run'])
  expect(said).toContain('GRANT pg_read_all_data TO "keeper";   -- it cannot read public.secret')
  expect(said).toContain(
    'ALTER ROLE "keeper" BYPASSRLS;   -- rows may be hidden from it in public.mine',
  )
  expect(code).toBe(0)
  expect((await protect([url('keeper'), '--store', store(), '--engine', 'logical'])).code).toBe(1)
  cluster.sql('GRANT pg_read_all_data TO keeper; ALTER ROLE keeper BYPASSRLS')
  expect((await protect([url('keeper'), '--dry-run'])).said).toMatch(/^logical: yes$/m)
})

test('a Firebreak that runs keeps the database too, when it has been started with it and the change is accepted', async () => {
  writeFileSync(
    config(),
    `version: 1\nlisten: 127.0.0.1:0\npostgres: { listen: 127.0.0.1:${await freePort()} }\ntargets:\n  other: { platform: postgres, url: postgres://x@127.0.0.1/other, tls: off }\n`,
  )
  let running = await serve(readConfig(config()), () => undefined)
  try {
    const socket = join(home, '.firebreak', 'control.sock')
    const begun = await callControl(socket, 'approver-enrol', { name: 'ada', role: 'admin' })
    const secret = fromBase32(/secret=([A-Z2-7]+)/.exec(JSON.stringify(begun))?.[1] ?? '')
    const code = (back: number): string => codeAt(secret, stepAt(Date.now()) - back)
    await callControl(socket, 'approver-confirm', { name: 'ada', code: code(1) })
    const args = [url('keeper'), '--store', store(), '--engine', 'logical']
    const unknown = await protect(args)
    expect(unknown.code).toBe('wrong_state')
    expect(unknown.said).toMatch(/the Firebreak that runs does not know `shop` yet/)
    await running.stop()
    running = await serve(readConfig(config()), () => undefined)
    let asked = 0
    const answers = async (so: string): Promise<string> => {
      asked += 1
      return await Promise.resolve(so.endsWith('approver: ') ? 'ada' : code(0))
    }
    const done = await protect(args, { answers })
    expect(done.said).toMatch(/^changed: targets\.shop\.platform: nothing → "postgres"$/m)
    expect(done.said).toMatch(/^point_\w+: shop/m)
    expect(done.said).toMatch(/^next: firebreak vault$/m)
    expect(done.code).toBe(0)
    expect(asked).toBe(2)
    expect(running.firebreak.isStopped()).toBe(null)
  } finally {
    await running.stop()
  }
}, 120_000)
