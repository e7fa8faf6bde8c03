/** The whole way: an agent with psql and a grant, a real database, a person. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'

let gate: Gate
let grant: string

beforeAll(async () => {
  gate = await openGate({
    targets: `  other:
    platform: postgres
    url: postgres://nobody@127.0.0.1:1/none
    tls: off
    environments: { staging: { id: stage } }`,
    sql: `CREATE TABLE car (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE trip (id int PRIMARY KEY, car int REFERENCES car ON DELETE CASCADE);
INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 300) g;
INSERT INTO trip SELECT g, g % 300 + 1 FROM generate_series(1, 900) g;`,
  })
  grant = await gate.people.mint('agent:cursor', everything)
}, 60_000)
afterAll(() => gate.close())

const count = async (table: string): Promise<string> =>
  (await gate.direct(`SELECT count(*) FROM ${table}`)).trim()

test('quiet-on-safe: reads, writes and migrations that add go through', async () => {
  const out = await gate.psql(
    grant,
    `SELECT count(*) FROM car;
INSERT INTO car VALUES (1001, 'new') RETURNING name;
UPDATE car SET name = 'newer' WHERE id = 1001 RETURNING name;
CREATE TABLE fine (id serial PRIMARY KEY, trip int REFERENCES trip);
ALTER TABLE fine ADD COLUMN amount numeric NOT NULL DEFAULT 0;
INSERT INTO fine (trip) VALUES (1) RETURNING amount;
DELETE FROM car WHERE id = 1001 RETURNING id;`,
  )
  expect(out).toBe('300\nnew\nnewer\n0\n1001\n')
})

test('destroy-needs-clearance: what destroys is held, with what would go', async () => {
  for (const [sql, gone] of [
    ['DELETE FROM trip', 'table public.trip (900 rows go)'],
    ['TRUNCATE car CASCADE', 'table public.trip (900 rows go)'],
    ['DROP TABLE car CASCADE', 'tableConstraint trip_car_fkey on public.trip'],
  ] as const) {
    const out = await gate.psql(grant, `${sql};`, ['-v', 'VERBOSITY=verbose'])
    expect(out, sql).toMatch(/ERROR: {2}42501: Firebreak (holds|refuses) /)
    expect(out, sql).toMatch(/DETAIL: {2}would go: /)
    expect(out, sql).toContain(gone)
    expect(out, sql).toMatch(/in: production/)
  }
  expect(await count('trip')).toBe('900')
})

test('a grant for another environment changes nothing here, and one that is not known gets in nowhere', async () => {
  const staging = await gate.people.mint('agent:staging', {
    ...everything,
    environments: ['staging'],
  })
  expect(await gate.psql(staging, 'UPDATE car SET name = name WHERE id = 1;')).toMatch(
    /Firebreak refuses UPDATE: `UPDATE` reaches production; the grant is for staging/,
  )
  expect(await gate.psql('fbk_wrong', 'SELECT 1;')).toMatch(/FATAL/)
})
