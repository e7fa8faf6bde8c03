/**
 * `npm run soak:postgres [seconds]`: a thousand idle sessions and two hundred that work, for a minute, three times; then the client,
 * the database and the gateway gone in the middle of it. Ends with 1 where anything leaks, fails or is half done.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { Session, columns, send } from '../test/postgres/differential-wire.ts'
import { everything, openGate } from '../test/postgres/gate.ts'
import { apart } from '../test/postgres/gate-process.ts'

const seconds = Number(process.argv[2] ?? 60)
const idleSessions = 1000
const activeSessions = 200
const accounts = 2000

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const wrong: string[] = []
function check(holds: boolean, what: string): void {
  say(`${holds ? 'ok    ' : 'WRONG '} ${what}`)
  if (!holds) wrong.push(what)
}

const gate = await openGate({
  sql: `CREATE TABLE account (id int PRIMARY KEY, amount int NOT NULL);
INSERT INTO account SELECT g, 100 FROM generate_series(1, ${accounts}) g;
CREATE TABLE line (id int, text text);`,
  conf: ['max_connections = 1400', 'shared_buffers = 256MB'],
})
const grant = await gate.people.mint('agent:soak', { ...everything, rows: 100_000_000 })
const alone = await apart(gate)
try {
  await soak()
  await clientsGone()
  await killed('the database killed under load', async () => {
    await gate.cluster.kill()
    await gate.cluster.start()
  })
  await gatewayKilled()
} finally {
  await alone.kill()
  await gate.close()
}
say(wrong.length === 0 ? 'nothing wrong' : `${wrong.length} wrong`)
process.exitCode = wrong.length === 0 ? 0 : 1

async function soak(): Promise<void> {
  await round(20, 20, Math.min(3, seconds))
  const rest = await rested(0)
  say(`at rest ${told(rest)}`)
  const after: Measured[] = []
  for (const nth of [1, 2, 3]) {
    const { done, errors, peak } = await round(idleSessions, activeSessions, seconds)
    say(
      `round ${nth}: ${done} statements, ${Math.round(done / seconds)}/s; at the end ${told(peak)}`,
    )
    check(errors.length === 0, `no error in round ${nth} ${errors.slice(0, 3).join('; ')}`)
    const now = await rested(rest.files)
    after.push(now)
    say(`after it ${told(now)}`)
    check(now.files <= rest.files + 5, `files and sockets are given back (${rest.files} before)`)
  }
  const [, second, third] = after
  if (second !== undefined && third !== undefined)
    check(
      third.megabytes < second.megabytes * 1.1 + 20,
      'the third round leaves no more memory than the second',
    )
}

interface Round {
  readonly done: number
  readonly errors: readonly string[]
  readonly peak: Measured
}

async function round(idle: number, active: number, lasts: number): Promise<Round> {
  const sleepers: Session[] = []
  const errors: string[] = []
  for (let at = 0; at < idle; at += 25)
    sleepers.push(...(await Promise.all(Array.from({ length: Math.min(25, idle - at) }, open))))
  const until = performance.now() + lasts * 1000
  const works = await Promise.all(
    Array.from({ length: active }, (_, nth) => work(nth, () => performance.now() < until, errors)),
  )
  const peak = measure(alone.pid())
  for (const sleeper of sleepers) {
    sleeper.write(send.query('SELECT 1'))
    const answer = await sleeper.until('Z')
    if (answer.map(({ type }) => type).join('') !== 'TDCZ') errors.push('an idle session has gone')
    await sleeper.end()
  }
  return { done: works.reduce((sum, done) => sum + done, 0), errors, peak }
}

async function open(): Promise<Session> {
  const login = { port: gate.port(), user: 'agent', database: 'shop', password: grant }
  const { session, frames } = await Session.open(login)
  if (frames.at(-1)?.type !== 'Z') throw new Error('a session was not let in')
  return session
}

/** Reads, and moves one from an account to another in a transaction: the sum stays whatever happens. */
async function work(nth: number, goes: () => boolean, errors: string[]): Promise<number> {
  const session = await open().catch(() => null)
  if (session === null) return errors.push('a session was not let in') * 0
  const ask = async (bytes: Buffer): Promise<boolean> => {
    session.write(bytes)
    const answer = await session.until('Z')
    const bad = answer.at(-1)?.type !== 'Z' || answer.some(({ type }) => type === 'E')
    if (bad)
      errors.push(
        answer.map(({ type, body }) => (type === 'E' ? body.toString('utf8') : type)).join(' '),
      )
    return !bad
  }
  let done = 0
  let turn = nth
  for (; goes(); turn += activeSessions) {
    // Those that work at a time have accounts of their own, in one order: none waits for another in a circle.
    const from = ((turn * 2) % accounts) + 1
    const read = Buffer.concat([
      send.parse('', 'SELECT amount FROM account WHERE id = $1'),
      send.bind('', '', [String(from)]),
      send.execute(''),
      send.sync(),
    ])
    const steps = [
      read,
      send.query('BEGIN'),
      send.query(`UPDATE account SET amount = amount - 1 WHERE id = ${from}`),
      send.query(`UPDATE account SET amount = amount + 1 WHERE id = ${from + 1}`),
      send.query('COMMIT'),
    ]
    for (const step of steps) {
      if (!(await ask(step))) return done
      done += 1
    }
  }
  await session.end()
  return done
}

