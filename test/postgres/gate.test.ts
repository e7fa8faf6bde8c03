/** The whole way: an agent with psql and a grant, a real database, a person. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, openGate, owner, password, say } from './gate.ts'
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
    expect(out, sql).toMatch(/ERROR: {2}42501: Firebreak holds /)
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

/** The id of the hold in what psql printed. */
function holdIn(out: string): string {
  return /firebreak approve (hold_\w+)/.exec(out)?.[1] ?? ''
}

test('approve and run: what was held runs once, as stored, with its image; its retry hears what came of it; undo brings it back', async () => {
  const agent = await gate.people.mint('agent:approved', everything)
  const before = await gate.direct('SELECT * FROM trip ORDER BY id')
  const sql = 'DELETE FROM trip WHERE car > 100;'
  const id = holdIn(await gate.psql(agent, sql))
  expect(id).not.toBe('')
  expect(await gate.approve(id)).toMatchObject({ state: 'executed', closing: 'DELETE 600' })
  expect(await count('trip')).toBe('300')
  expect(await gate.psql(agent, sql)).toMatch(/Firebreak has run DELETE/)
  expect(await count('trip')).toBe('300')
  await gate.people.callAs('hold-undo', { id, by: 'ada' })
  expect(await gate.direct('SELECT * FROM trip ORDER BY id')).toBe(before)
})

test('bounded writes, exactly: beyond the budget it is held with the number, and what was approved runs', async () => {
  const agent = await gate.people.mint('agent:bounded', everything)
  const sql = `UPDATE car SET name = 'same' WHERE id IN (${Array.from({ length: 120 }, (_, at) => at + 1).join(', ')});`
  const out = await gate.psql(agent, sql)
  expect(out).toMatch(/it would change or delete 120 rows, and 100 are left of the budget/)
  expect(await gate.direct("SELECT count(*) FROM car WHERE name = 'same'")).toBe('0\n')
  const id = holdIn(out)
  expect(await gate.approve(id)).toMatchObject({ state: 'executed', closing: 'UPDATE 120' })
  expect(await gate.direct("SELECT count(*) FROM car WHERE name = 'same'")).toBe('120\n')
})

test('what is not there cannot go: DROP … IF EXISTS of nothing passes with the notice of the server, and is held where it is there', async () => {
  const agent = await gate.people.mint('agent:absent', everything)
  expect(await gate.psql(agent, 'DROP TABLE IF EXISTS nothing, nowhere.at_all;')).toMatch(
    /NOTICE: {2}table "nothing" does not exist, skipping/,
  )
  expect(
    await gate.psql(agent, 'CREATE TABLE something (id int); DROP TABLE IF EXISTS something;'),
  ).toMatch(/Firebreak (holds|refuses) DROP TABLE/)
  // Beside another statement it is not known what is there by then.
  expect(await gate.psql(agent, '', ['-c', 'SELECT 1; DROP TABLE IF EXISTS nothing'])).toMatch(
    /Firebreak (holds|refuses)/,
  )
})

test('explain --database judges by the catalog of that server', async () => {
  await gate.direct(
    'CREATE OR REPLACE FUNCTION tidy() RETURNS void LANGUAGE sql AS $$ DELETE FROM trip $$',
  )
  const url = `postgres://${owner}:${encodeURIComponent(password)}@127.0.0.1:${gate.cluster.port}/shop`
  const lines = ['SELECT tidy()', 'SELECT name FROM car', 'DROP TABLE IF EXISTS nothing'].map(
    (text, id) => JSON.stringify({ id, kind: 'sql', text }),
  )
  const out = await say(process.execPath, ['src/cli/main.ts', 'explain', '--database', url], {
    secret: '',
    input: lines.join('\n'),
  })
  const verdicts = out
    .trim()
    .split('\n')
    .map((line) => /"verdict":"(\w+)"/.exec(line)?.[1])
  expect(verdicts, out).toEqual(['hold', 'allow', 'allow'])
  const wrong = await say(
    process.execPath,
    ['src/cli/main.ts', 'explain', '--database', 'postgres://app@127.0.0.1:1/shop'],
    { secret: '', input: '' },
  )
  expect(wrong).toMatch(/^firebreak: .*cannot be reached/m)
})
