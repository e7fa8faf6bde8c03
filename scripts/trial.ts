/**
 * `npm run trial`: what a new user does, with the packed package in an empty home, at a terminal, before a sample shop:
 * `npx … init`, `up`, a blocked call, a day of 300 calls, `uninstall`. Says how long each took; ends with 1 where anything is not as it should be.
 * `--write` types what was on the screen into the README and docs/init.md, between their marks.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kestrel, startKestrel } from '../sim/tenant.ts'
import { codeAt, stepAt } from '../src/approvals/totp.ts'
import { fromBase32 } from '../src/app/rehearse.ts'
import { startCluster } from '../test/postgres/cluster.ts'
import { databaseUrl, git, writeShop } from '../test/setup/sample-shop.ts'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)
const dir = mkdtempSync(join(tmpdir(), 'firebreak-trial-'))
const [home, shop] = [join(dir, 'home'), join(dir, 'shop')]
mkdirSync(home)
const bin = join(root, 'node_modules/node/bin')
const env = { ...process.env, HOME: home, PATH: `${bin}:${process.env['PATH'] ?? ''}` }
const typed = join(home, '.firebreak/bin/firebreak')
const faults: string[] = []
/** What was on the screen, for the docs. */
const screen: string[] = []
const times: string[] = []
/** Ada's authenticator: what it was given, and the step of its last code. */
let secret: Uint8Array = new Uint8Array()
let last = 0

const password = 'k3pt-from-agents-9'
const cluster = await startCluster({ users: [{ name: 'app', password, how: 'scram-sha-256' }] })
cluster.sql('CREATE DATABASE shop OWNER app')
cluster.sql(
  `CREATE TABLE customers (id int PRIMARY KEY, name text);
INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 800) g;
ALTER TABLE customers OWNER TO app;`,
  'shop',
)
const platform = await startKestrel({ dir: join(dir, 'platform') })
let up: ChildProcess | null = null
try {
  writeShop(shop, {
    database: databaseUrl(password, cluster.port),
    railway: platform.url,
    token: platform.token(kestrel.tokens.domains),
  })
  const before = readFileSync(join(shop, '.env'), 'utf8')
  execFileSync('npm', ['pack', '--silent', '--pack-destination', dir], { cwd: root, env })
  const tarball = join(dir, `firebreak-${version()}.tgz`)

  const begun = performance.now()
  shown('npx firebreak init', await atTerminal(`npx -y -p ${tarball} firebreak init`))
  say('npx, found, shown, signed, written', begun)
  up = spawn(typed, ['up'], { cwd: shop, env, stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => up?.stdout?.once('data', resolve))
  const url = /^DATABASE_URL=(.*)$/m.exec(readFileSync(join(shop, '.env'), 'utf8'))?.[1] ?? ''
  for (let tries = 0; tries < 40 && !(await psql(url, 'SELECT 1')).ok; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 250))
  const dropped = await psql(url, 'DROP TABLE customers')
  shown('firebreak up', '')
  shown(
    `psql "$DATABASE_URL" -c 'DROP TABLE customers'`,
    dropped.said.replace(/^Command failed.*\n/, ''),
  )
  must(!dropped.ok && dropped.said.includes('Firebreak holds DROP TABLE'), 'DROP TABLE is held')
  say('to a blocked call, in all', begun)
  const rows = cluster.sql('SELECT count(*) FROM customers', 'shop').trim()
  must(rows === '800', 'all rows are there')

  const day = performance.now()
  const held = [...(await commands()), ...(await statements(url)), ...(await calls())]
  for (const each of held) must(false, `not asked about: ${each}`)
  say('300 ordinary calls', day)
  up.kill('SIGINT')
  await new Promise((resolve) => up?.once('exit', resolve))
  up = null

  const left = performance.now()
  shown('firebreak uninstall', await atTerminal(`${typed} uninstall`))
  say('taken away', left)
  must(git(shop, 'status', '--short') === '', '`git status` is clean')
  must(readFileSync(join(shop, '.env'), 'utf8') === before, '`.env` is as it was')
  const trace = execFileSync('find', [home, '-type', 'f', '-not', '-path', '*/.npm/*'], {
    encoding: 'utf8',
  })
  must(trace === '', `nothing is left in the home: ${trace}`)
} finally {
  up?.kill('SIGKILL')
  await platform.close()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
}
process.stdout.write(faults.length === 0 ? 'as it should be\n' : `${faults.join('\n')}\n`)
if (process.argv.includes('--write') && faults.length === 0) write()
process.exitCode = faults.length === 0 ? 0 : 1

function version(): string {
  const body: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return body.version
}

function say(what: string, since: number): void {
  times.push(`${((performance.now() - since) / 1000).toFixed(0)} s  ${what}`)
  process.stdout.write(`${times.at(-1)}\n`)
}

function must(holds: boolean, what: string): void {
  if (!holds) faults.push(`NOT: ${what}`)
}

/** A command and its answer, without what is of this run alone: folders, ports, the picture of a secret. */
function shown(command: string, heard: string): void {
  const lines = heard
    .replaceAll('\r', '')
    .replaceAll(shop, '~/shop')
    .replaceAll(home, '~')
    .replaceAll(join(bin, 'node'), 'node')
    .replaceAll(`[::ffff:127.0.0.1]:${cluster.port}`, 'db.shop.io:5432')
    .replaceAll(`::ffff:7f00:1:${cluster.port}`, 'db.shop.io:5432')
    .replaceAll(platform.url, 'https://backboard.railway.com')
    .replace(/(secret=)[A-Z2-7]+/g, '$1…')
    .replace(/hold_\w+/g, 'HOLD')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/[█▀▄]|^npm (warn|notice)/.test(line))
  screen.push(`$ ${command}`, ...folded(lines))
}

