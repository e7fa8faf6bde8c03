/** The guard at the wire, before a real server: what is bounded is counted exactly before it is kept, what destroys is held. */
import { spawn } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { allow } from '../../src/core/verdict.ts'
import { openBudgets } from '../../src/guard/budget.ts'
import { openGuard } from '../../src/guard/guard.ts'
import type { House } from '../../src/guard/house.ts'
import { openEnforcer } from '../../src/gateways/postgres/enforce.ts'
import type { ReadStatement } from '../../src/gateways/postgres/enforce.ts'
import { newWorld, openHarness, operation } from '../world.ts'
import { agent, bin, openGateway, startServer } from './relay-house.ts'
import type { Opened, Server } from './relay-house.ts'

let server: Server
let opened: Opened
const most = 10
let budgets = openBudgets({ steady: () => 0 })

/** Reads what these tests send, and nothing else: the real reader has tests of its own. */
const read = (text: string): readonly ReadStatement[] => [readOne(text)]
function readOne(text: string): ReadStatement {
  const [word = ''] = /^\w+/.exec(text.trim()) ?? []
  const verb = word.toUpperCase()
  const effect = { SELECT: 'read', TABLE: 'read', DROP: 'destroy' } as const
  const kinds = {
    BEGIN: 'tx',
    COMMIT: 'tx',
    ROLLBACK: 'tx',
    UPDATE: 'bounded',
    DELETE: 'bounded',
  } as const
  const kind = Object.entries(kinds).find(([name]) => name === verb)?.[1] ?? 'plain'
  const found = Object.entries(effect).find(([name]) => name === verb)?.[1]
  const said = found ?? (kind === 'tx' ? 'read' : 'write')
  const plain = { ...operation('drop', { text }), name: verb, names: [], environments: ['scratch'] }
  return {
    kind,
    operation: { ...plain, effect: said, kinds: said === 'destroy' ? ['data'] : [] },
  }
}

beforeAll(async () => {
  server = await startServer([], [])
  const { house } = openHarness(newWorld())
  const plain = house.policy()
  const policy: House['policy'] = () => ({
    set: 'test',
    decide: (question) => {
      const decision = plain.decide(question)
      return question.effect === 'destroy' ? decision : { ...decision, verdict: allow }
    },
  })
  const guard = openGuard({ ...house, policy })
  const target = {
    host: '127.0.0.1',
    port: server.port,
    user: 'boss',
    database: 'postgres',
    tls: { kind: 'off' },
  } as const
  opened = await openGateway(target, 'none', {
    enforce: () =>
      openEnforcer({
        guard,
        principal: agent,
        target: 'shop',
        database: 'postgres',
        read,
        readCall: () => readOne('CALL'),
        budget: {
          left: () => budgets.left(agent.name, most),
          spend: (rows) => budgets.spend(agent.name, rows),
        },
      }),
  })
}, 60_000)
afterAll(async () => {
  await opened.gateway.close(100)
  await server.stop()
})
beforeEach(async () => {
  budgets = openBudgets({ steady: () => 0 })
  await psql(
    'direct',
    `DROP TABLE IF EXISTS fine, trip, car;
CREATE TABLE car (id int PRIMARY KEY);
CREATE TABLE trip (id int PRIMARY KEY, car int REFERENCES car ON DELETE CASCADE);
CREATE TABLE fine (trip int);
CREATE OR REPLACE FUNCTION forgive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM fine WHERE trip = OLD.id; RETURN OLD; END $$;
CREATE TRIGGER forgive AFTER DELETE ON trip FOR EACH ROW EXECUTE FUNCTION forgive();
INSERT INTO car SELECT generate_series(1, 10);
INSERT INTO trip SELECT g, (g - 1) / 3 + 1 FROM generate_series(1, 30) g;
INSERT INTO fine SELECT g FROM generate_series(1, 30) g;`,
  )
})

