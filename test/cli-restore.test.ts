/** `firebreak restore` as a person in need has it: the moment before an action by its id, single tables, out of either engine. */
import { execFile } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject, textOf } from '../src/base/json.ts'
import type { JsonObject } from '../src/base/json.ts'
import { everything, openGate, owner, password } from './postgres/gate.ts'
import type { Gate } from './postgres/gate.ts'
import { ownFolder } from './postgres/cluster.ts'
import { firebreak as run } from './run.ts'

let gate: Gate
let base = ''

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL);
INSERT INTO car (name) SELECT 'car ' || g FROM generate_series(1, 300) g;`,
    may: 'REPLICATION',
    conf: ['max_slot_wal_keep_size = 1GB', 'fsync = on', 'full_page_writes = on'],
    vault: 'databases: { shop: { engine: physical } }',
  })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  // It had no credential when it started.
  await gate.restart()
}, 90_000)
afterAll(() => gate.close())

test('WAL is received, and a base backup is there', async () => {
  await expect
    .poll(async () => JSON.stringify(await gate.people.call('vault-status')), { timeout: 20_000 })
    .toContain('"receives":true')
  const taken = await gate.people.call('vault-backup', { target: 'shop' })
  base = isObject(taken) ? textOf(taken['id']) : ''
  expect(base).toMatch(/^base_/)
}, 60_000)

async function restore(input: JsonObject): Promise<JsonObject> {
  const result = await gate.people.callAs('vault-restore', { ...input, by: 'test' })
  return isObject(result) ? result : {}
}

/** The same in the hour of the act: the clock of this rehearsal goes on half a minute with each code, and a database's does not. */
async function restoreNow(input: JsonObject): Promise<JsonObject> {
  gate.pass(-31_000)
  return await restore(input)
}

/** An agent's statement, held, and approved by a person; its hold. */
async function approved(sql: string): Promise<string> {
  const grant = await gate.people.mint('agent:cursor', everything)
  const id = /hold_\w+/.exec(await gate.psql(grant, sql))?.[0] ?? ''
  expect(await gate.approve(id)).toMatchObject({ state: 'executed' })
  return id
}

/** Until WAL behind it has come: a time is only reached when something later is known. */
async function later(): Promise<void> {
  await gate.direct('CREATE TABLE IF NOT EXISTS later (id int); INSERT INTO later VALUES (1)')
  const lsn = gate.cluster.sql('SELECT pg_current_wal_flush_lsn()', 'shop').trim()
  await expect
    .poll(
      async () => {
        const durable = /"durable":"([^"]+)"/.exec(
          JSON.stringify(await gate.people.call('vault-status')),
        )?.[1]
        return gate.cluster.sql(`SELECT '${durable ?? '0/0'}'::pg_lsn >= '${lsn}'`, 'shop').trim()
      },
      { timeout: 20_000 },
    )
    .toBe('t')
}

test('recovery-first: the table as it was before an action, beside what lives, and into its own place when that is free', async () => {
  await gate.direct(`INSERT INTO car (name) VALUES ('the last one')`)
  const hold = await approved('DELETE FROM car')
  expect((await gate.direct('SELECT count(*) FROM car')).trim()).toBe('0')
  await later()
  const beside = await restoreNow({
    before: hold,
    into: 'shop',
    tables: ['public.car'],
    schema: 'was',
  })
  expect(beside['point']).toBe(base)
  expect(beside['moment']).toMatch(
    /when `hold_\w+` was about to be sent, by the clock of the database$/,
  )
  expect(beside['done']).toEqual([
    expect.stringMatching(/^`"was".car`: 301 rows, compared and the same/),
  ])
  expect((await gate.direct('SELECT count(*) FROM was.car')).trim()).toBe('301')
  const then = {
    id: base,
    time: textOf(beside['moment']).split(',')[0] ?? '',
    into: 'shop',
    tables: ['car'],
  }
  await expect(restore(then)).rejects.toThrow(
    'nothing is restored over what lives: `public.car` is there',
  )
  await gate.direct('DROP TABLE car')
  const back = await restore(then)
  expect(back['done']).toEqual(['`public.car`: 301 rows, compared and the same'])
  // A sequence skips some numbers in a recovery, and gives none twice.
  const next = await gate.direct(`INSERT INTO car (name) VALUES ('next') RETURNING id`)
  expect(Number(next)).toBeGreaterThan(301)
}, 120_000)

test('the whole cluster goes into a new folder, up to the moment before an action', async () => {
  const hold = await approved('DELETE FROM car')
  await later()
  const folder = ownFolder('firebreak-before-')
  rmSync(folder, { recursive: true })
  const { done } = await restoreNow({ before: hold, folder })
  expect(JSON.stringify(done)).toContain('with its WAL beside it')
  expect(existsSync(join(folder, 'data', 'recovery.signal'))).toBe(true)
  rmSync(folder, { recursive: true })
}, 120_000)

test('single tables of a copy by plain SQL, by the daemon and by the key alone', async () => {
  const till = await openGate({
    sql: 'CREATE TABLE sale (id int PRIMARY KEY); INSERT INTO sale SELECT generate_series(1, 40)',
  })
  try {
    const taken = await till.people.call('vault-backup', { target: 'shop' })
    const id = isObject(taken) ? textOf(taken['id']) : ''
    const wanted = { id, into: 'shop', tables: ['sale'], schema: 'aside', by: 'test' }
    expect(await till.people.callAs('vault-restore', wanted)).toMatchObject({
      done: [expect.stringMatching(/^`"aside".sale`: 40 rows, compared and the same/)],
    })
    const url = `postgres://${owner}:${encodeURIComponent(password)}@127.0.0.1:${till.cluster.port}/shop?sslmode=disable`
    const [store, key] = [join(till.dir, 'vault'), join(till.dir, 'home/.firebreak/key')]
    const args = ['restore', id, '--store', store, '--key', key, '--to', url, '--table', 'sale']
    expect(await firebreak(...args, '--schema', 'alone')).toBe(
      '`"alone".sale`: 40 rows, compared and the same; with keys and checks, and nothing else that hung on it\n',
    )
    expect(await firebreak(...args)).toContain(
      'nothing is restored over what lives: `public.sale` is there',
    )
    const drill = ['drill', id, '--config', join(till.dir, 'home', 'firebreak.yaml')]
    const shown = await onTerminal(drill)
    expect(shown).toMatch(/\rrestoring point_\w+: .* so far/)
    // The line is taken away before the result stands there.
    expect(shown).toContain('\r\u001b[Kpassed: 1 tables, 40 rows')
    expect(await firebreak(...drill)).toMatch(
      /^passed: 1 tables.*\n.* old; restored and compared in .*\nits schema is kept by pg_dump .*\nthe schema is what pg_dump .* says of the copy\n$/,
    )
  } finally {
    await till.close()
  }
}, 60_000)