/** Of a file that is new, its name and how long it is. */
function folded(lines: readonly string[]): readonly string[] {
  const kept: string[] = []
  let many = -1
  for (const line of [...lines, '']) {
    if (many >= 0 && /^(\+(?!\+\+)|@@)/.test(line)) {
      many += line.startsWith('+') ? 1 : 0
      continue
    }
    if (many >= 0) kept.push(`… ${many} lines`)
    many = /^\+\+\+ .* \(new\)$/.test(line) ? 0 : -1
    if (line !== '') kept.push(line)
  }
  return kept
}

function write(): void {
  const day = new Date().toISOString().slice(0, 10)
  const blocks: readonly (readonly [string, string, readonly string[]])[] = [
    ['README.md', 'text', screen],
    ['docs/init.md', 'text', [...times, `as it should be (${day})`]],
  ]
  for (const [name, kind, lines] of blocks) {
    const file = join(root, name)
    const text = readFileSync(file, 'utf8')
    const block = `<!-- trial -->\n\`\`\`${kind}\n${lines.join('\n')}\n\`\`\`\n<!-- end of trial -->`
    writeFileSync(
      file,
      text.replace(/<!-- trial -->[\s\S]*?<!-- end of trial -->/, () => block),
    )
  }
}

/** Types for a person with an authenticator, at a real terminal that `script` (util-linux) gives. */
async function atTerminal(command: string): Promise<string> {
  const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: shop, env })
  let [heard, answered] = ['', 0]
  child.stdout.on('data', (part: Buffer) => {
    // eslint-disable-next-line no-control-regex
    heard += part.toString('utf8').replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    const answer = answerTo(heard.slice(answered))
    if (answer === null) return
    answered = heard.length
    child.stdin.write(`${answer}\n`)
  })
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error(`\`${command}\` ended with ${code}:\n${heard.slice(-2000)}`)
  return heard

  function answerTo(asked: string): string | null {
    // The shop's own application goes on with its password: that is another trial.
    if (/rotate `[^\n]*\[y\/N\] $/.test(asked)) return 'n'
    if (asked.endsWith('[y/N] ')) return 'y'
    if (/(name|approver): $/.test(asked)) return 'ada'
    return /code[^\n]*: $/.test(asked) ? nextCode(heard) : null
  }
}

function nextCode(heard: string): string {
  const told = /secret=([A-Z2-7]+)/.exec(heard)?.[1]
  if (told !== undefined) secret = fromBase32(told)
  last = Math.max(last + 1, stepAt(Date.now()) - 1)
  return codeAt(secret, last)
}

async function psql(url: string, text: string): Promise<{ ok: boolean; said: string }> {
  try {
    const { stdout } = await run('psql', [url, '-v', 'ON_ERROR_STOP=1', '-Atc', text], { env })
    return { ok: true, said: stdout }
  } catch (thrown) {
    return { ok: false, said: thrown instanceof Error ? thrown.message : '' }
  }
}

/** 260 commands through the hook that stands in Claude Code's settings, as it would send them. */
async function commands(): Promise<readonly string[]> {
  const rows = readFileSync(join(root, 'test/shell/day.tsv'), 'utf8').split('\n')
  const all = rows.filter((row) => row !== '' && !row.startsWith('#')).slice(0, 260)
  const text = readFileSync(join(shop, '.claude/settings.local.json'), 'utf8')
  const settings: { hooks: { PreToolUse: { hooks: { command: string }[] }[] } } = JSON.parse(text)
  const hook = settings.hooks.PreToolUse[0]?.hooks[0]?.command ?? 'exit 1'
  const held: string[] = []
  for (const row of all) {
    const command = row.replaceAll('⏎', '\n')
    const payload = {
      session_id: 's',
      transcript_path: '/tmp/t',
      cwd: shop,
      permission_mode: 'default',
      hook_event_name: 'PreToolUse',
      tool_name: 'Bash',
      tool_input: { command },
      tool_use_id: 't',
    }
    const asked = run('sh', ['-c', hook], { cwd: shop, env })
    asked.child.stdin?.end(JSON.stringify(payload))
    const said = await asked.then(
      ({ stdout }) => stdout,
      () => 'it failed',
    )
    if (said !== '') held.push(command)
  }
  return held
}

async function statements(url: string): Promise<readonly string[]> {
  const all = [
    'SELECT count(*) FROM customers',
    'SELECT * FROM customers WHERE id = 5',
    "INSERT INTO customers VALUES (90001, 'x')",
    "UPDATE customers SET name = 'y' WHERE id = 90001",
    'SELECT max(id) FROM customers',
    'EXPLAIN SELECT * FROM customers',
    "BEGIN; UPDATE customers SET name = 'z' WHERE id = 90001; COMMIT",
    'CREATE INDEX IF NOT EXISTS names ON customers (name)',
    'SELECT now()',
    'DELETE FROM customers WHERE id = 90001',
  ]
  const held: string[] = []
  for (const text of [...all, ...all, ...all]) if (!(await psql(url, text)).ok) held.push(text)
  return held
}

async function calls(): Promise<readonly string[]> {
  const held: string[] = []
  for (let nth = 0; nth < 10; nth += 1) {
    const { stdout } = await run('sh', ['scripts/domains.sh'], { cwd: shop, env })
    if (!stdout.includes('"data"')) held.push(`scripts/domains.sh: ${stdout}`)
  }
  return held
}
