/** The guard at the wire, before a real server: what is bounded is counted exactly before it is kept, what destroys is held. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openEnforced } from './enforce-house.ts'
import type { Enforced } from './enforce-house.ts'

let it: Enforced
const most = 10

beforeAll(async () => {
  it = await openEnforced()
}, 60_000)
afterAll(() => it.close())
beforeEach(async () => {
  await it.afresh()
  it.cluster.sql(
    `DROP TABLE IF EXISTS fine, trip, car CASCADE;
CREATE TABLE car (id int PRIMARY KEY);
CREATE TABLE trip (id int PRIMARY KEY, car int REFERENCES car ON DELETE CASCADE);
CREATE TABLE fine (trip int);
CREATE OR REPLACE FUNCTION forgive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM fine WHERE trip = OLD.id; RETURN OLD; END $$;
CREATE TRIGGER forgive AFTER DELETE ON trip FOR EACH ROW EXECUTE FUNCTION forgive();
INSERT INTO car SELECT generate_series(1, 10);
INSERT INTO trip SELECT g, (g - 1) / 3 + 1 FROM generate_series(1, 30) g;
INSERT INTO fine SELECT g FROM generate_series(1, 30) g;`,
  )
  await it.look()
})

const psql = (where: 'direct' | 'through', input: string): Promise<string> =>
  where === 'direct' ? it.direct(input) : it.psql(input)
const counts = async (): Promise<string> =>
  (
    await psql(
      'direct',
      'SELECT (SELECT count(*) FROM car), (SELECT count(*) FROM trip), (SELECT count(*) FROM fine)',
    )
  ).trim()
const left = (): number => it.left()

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

test('a write by its key is set aside before and costs what it changed, however its transaction ends', async () => {
  await psql('direct', 'ALTER TABLE fine ADD PRIMARY KEY (trip)')
  await it.look()
  await psql(
    'through',
    'DELETE FROM fine WHERE trip = 1; DELETE FROM fine WHERE trip IN (2, 3, 999);',
  )
  expect(left()).toBe(most - 3)
  await psql('through', 'BEGIN; DELETE FROM fine WHERE trip IN (4, 5); ROLLBACK;')
  expect(left()).toBe(most - 3)
  await psql('through', 'BEGIN; DELETE FROM fine WHERE trip = 4; SELECT 1/0; COMMIT;')
  expect(left()).toBe(most - 3)
  await psql(
    'through',
    'BEGIN; DELETE FROM fine WHERE trip = 4; DELETE FROM trip WHERE id = 5; COMMIT;',
  )
  // The trip is counted, with the fine that its trigger takes; the fine before it was set aside.
  expect(left()).toBe(most - 6)
  const out = await psql('through', 'DELETE FROM fine WHERE trip IN (6, 7, 8, 9, 10);')
  expect(out).toMatch(/it would change or delete 5 rows, and 4 are left of the budget/)
  expect(await counts()).toBe('10|29|25')
})