interface Measured {
  readonly megabytes: number
  readonly files: number
}

function measure(pid: number): Measured {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? 0)
  return {
    megabytes: Math.round(kilobytes / 1024),
    files: readdirSync(`/proc/${pid}/fd`).length,
  }
}

function told({ megabytes, files }: Measured): string {
  return `${megabytes} MB, ${files} files`
}

/** As it is when its sessions have ended: at most ten seconds later. */
async function rested(files: number): Promise<Measured> {
  for (let tries = 0; tries < 20; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const now = measure(alone.pid())
    if (files > 0 && now.files <= files + 5) return now
  }
  return measure(alone.pid())
}

async function number(sql: string): Promise<number> {
  const login = { port: gate.cluster.port, user: 'postgres', database: 'shop' }
  const { session } = await Session.open(login)
  session.write(send.query(sql))
  const answer = await session.until('Z')
  await session.end()
  const row = answer.find(({ type }) => type === 'D')
  return Number(row === undefined ? Number.NaN : columns(row.body)[0])
}

async function whole(): Promise<boolean> {
  return (await number('SELECT sum(amount) FROM account')) === accounts * 100
}

async function clientsGone(): Promise<void> {
  const clients = await Promise.all(Array.from({ length: 100 }, open))
  for (const client of clients) {
    client.write(send.query('COPY line FROM STDIN'))
    await client.until('G')
    client.write(send.copyData('1\tnever\n'))
  }
  for (const client of clients) client.cut()
  let left = clients.length
  for (let tries = 0; tries < 50 && left > 0; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    left = await number(
      `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY line%' AND pid <> pg_backend_pid()`,
    )
  }
  check(left === 0, '100 clients gone in the middle of COPY leave no session behind')
  check(gate.cluster.sql('SELECT count(*) FROM line', 'shop') === '0\n', 'and no row')
}

/** Works while `kill` does its own; every session may end, none may have done half. */
async function killed(what: string, kill: () => Promise<void>): Promise<void> {
  let going = true
  const works = Promise.all(Array.from({ length: 50 }, (_, nth) => work(nth, () => going, [])))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await kill()
  going = false
  const done = (await works).reduce((sum, one) => sum + one, 0)
  check(done > 0 && (await whole()), `${what}: no half of a transaction is there`)
  const errors: string[] = []
  let once = true
  await work(1, () => once && !(once = false), errors)
  check(errors.length === 0, `${what}: the next session works ${errors.join('; ')}`)
}

async function gatewayKilled(): Promise<void> {
  const holder = await open()
  holder.write(send.query('GRANT SELECT ON account TO PUBLIC'))
  const told = (await holder.until('Z')).map(({ body }) => body.toString('utf8')).join()
  const id = /hold_\w+/u.exec(told)?.[0] ?? ''
  await killed('the gateway killed under load, and while it holds', async () => {
    await alone.kill()
    await alone.up()
  })
  const holds = JSON.stringify(await gate.people.call('hold-list', { all: false, by: 'ada' }))
  check(id !== '' && holds.includes(id), 'the hold is there after')
  const ledger = JSON.stringify(await gate.people.call('ledger-verify'))
  check(ledger.includes('"ok":true'), 'the ledger verifies')
}
