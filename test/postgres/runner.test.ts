/** Approve and run, and undo after it, on a real server: exact, or nothing has happened. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isObject, parseJson } from '../../src/base/json.ts'
import type { Json } from '../../src/base/json.ts'
import type { Runner } from '../../src/guard/ports.ts'
import type { HoldRow } from '../../src/guard/rows.ts'
import { joined } from '../../src/wire/postgres/frame.ts'
import { sync } from '../../src/wire/postgres/front.ts'
import { writeStep } from '../../src/wire/postgres/step.ts'
import { openRig } from './runner-house.ts'
import type { Rig, RigOptions } from './runner-house.ts'
import { openShop } from './shop.ts'
import type { Shop } from './shop.ts'

let shop: Shop
let folder: string
const rigs: Rig[] = []

beforeAll(async () => {
  shop = await openShop()
  folder = mkdtempSync(join(tmpdir(), 'firebreak-runner-'))
}, 60_000)
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.close()
})
afterAll(async () => {
  await shop.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function rigOf(database: string, more: Partial<RigOptions> = {}): Promise<Rig> {
  const rig = await openRig(shop, database, { folder, ...more })
  rigs.push(rig)
  return rig
}

/** The answer that a retry is shown; this world's seal is none. */
function answerOf({ outcome }: HoldRow): Json {
  const sealed = outcome?.sealed === null ? null : parseJson(outcome?.sealed ?? 'null')
  return isObject(sealed) ? (sealed['answer'] ?? null) : null
}

test.each([
  ['a DELETE that cascades', 'DELETE FROM shop.customers', 'DELETE'],
  [
    'an UPDATE without a bound, and the audit of its trigger',
    'UPDATE shop.vehicles SET sold = true',
    'UPDATE',
  ],
  ['TRUNCATE CASCADE', 'TRUNCATE shop.customers RESTART IDENTITY CASCADE', 'TRUNCATE'],
  ['a table with dependents', 'DROP TABLE shop.bookings CASCADE', 'DROP TABLE'],
  ['a whole schema', 'DROP SCHEMA shop CASCADE', 'DROP SCHEMA'],
  ['a column', 'ALTER TABLE shop.customers DROP COLUMN email CASCADE', 'ALTER TABLE'],
  ['a partitioned table', 'DROP TABLE shop.payments CASCADE', 'DROP TABLE'],
  ['a stored view', 'DROP MATERIALIZED VIEW shop.income', 'DROP MATERIALIZED VIEW'],
  ['several at once', 'DELETE FROM shop.payments; DROP TABLE shop.audit', 'DELETE'],
])('%s: approved it runs, with its image, and undone it was never there', async (_, text, tag) => {
  const database = shop.fresh()
  const before = shop.asMade()
  const { approve, vault, state } = await rigOf(database)
  const ran = await approve(text)
  expect(ran).toMatchObject({ state: 'executed', outcome: { ok: true, status: 200 } })
  expect(ran.outcome?.summary).toMatch(tag)
  const after = shop.dump(database)
  expect(after).not.toBe(before)
  const [point = ''] = ran.recoveryPoints
  expect(await state.transact((tx) => tx.get('point', point))).toMatchObject({
    engine: 'table',
    verifiedAt: expect.any(Number),
  })
  expect(await state.transact((tx) => tx.find('lease', { point }))).toMatchObject([
    { hold: ran.id, until: null },
  ])
  expect(await vault.list()).toMatchObject([{ kind: 'point', point: { id: point }, source: 'db' }])
  expect(await vault.verify(point)).toBe(true)
  expect(await vault.isOverLiving(point)).toBe(true)
  await expect(vault.restoreTo(point, folder)).rejects.toThrow('goes back into `db` only')
  expect(shop.dump(database)).toBe(after)
  expect(await vault.restore(point)).toMatch('are as they were')
  expect(shop.dump(database)).toBe(before)
  await expect(vault.restore(point)).rejects.toThrow('all is as it was before the act already')
})

test('undo after somebody has changed those rows is refused, says which, and changes nothing', async () => {
  const database = shop.fresh()
  const { approve, vault } = await rigOf(database)
  const { recoveryPoints } = await approve('DELETE FROM shop.payments')
  const session = await shop.open(database)
  await session.ask(
    `INSERT INTO shop.payments (booking, paid, cents) SELECT min(id), '2025-05-05', 1 FROM shop.bookings`,
  )
  await session.close()
  const now = shop.dump(database)
  await expect(vault.restore(recoveryPoints[0] ?? '')).rejects.toThrow(
    'rows of `shop.payments_2025` were changed since',
  )
  expect(shop.dump(database)).toBe(now)
})