/** psql, one statement a message; gives what it printed. */
function psql(where: 'direct' | 'through', input: string): Promise<string> {
  const [port, database] = where === 'direct' ? [server.port, 'postgres'] : [opened.port, 'shop']
  const args = [
    '-X',
    '-q',
    '-A',
    '-t',
    '-h',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-U',
    'boss',
    '-d',
    database,
    '-v',
    'VERBOSITY=verbose',
    '-f',
    '-',
  ]
  const child = spawn(`${bin}/psql`, args, {
    env: { PATH: '/usr/bin:/bin', PGPASSWORD: 'fbk_good' },
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', () => resolve(out)))
}
const counts = async (): Promise<string> =>
  (
    await psql(
      'direct',
      'SELECT (SELECT count(*) FROM car), (SELECT count(*) FROM trip), (SELECT count(*) FROM fine)',
    )
  ).trim()
const left = (): number => budgets.left(agent.name, most)

test('a write within the budget is kept, answers as it would without, and costs what the server counted', async () => {
  const script = 'DELETE FROM car WHERE id = 1 RETURNING id;'
  expect(await psql('through', script)).toBe('1\n')
  // One car, three trips by the key that cascades, three fines by the trigger.
  expect(await counts()).toBe('9|27|27')
  expect(left()).toBe(most - 7)
})

test('one that changes more is rolled back and held, with the exact number', async () => {
  const out = await psql('through', 'DELETE FROM car WHERE id IN (1, 2);')
  expect(out).toMatch(/42501/)
  expect(out).toMatch(/Firebreak holds DELETE: /)
  expect(out).toMatch(/it would change or delete 14 rows, and 10 are left of the budget/)
  expect(out).toMatch(/HINT: .*firebreak approve hold_/)
  expect(await counts()).toBe('10|30|30')
  expect(left()).toBe(most)
})

test('the budget adds up over statements and sessions', async () => {
  await psql('through', 'DELETE FROM car WHERE id = 1;')
  expect(await psql('through', 'DELETE FROM car WHERE id = 2;')).toMatch(/7 rows, and 3 are left/)
  expect(await counts()).toBe('9|27|27')
})

test('an explicit transaction counts as a whole, and fails as a whole', async () => {
  const out = await psql(
    'through',
    'BEGIN; DELETE FROM car WHERE id = 1; DELETE FROM car WHERE id = 2; SELECT 1; COMMIT; SELECT 7;',
  )
  expect(out).toMatch(/would change or delete 14 rows, and 10 are left/)
  expect(out).toMatch(/25P02/)
  expect(out).toMatch(/7\n$/)
  expect(await counts()).toBe('10|30|30')
  expect(left()).toBe(most)
})

test('a transaction within the budget is spent when it is committed, and not when it is rolled back', async () => {
  await psql('through', 'BEGIN; DELETE FROM car WHERE id = 1; ROLLBACK;')
  expect([await counts(), left()]).toEqual(['10|30|30', most])
  await psql(
    'through',
    'BEGIN; UPDATE car SET id = id WHERE id = 9; DELETE FROM fine WHERE trip = 30; COMMIT;',
  )
  expect([await counts(), left()]).toEqual(['10|30|29', most - 2])
})

test("an error of the server's own is the client's, in every state", async () => {
  for (const script of [
    'DELETE FROM nowhere WHERE id = 1; SELECT 1;',
    'BEGIN; DELETE FROM nowhere WHERE id = 1; SELECT 1; COMMIT;',
  ])
    expect(await psql('through', script)).toBe(await psql('direct', script))
})

test('what destroys is held before it is sent, and leaves a transaction as an error would', async () => {
  const out = await psql(
    'through',
    'BEGIN; SELECT 1; DROP TABLE fine; SELECT 2; ROLLBACK; SELECT 3;',
  )
  expect(out).toMatch(/Firebreak holds DROP/)
  expect(out).toMatch(/25P02/)
  expect(out).toMatch(/3\n$/)
  expect(await counts()).toBe('10|30|30')
})

test('a server that does not count keeps nothing', async () => {
  await psql('direct', 'ALTER SYSTEM SET track_counts = off; SELECT pg_reload_conf();')
  try {
    await expect.poll(async () => (await psql('direct', 'SHOW track_counts')).trim()).toBe('off')
    expect(await psql('through', 'DELETE FROM car WHERE id = 1;')).toMatch(/track_counts/)
    expect(await counts()).toBe('10|30|30')
  } finally {
    await psql('direct', 'ALTER SYSTEM RESET track_counts; SELECT pg_reload_conf();')
  }
})