/** Runs it on a terminal of its own; all that came there. */
async function onTerminal(args: readonly string[]): Promise<string> {
  const bin = join(import.meta.dirname, '../bin/firebreak')
  const line = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(' ')
  const env = { ...process.env, TERM: 'xterm' }
  return await new Promise((resolve) => {
    execFile('script', ['-qec', line, '/dev/null'], { env }, (_, out) => resolve(out))
  })
}

const firebreak = async (...args: readonly string[]): Promise<string> => await run(args)

test.each<[string, JsonObject, RegExp]>([
  [
    'a hold that is not there',
    { before: 'hold_none', into: 'shop' },
    /there is no hold `hold_none`/,
  ],
  ['neither a point nor a hold', { into: 'shop' }, /say which POINT, or `--before HOLD`/],
  ['two places', { id: 'base', into: 'shop', time: '2026-01-01', lsn: '0/1' }, /say one of/],
  [
    'a time that is none',
    { id: 'base', into: 'shop', tables: ['car'], time: 'noon' },
    /`noon` is no time/,
  ],
  [
    'a cluster into a database',
    { id: 'base', into: 'shop' },
    /of a whole cluster: it goes into `--folder NEW`/,
  ],
  [
    'a point that is not there',
    { id: 'point_none', into: 'shop' },
    /not there|no recovery point|is not in/,
  ],
  [
    'a database that is not there',
    { id: 'base', into: 'none', tables: ['car'] },
    /database "none" does not exist/,
  ],
  [
    'a table that is not there',
    { id: 'base', into: 'shop', tables: ['none'], schema: 'x' },
    /the recovery point has no table `none`/,
  ],
])(
  'one clear line: %s',
  async (_, input, why) => {
    await expect(restore(input['id'] === 'base' ? { ...input, id: base } : input)).rejects.toThrow(
      why,
    )
  },
  60_000,
)

test('power-widens-with-a-person: without a code nothing is restored; what has not run has no moment before it', async () => {
  const call = gate.people.call('vault-restore', {
    id: base,
    into: 'shop',
    tables: ['car'],
    schema: 'w',
    approver: 'ada',
    code: '000000',
    by: 'agent',
  })
  await expect(call).rejects.toThrow(/code/)
  const grant = await gate.people.mint('agent:cursor', everything)
  const id = /hold_\w+/.exec(await gate.psql(grant, 'DELETE FROM later'))?.[0] ?? ''
  await expect(restore({ before: id, into: 'shop' })).rejects.toThrow(
    /has not run: there is no moment before it/,
  )
}, 60_000)