describe('as it was asked', () => {
  test('under its role, its search_path and its settings, and the image as the login', async () => {
    const database = shop.fresh()
    const session = await shop.open(database)
    await session.ask(`CREATE TABLE shop.who (role text, path text, style text)`)
    await session.ask(`INSERT INTO shop.who VALUES ('', '', '')`)
    await session.ask('GRANT UPDATE ON shop.who TO shop_clerk')
    await session.close()
    const { approve } = await rigOf(database, { user: 'postgres' })
    const text = `UPDATE who SET role = current_user, path = current_setting('search_path'), style = current_setting('DateStyle')`
    const settings = new Map([
      ['search_path', 'shop, public'],
      ['DateStyle', 'SQL, DMY'],
      ['transaction_isolation', 'serializable'],
    ])
    const ran = await approve(text, { setting: { role: 'shop_clerk', settings } })
    expect(ran).toMatchObject({ state: 'executed', outcome: { summary: 'UPDATE 1' } })
    expect(shop.cluster.sql('TABLE shop.who', database).trim()).toBe(
      'shop_clerk|shop, public|SQL, DMY',
    )
  })

  test.each([
    [
      'a role that is none',
      { role: 'nobody_at_all' },
      /`role` cannot be set to what it was .* \(22023\)/,
    ],
    [
      'a setting that is none',
      {
        settings: new Map([
          ['no.such', 'x'],
          ['nothing', 'x'],
        ]),
      },
      /`nothing` cannot be set to what it was .* \(42704\)/,
    ],
    ['another database', { database: 'another' }, /asked of the database `another`/],
  ] as const)('%s: nothing happens', async (_, setting, why) => {
    const database = shop.fresh()
    const before = shop.asMade()
    const { approve } = await rigOf(database, { user: 'postgres' })
    const ran = await approve('DELETE FROM shop.audit', { setting })
    expect(ran).toMatchObject({ state: 'failed', recoveryPoints: [] })
    expect(ran.outcome?.summary).toMatch(why)
    expect(shop.dump(database)).toBe(before)
  })

  test('with its bound values, in text and in binary', async () => {
    const database = shop.fresh()
    const { approve } = await rigOf(database)
    const text = 'DELETE FROM shop.vehicles WHERE kind = $1 OR id < $2'
    const values = [Buffer.from('car'), Uint8Array.of(0, 0, 0, 3)]
    const formats = [0, 1]
    const steps = [
      { kind: 'parse', name: '', text, types: [25, 23] },
      { kind: 'bind', portal: '', statement: '', values, formats, results: [] },
      { kind: 'execute', portal: '', rows: 0 },
    ] as const
    const bytes = joined([...steps.map(writeStep), sync])
    const cars = `SELECT count(*) FROM shop.vehicles WHERE kind = 'car' OR id < 3`
    const count = shop.cluster.sql(cars, database).trim()
    expect(Number(count)).toBeGreaterThan(2)
    const batch = { kind: 'extended', steps, closes: 'sync', bytes } as const
    const ran = await approve(text, { batch })
    expect(ran.outcome?.summary).toBe(`DELETE ${count}`)
    expect(shop.cluster.sql(cars, database).trim()).toBe('0')
  })

  test('the answer is there for a retry: tags, and the frames that the server sent', async () => {
    const { approve } = await rigOf(shop.fresh())
    const ran = await approve('DELETE FROM shop.customers RETURNING id AS gone')
    expect(answerOf(ran)).toMatchObject({
      tags: [expect.stringMatching(/^DELETE \d+$/)],
      error: null,
    })
    const answer = answerOf(ran)
    const reply = isObject(answer) ? answer['reply'] : null
    expect(
      Buffer.from(typeof reply === 'string' ? reply : '', 'base64').toString('latin1'),
    ).toMatch(/^T.*gone.*D.*C.*DELETE/s)
  })
})

describe('what the session makes of names', () => {
  test('an act that makes a catalog of its own is seen through all the same', async () => {
    const database = shop.fresh()
    const before = shop.asMade()
    const { approve, vault } = await rigOf(database)
    const blind = `CREATE TEMP TABLE pg_locks (pid int, locktype text, relation oid, database oid, mode text); UPDATE shop.vehicles SET sold = true`
    const ran = await approve(blind)
    expect(ran).toMatchObject({ state: 'executed' })
    await vault.restore(ran.recoveryPoints[0] ?? '')
    expect(shop.dump(database)).toBe(before)
  })

  test('operators of a search_path are never run as the login', async () => {
    const database = shop.fresh()
    shop.cluster.sql(
      `CREATE SCHEMA evil; CREATE TABLE evil.ran (what text); CREATE FUNCTION evil.noted(text, text) RETURNS boolean LANGUAGE plpgsql AS $$
       BEGIN INSERT INTO evil.ran VALUES (current_user); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
       CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.noted);
       GRANT USAGE ON SCHEMA evil TO PUBLIC; GRANT INSERT ON evil.ran TO PUBLIC`,
      database,
    )
    const { approve } = await rigOf(database, { user: 'postgres' })
    const settings = new Map([['search_path', 'evil, shop, pg_catalog']])
    const ran = await approve('DELETE FROM payments', { setting: { settings } })
    expect(ran).toMatchObject({ state: 'executed' })
    expect(shop.cluster.sql('TABLE evil.ran', database)).toBe('')
  })
})

