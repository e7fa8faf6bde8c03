/** Firebreak's own client against a real server: every way of asking, and every way of losing it. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { realChance, realTimer } from '../../src/app/world.ts'
import type { Timer } from '../../src/base/clock.ts'
import { Secret } from '../../src/base/secret.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import type { Client, Dial } from '../../src/gateways/postgres/client.ts'
import type { PostgresTarget } from '../../src/gateways/postgres/house.ts'
import type { Batch, Step } from '../../src/gateways/postgres/seam.ts'
import { joined } from '../../src/wire/postgres/frame.ts'
import { flush, query, sync } from '../../src/wire/postgres/front.ts'
import { writeStep } from '../../src/wire/postgres/step.ts'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'

let cluster: Cluster
const clients: Client[] = []

beforeAll(async () => {
  const user = { name: 'app', password: 'pw', how: 'scram-sha-256', may: 'SUPERUSER' } as const
  cluster = await startCluster({ tls: 'offered', users: [user] })
}, 60_000)
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})
afterAll(async () => await cluster.stop())

function target(change: Partial<PostgresTarget> = {}): PostgresTarget {
  const at = { host: '127.0.0.1', port: cluster.port, user: 'app', database: 'postgres' }
  return { name: 'db', ...at, tls: { kind: 'off' }, ...change }
}

async function open(change: Partial<Dial> = {}): Promise<Client> {
  const client = await openClient({
    target: target(),
    secret: new Secret('pw'),
    chance: realChance,
    timer: realTimer,
    connectMs: 10_000,
    ...change,
  })
  clients.push(client)
  return client
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const piece of bytes) all.push(piece)
  return Buffer.concat(all).toString()
}

const plain = (text: string): Batch => ({ kind: 'query', text, bytes: query(text) })

function extended(text: string, values: readonly string[], closes: 'sync' | 'flush'): Batch {
  const given = values.map((value) => Buffer.from(value))
  const steps: readonly Step[] = [
    { kind: 'parse', name: '', text, types: [] },
    { kind: 'bind', portal: '', statement: '', values: given, formats: [], results: [] },
    { kind: 'execute', portal: '', rows: 0 },
  ]
  const end = closes === 'sync' ? sync : flush
  return { kind: 'extended', steps, closes, bytes: joined([...steps.map(writeStep), end]) }
}

/** A session that waits on the server, where the server says so by now; nobody need be there when it ends badly. */
async function asleep(client: Client): Promise<{ readonly running: Promise<unknown> }> {
  const sleeps = `SELECT count(*) FROM pg_stat_activity WHERE pid = ${client.process} AND wait_event = 'PgSleep'`
  for (;;) {
    let isOver = false
    const running = client.ask('SELECT pg_sleep(60)')
    running.catch(() => (isOver = true))
    await expect.poll(() => isOver || cluster.sql(sleeps).trim() === '1').toBe(true)
    // The server signals the process and its group that it is cancelled: on a busy machine the second may come to what runs next.
    if (!isOver) return { running }
  }
}

/** Whether the session still does its work. */
async function works(client: Client): Promise<void> {
  expect(await client.ask('SELECT 1 AS one')).toEqual([{ one: '1' }])
}