describe('nothing has happened where', () => {
  test.each([
    ['the server refuses it', 'DELETE FROM shop.bookings WHERE id / 0 > 1', /refused it \(22012\)/],
    ['it holds a COMMIT', 'BEGIN; DELETE FROM shop.audit; COMMIT', /begins or ends a transaction/],
    ['it ends the transaction', 'DELETE FROM shop.audit; ROLLBACK', /begins or ends a transaction/],
    [
      'a stored view is not fresh',
      'DROP TABLE shop.payments CASCADE',
      /`shop.income` held other rows/,
    ],
  ])('%s', async (_, text, why) => {
    const database = shop.fresh()
    shop.cluster.sql(
      `INSERT INTO shop.payments (booking, paid, cents) SELECT min(id), '2025-05-05', 1 FROM shop.bookings`,
      database,
    )
    const before = shop.dump(database)
    const { approve } = await rigOf(database, { needed: true })
    const ran = await approve(text)
    expect(ran).toMatchObject({ state: 'failed', outcome: { ok: false } })
    expect(ran.outcome?.summary).toMatch(why)
    expect(shop.dump(database)).toBe(before)
  })

  test('the server would not run it in a transaction, and it must be reversible', async () => {
    const database = shop.fresh()
    const file = `SELECT relfilenode FROM pg_class WHERE oid = 'shop.audit'::regclass`
    const before = shop.cluster.sql(file, database)
    const { approve } = await rigOf(database, { needed: true })
    const ran = await approve('VACUUM FULL shop.audit')
    expect(ran).toMatchObject({ state: 'failed' })
    expect(ran.outcome?.summary).toMatch('cannot be made reversible')
    expect(shop.cluster.sql(file, database)).toBe(before)
  })

  test('a whole database would go: no image is of one, so nobody is asked', async () => {
    const { approve } = await rigOf(shop.fresh())
    await expect(approve('DROP DATABASE postgres')).rejects.toThrow(/bytes of database/)
  })

  test('the vault is full', async () => {
    const database = shop.fresh()
    const before = shop.asMade()
    const { approve } = await rigOf(database, {
      runner: {
        image: async () =>
          await Promise.resolve({
            kind: 'missing',
            why: ['the disk of the vault is full'],
            beside: [],
          }),
      },
    })
    const ran = await approve('DELETE FROM shop.customers')
    expect(ran.outcome?.summary).toBe('nothing was done: the disk of the vault is full')
    expect(shop.dump(database)).toBe(before)
  })

  test('it takes too long', async () => {
    const database = shop.fresh()
    const before = shop.asMade()
    const { approve } = await rigOf(database, { runner: { runMs: 1500 } })
    const ran = await approve(`DELETE FROM shop.payments WHERE pg_sleep(60)::text = ''`)
    expect(ran).toMatchObject({ state: 'failed' })
    expect(ran.outcome?.summary).toMatch('57014')
    expect(shop.dump(database)).toBe(before)
  }, 30_000)

  test('the database is gone', async () => {
    const database = shop.fresh()
    const before = shop.asMade()
    const { approve } = await rigOf(database, { runner: { connectMs: 1000 } })
    const ran = await approve('DELETE FROM shop.audit', {
      meanwhile: () => {
        shop.cluster.sql(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`)
      },
    })
    expect(ran).toMatchObject({ state: 'failed' })
    shop.cluster.sql(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`)
    expect(shop.dump(database)).toBe(before)
  })
})

describe('what nobody asked to make reversible', () => {
  test('runs in one transaction, without an image', async () => {
    const database = shop.fresh()
    const { approve } = await rigOf(database)
    const ran = await approve('GRANT SELECT ON shop.audit TO shop_reader')
    expect(ran).toMatchObject({ state: 'executed', recoveryPoints: [], mark: expect.any(String) })
  })

  test('runs bare where the server runs it in no transaction', async () => {
    const { approve } = await rigOf(shop.fresh())
    const ran = await approve('VACUUM FULL shop.audit')
    expect(ran).toMatchObject({ state: 'executed', mark: 'bare', outcome: { summary: 'VACUUM' } })
  })

  test('code that fails in the words of such a statement is not run again', async () => {
    const database = shop.fresh()
    shop.cluster.sql(
      'CREATE SEQUENCE shop.tries; ALTER SEQUENCE shop.tries OWNER TO shop_owner',
      database,
    )
    const { approve } = await rigOf(database)
    const ran = await approve(
      `DO $$ BEGIN PERFORM nextval('shop.tries'); RAISE SQLSTATE '25001'; END $$`,
    )
    expect(ran).toMatchObject({
      state: 'failed',
      outcome: { summary: expect.stringMatching(/25001/) },
    })
    expect(shop.cluster.sql('SELECT last_value, is_called FROM shop.tries', database).trim()).toBe(
      '1|t',
    )
  })

  test('what could not be read runs as one statement, or not at all', async () => {
    const database = shop.fresh()
    const before = shop.asMade()
    const { approve } = await rigOf(database)
    const ran = await approve('SELEC 1; COMMIT; DELETE FROM shop.audit')
    expect(ran).toMatchObject({ state: 'failed' })
    expect(shop.dump(database)).toBe(before)
  })
})

describe('a crash', () => {
  /** The steps around the commit, by what the dead daemon did last. */
  const deaths: readonly (readonly [string, (runner: Runner) => Runner, 'executed' | 'failed'])[] =
    [
      ['before it ran', (runner) => ({ ...runner, run: async () => await dead() }), 'failed'],
      [
        'before the lease',
        (runner) => ({
          ...runner,
          run: async (clearance, action, request, leaning) =>
            await runner.run(clearance, action, request, { ...leaning, lean: dead }),
        }),
        'failed',
      ],
      [
        'between the lease and the commit',
        (runner) => ({
          ...runner,
          run: async (clearance, action, request, leaning) =>
            await runner.run(clearance, action, request, {
              ...leaning,
              lean: async (on) => {
                await leaning.lean(on)
                await dead()
              },
            }),
        }),
        'failed',
      ],
      [
        'after the commit',
        (runner) => ({
          ...runner,
          run: async (clearance, action, request, leaning) => {
            await runner.run(clearance, action, request, leaning)
            return await dead()
          },
        }),
        'executed',
      ],
    ]

  async function dead(): Promise<never> {
    return await Promise.reject(new Error('the process is gone'))
  }

  test.each(deaths)(
    '%s: it is known afterwards what became of it, and it runs once',
    async (_, death, state) => {
      const database = shop.fresh()
      const before = shop.asMade()
      const { approve, open, state: rows, vault } = await rigOf(database)
      const dying = open((runner) => ({
        ...death(runner),
        happened: async () => await Promise.resolve('unknown'),
      }))
      let id = ''
      await expect(
        approve('DELETE FROM shop.customers', {
          harness: dying,
          meanwhile: async () => {
            id = (await rows.transact((tx) => tx.find('hold', {}))).at(-1)?.id ?? ''
          },
        }),
      ).rejects.toThrow('the process is gone')
      const left = shop.dump(database)
      expect(left === before).toBe(state === 'failed')
      await open().guard.start()
      const hold = await rows.transact((tx) => tx.get('hold', id))
      expect(hold).toMatchObject({ state })
      expect(shop.dump(database)).toBe(left)
      for (const point of state === 'executed' ? (hold?.recoveryPoints ?? []) : [])
        await vault.restore(point)
      expect(shop.dump(database)).toBe(before)
    },
  )

  test('of the server, in the middle of the act: nothing has happened, and that is said', async () => {
    const database = shop.fresh()
    const before = shop.asMade()
    const { approve, runner } = await rigOf(database)
    const running = approve(`DELETE FROM shop.payments WHERE pg_sleep(60)::text = ''`)
    await expect
      .poll(() =>
        shop.cluster
          .sql(
            `SELECT count(*) FROM pg_stat_activity WHERE datname = '${database}' AND wait_event = 'PgSleep'`,
          )
          .trim(),
      )
      .toBe('1')
    shop.cluster.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}' AND wait_event = 'PgSleep'`,
    )
    expect(await running).toMatchObject({ state: 'failed' })
    expect(shop.dump(database)).toBe(before)
    // A number that this server has not given yet, or that is none, tells nothing.
    for (const mark of ['bare', '99999999 ', 'x y', '']) {
      const [action] = [{ principal: '', root: '', target: 'db', operations: [], key: null }]
      expect(await runner.happened(action, mark)).toBe('unknown')
    }
  })
})