describe('asking', () => {
  test('rows by name, nulls, values, no rows and no columns', async () => {
    const client = await open()
    expect(await client.ask(`SELECT NULL AS a, 'ä' AS "B c"`)).toEqual([{ a: null, 'B c': 'ä' }])
    expect(await client.ask('SELECT $1::text AS x, $2::int + 1 AS y', [null, '2'])).toEqual([
      { x: null, y: '3' },
    ])
    expect(await client.ask('SELECT FROM generate_series(1, 3)')).toEqual([{}, {}, {}])
    expect(await client.ask('SET application_name = x')).toEqual([])
    const [row] = await client.ask('SELECT pg_backend_pid() AS pid')
    expect(row?.['pid']).toBe(String(client.process))
  })

  test('over TLS with a verified certificate, and as what its start says', async () => {
    const ca = readFileSync(cluster.ca ?? '', 'utf8')
    const parameters = new Map([['application_name', 'firebreak']])
    const client = await open({
      target: target({ host: 'localhost', tls: { kind: 'verify', ca } }),
      parameters,
    })
    const [row] = await client.ask(
      `SELECT ssl, current_setting('application_name') AS name FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
    )
    expect(row).toEqual({ ssl: 't', name: 'firebreak' })
  })

  test('an error has its SQLSTATE and leaves the session, and a transaction its status', async () => {
    const client = await open()
    await expect(client.ask('SELECT 1/0')).rejects.toMatchObject({ code: '22012' })
    await expect(client.ask('SELECT $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' })
    expect(client.status).toBe('I')
    await client.ask('BEGIN')
    expect(client.status).toBe('T')
    await expect(client.ask('SELEC')).rejects.toMatchObject({ code: '42601' })
    expect(client.status).toBe('E')
    await client.ask('ROLLBACK')
    await works(client)
  })

  test('what is asked at once is answered in turn', async () => {
    const client = await open()
    const asked = Array.from({ length: 50 }, async (_, at) =>
      at % 7 === 3
        ? await client.ask('SELECT 1/0').catch(() => [{ n: 'no' }])
        : await client.ask('SELECT $1::int AS n', [String(at)]),
    )
    const answers = (await Promise.all(asked)).map(([row]) => row?.['n'])
    expect(answers).toEqual(Array.from({ length: 50 }, (_, at) => (at % 7 === 3 ? 'no' : `${at}`)))
  })

  test('notices, notifications and settings in between disturb nothing', async () => {
    const client = await open()
    await client.ask('LISTEN noise')
    await client.ask(`DO $$ BEGIN RAISE NOTICE 'hello'; PERFORM pg_notify('noise', 'x'); END $$`)
    cluster.sql(`NOTIFY noise, 'from another'`)
    await client.ask(`SET TimeZone = 'Asia/Tokyo'`)
    expect(
      await client.ask(`SELECT current_setting('TimeZone') AS zone FROM generate_series(1, 2)`),
    ).toEqual([{ zone: 'Asia/Tokyo' }, { zone: 'Asia/Tokyo' }])
  })

  test('a row of 50 MB comes whole; an answer without end is refused and the session lives', async () => {
    const client = await open()
    const [row] = await client.ask(`SELECT repeat('x', 50000000) AS x`)
    expect(row?.['x']?.length).toBe(50_000_000)
    await expect(
      client.ask(`SELECT repeat('x', 30000000) FROM generate_series(1, 10)`),
    ).rejects.toMatchObject({ code: 'too_large' })
    await works(client)
  }, 60_000)

  test('a COPY that was asked as a question is an error, not a wait', async () => {
    const client = await open()
    await client.ask('CREATE TEMP TABLE c (a int)')
    await expect(client.ask('COPY c FROM STDIN')).rejects.toMatchObject({ code: '57014' })
    await works(client)
  })

  test('a session whose text would be read otherwise is cut', async () => {
    const client = await open()
    await expect(client.ask(`SET client_encoding = 'LATIN1'`)).rejects.toMatchObject({
      code: 'not_reachable',
    })
  })
})

describe('COPY', () => {
  test('in and out are the same bytes, many megabytes of them', async () => {
    const client = await open()
    await client.ask('CREATE TEMP TABLE t (id int, x text)')
    const lines = Array.from({ length: 1000 }, (_, at) => `${at}\t${'ü'.repeat(10_000)}\n`)
    await client.copyIn('COPY t FROM STDIN', pieces(...lines))
    expect(await textOf(client.copyOut('COPY t TO STDOUT'))).toBe(lines.join(''))
    await works(client)
  }, 60_000)

  test('whoever stops in the middle leaves a session that works', async () => {
    const client = await open()
    for await (const piece of client.copyOut(
      `COPY (SELECT repeat('x', 1000) FROM generate_series(1, 100000)) TO STDOUT`,
    )) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
    await works(client)
  })

  test('bytes that break fail the statement, and their own fault is told', async () => {
    const client = await open()
    await client.ask('CREATE TEMP TABLE t (id int)')
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('1\n')
      throw new Error('the disk is gone')
    }
    await expect(client.copyIn('COPY t FROM STDIN', broken())).rejects.toThrow('the disk is gone')
    expect(await client.ask('SELECT FROM t')).toEqual([])
  })

  test('what the server refuses is its error, before and while the bytes go', async () => {
    const client = await open()
    await client.ask('CREATE TEMP TABLE t (id int)')
    const rows = Array.from({ length: 5000 }, () => 'x\n'.repeat(1000))
    await expect(client.copyIn('COPY t FROM STDIN', pieces(...rows))).rejects.toMatchObject({
      code: '22P02',
    })
    await expect(client.copyIn('COPY none FROM STDIN', pieces())).rejects.toMatchObject({
      code: '42P01',
    })
    await expect(textOf(client.copyOut('COPY none TO STDOUT'))).rejects.toMatchObject({
      code: '42P01',
    })
    await expect(
      textOf(client.copyOut('COPY (SELECT 1 / (3 - n) FROM generate_series(1, 5) n) TO STDOUT')),
    ).rejects.toMatchObject({ code: '22012' })
    await expect(client.copyIn('SELECT 1', pieces())).rejects.toThrow('wanted no data')
    await works(client)
  })
})

describe('running a stored batch', () => {
  test('simple: every tag, and the reply as the server sent it, without ReadyForQuery', async () => {
    const client = await open()
    const ran = await client.run(
      plain(`CREATE TEMP TABLE r (a int); INSERT INTO r VALUES (1), (2); DELETE FROM r; SELECT 7`),
    )
    expect(ran.tags).toEqual(['CREATE TABLE', 'INSERT 0 2', 'DELETE 2', 'SELECT 1'])
    expect(ran).toMatchObject({ error: null, overflow: false })
    const text = Buffer.from(ran.reply).toString('latin1')
    expect(text).toMatch(/^C.*CREATE TABLE.*T.*D.*7C.*SELECT 1\0$/s)
    await works(client)
  })

  test.each(['sync', 'flush'] as const)(
    'extended with its values, closed by %s',
    async (closes) => {
      const client = await open()
      const ran = await client.run(extended('SELECT $1::text || $2::text', ['a', 'b'], closes))
      expect(ran).toMatchObject({ tags: ['SELECT 1'], error: null })
      expect(Buffer.from(ran.reply).toString('latin1')).toContain('ab')
      expect(client.status).toBe('I')
      await works(client)
    },
  )

  test('an error is an answer', async () => {
    const client = await open()
    await client.ask('BEGIN')
    expect((await client.run(plain('SELECT 1; SELECT 1/0'))).error).toMatchObject({ code: '22012' })
    expect(client.status).toBe('E')
    await client.ask('ROLLBACK')
    const ran = await client.run(extended('SELECT $1::int', ['x'], 'sync'))
    expect(ran).toMatchObject({ tags: [], error: { code: '22P02' } })
    await works(client)
  })

  test.each(['simple', 'extended'])('a COPY that wants data fails, %s', async (how) => {
    const client = await open()
    await client.ask('CREATE TEMP TABLE c (a int)')
    const text = 'COPY c FROM STDIN'
    const ran = await client.run(how === 'simple' ? plain(text) : extended(text, [], 'sync'))
    expect(ran).toMatchObject({ tags: [], error: { code: '57014' } })
    await works(client)
  })

  test('of a long reply no more is kept than was said', async () => {
    const client = await open({ keptBytes: 1000 })
    const ran = await client.run(plain(`SELECT repeat('x', 100) FROM generate_series(1, 1000)`))
    expect(ran).toMatchObject({ tags: ['SELECT 1000'], overflow: true, reply: new Uint8Array(0) })
    await works(client)
  })
})

describe('losing it', () => {
  test('a server that is killed in the middle rejects what runs, what waits and what comes', async () => {
    const client = await open()
    const boss = await open()
    const { running } = await asleep(client)
    const waiting = client.ask('SELECT 1')
    const copying = textOf(client.copyOut('COPY (SELECT 1) TO STDOUT'))
    const all = Promise.allSettled([running, waiting, copying])
    const pid = String(client.process)
    await boss.ask('SELECT pg_terminate_backend($1::int)', [pid])
    for (const one of await all)
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'not_reachable' } })
    await expect(client.ask('SELECT 1')).rejects.toThrow('terminating connection')
    await expect(client.copyIn('COPY x FROM STDIN', pieces())).rejects.toThrow('is lost')
    await expect(client.run(plain('SELECT 1'))).rejects.toThrow('is lost')
  })

  test.each(['out', 'in'])(
    'killed in the middle of COPY %s',
    async (way) => {
      const client = await open()
      const boss = await open()
      const kill = async (): Promise<unknown> =>
        await boss.ask('SELECT pg_terminate_backend($1::int, 5000)', [String(client.process)])
      await client.ask('CREATE TEMP TABLE t (x text)')
      const endless = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; ; at += 1) {
          if (at === 10) await kill()
          yield Buffer.from(`${'x'.repeat(100_000)}\n`)
        }
      }
      const moved =
        way === 'in'
          ? client.copyIn('COPY t FROM STDIN', endless())
          : (async () => {
              let at = 0
              for await (const _ of client.copyOut(
                `COPY (SELECT repeat('x', 1000) FROM generate_series(1, 10000000)) TO STDOUT`,
              ))
                if ((at += 1) === 3) await kill()
            })()
      await expect(moved).rejects.toMatchObject({ code: 'not_reachable' })
    },
    30_000,
  )

  test('closed, it takes nothing more, and the server forgets it', async () => {
    const client = await open()
    const boss = await open()
    await client.close()
    await expect(client.ask('SELECT 1')).rejects.toThrow('it was closed')
    await expect
      .poll(
        async () =>
          await boss.ask('SELECT FROM pg_stat_activity WHERE pid = $1', [String(client.process)]),
      )
      .toEqual([])
  })

  test('cancel gives up what runs, and the session goes on', async () => {
    const client = await open()
    const { running } = await asleep(client)
    await client.cancel()
    await expect(running).rejects.toMatchObject({ code: '57014' })
    await works(client)
  })

  test('at its deadline what runs is given up, and a server that does not is hung up on', async () => {
    const due: (() => void)[] = []
    const timer: Timer = (_, task) => {
      const at = due.push(task) - 1
      return () => void (due[at] = () => undefined)
    }
    const client = await open({ timer })
    client.setDeadline(1000)
    const first = await asleep(client)
    due.at(-1)?.()
    await expect(first.running).rejects.toMatchObject({ code: '57014' })
    await works(client)
    const stuck = await asleep(client)
    due.at(-1)?.()
    await expect(stuck.running).rejects.toThrow('it took too long')
  })

  test('a deadline that was called off is none', async () => {
    const due: (() => void)[] = []
    const called: number[] = []
    const timer: Timer = (_, task) => {
      const at = due.push(task) - 1
      return () => void called.push(at)
    }
    const client = await open({ timer })
    client.setDeadline(1000)()
    expect(called).toContain(due.length - 1)
  })
})

describe('no way in', () => {
  test('a wrong password, a port that nobody listens on, a server that says nothing', async () => {
    await expect(open({ secret: new Secret('no') })).rejects.toMatchObject({
      refusal: { code: '08006' },
    })
    await expect(open({ target: target({ port: 1 }) })).rejects.toThrow('cannot be reached')
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(open({ target: target({ port }), connectMs: 50 })).rejects.toThrow(
      'does not answer in time',
    )
    silent.close()
  })
})
