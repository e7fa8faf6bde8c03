/** Code that runs where nothing seems to: what is bound and never run, and the types of what is bound. Before a real server. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { frame, int32, joined } from '../../src/wire/postgres/frame.ts'
import { flush, query, sync } from '../../src/wire/postgres/front.ts'
import { writeStep } from '../../src/wire/postgres/step.ts'
import type { Step } from '../../src/wire/postgres/step.ts'
import { openEnforced } from '../postgres/enforce-house.ts'
import type { Enforced } from '../postgres/enforce-house.ts'
import { login } from '../postgres/relay-house.ts'

let it: Enforced

beforeAll(async () => {
  it = await openEnforced()
}, 60_000)
afterAll(() => it.close())
beforeEach(async () => {
  it.cluster.sql(`SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public;
CREATE TABLE car (id int PRIMARY KEY); INSERT INTO car SELECT generate_series(1, 60);
CREATE FUNCTION scrap(key int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.car WHERE id = key; RETURN key; END $$;
CREATE FUNCTION many() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.car WHERE id BETWEEN 1 AND 50; RETURN 1; END $$;
CREATE FUNCTION still() RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM public.many(); RETURN 1; END $$;
CREATE FUNCTION checks(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM public.many(); RETURN true; END $$;
CREATE DOMAIN fair AS int CHECK (value > 0); CREATE DOMAIN foul AS int CHECK (checks(value)); CREATE DOMAIN fouler AS foul;
CREATE TYPE pair AS (one int, other fouler); CREATE TABLE held (id foul);
CREATE FUNCTION takes(foul) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
CREATE FUNCTION gives() RETURNS fouler LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
CREATE FUNCTION inside() RETURNS int LANGUAGE plpgsql AS $$ DECLARE x public.foul := 1; BEGIN RETURN 1; END $$;
CREATE FUNCTION beside() RETURNS int LANGUAGE plpgsql AS $$ DECLARE x held.id%TYPE := 1; BEGIN RETURN 1; END $$;
CREATE FUNCTION agreed(fair) RETURNS fair LANGUAGE plpgsql AS $$ DECLARE x fair := 1; BEGIN RETURN x; END $$;
CREATE FUNCTION harmless() RETURNS int IMMUTABLE LANGUAGE sql AS $$ SELECT 1 $$;`)
  await it.look()
  await it.afresh()
})

const cars = (): number => Number(it.cluster.sql('SELECT count(*) FROM car').trim())
const parse = (text: string, types: readonly number[] = []): Step => ({
  kind: 'parse',
  name: '',
  text,
  types,
})
const bind = (portal = '', values: readonly string[] = []): Step => ({
  kind: 'bind',
  portal,
  statement: '',
  values: values.map((value) => Buffer.from(value)),
  formats: [],
  results: [],
})
const run = (portal = '', rows = 0): Step => ({ kind: 'execute', portal, rows })
const steps = (...list: readonly Step[]): Uint8Array => joined(list.map(writeStep))
const bound = (text: string, portal = ''): Uint8Array =>
  joined([steps(parse(text), bind(portal)), sync])

/** Says one after the other, each when the one before is answered; what the server and the gateway said. */
async function say(...said: readonly (string | Uint8Array)[]): Promise<string> {
  const client = await login(it.gateway.port, 'postgres', 'shop')
  let heard = ''
  for (const each of said) {
    client.say(typeof each === 'string' ? query(each) : each)
    for (const { bytes } of await client.until('Z')) heard += Buffer.from(bytes).toString('utf8')
  }
  client.socket.destroy()
  return heard
}

test.each<readonly [string, readonly (string | Uint8Array)[]]>([
  ['the planner calls what claims to be immutable', [bound('SELECT still()')]],
  [
    'the same, and another is bound over it',
    [
      joined([
        steps(parse('SELECT still()'), bind(), parse('SELECT harmless()'), bind(), run()),
        sync,
      ]),
    ],
  ],
  [
    'the same, behind a Flush',
    [joined([steps(parse('SELECT still()'), bind()), flush, steps(parse('SELECT 1')), sync])],
  ],
  [
    'FETCH runs a DELETE',
    [
      'BEGIN',
      bound('DELETE FROM car WHERE id > 0 RETURNING id', 'c'),
      'FETCH ALL FROM c',
      'COMMIT',
    ],
  ],
  [
    'MOVE runs a SELECT',
    ['BEGIN', bound('SELECT scrap(id) FROM car', 'c'), 'MOVE ALL FROM c', 'COMMIT'],
  ],
  [
    'FETCH runs what SQL has prepared',
    [
      'PREPARE p AS SELECT scrap(id) FROM car',
      'BEGIN',
      bound('EXECUTE p', 'c'),
      'FETCH ALL FROM c',
      'COMMIT',
    ],
  ],
])('what is bound is judged, though it is not run: %s', async (_, said) => {
  expect(await say(...said)).toContain('Firebreak')
  expect(cars()).toBe(60)
})

test('within the budget what FETCH runs of a portal is counted', async () => {
  const text = 'DELETE FROM car WHERE id IN (1, 2, 3) RETURNING id'
  expect(await say('BEGIN', bound(text, 'c'), 'FETCH ALL FROM c', 'COMMIT')).toContain('FETCH 3')
  expect([cars(), it.left()]).toEqual([57, 7])
})

test('quiet-on-safe: portals that are bound first and run later', async () => {
  const ends = (...list: readonly Step[]): Uint8Array => joined([steps(...list), sync])
  const read = await say('BEGIN', bound('SELECT harmless()', 'c'), ends(run('c', 1)), 'COMMIT')
  const written = await say(
    'BEGIN',
    bound('INSERT INTO car VALUES (61)', 'c'),
    ends(run('c')),
    bound('DELETE FROM car WHERE id = 1', 'd'),
    ends(run('d')),
    bound('COMMIT', 'e'),
    ends(run('e')),
  )
  expect(read + written).not.toContain('Firebreak')
  expect([cars(), it.left()]).toEqual([60, 9])
})

const oid = (name: string, as: 'regtype' | 'regproc'): number =>
  Number(it.cluster.sql(`SELECT '${name}'::${as}::oid`).trim())
const typed = (type: string, value: string, last: readonly Step[] = [run()]): Uint8Array =>
  joined([steps(parse('SELECT $1', [oid(type, 'regtype')]), bind('', [value]), ...last), sync])
/** A FunctionCall with one text. */
const call = (name: string, value: string): Uint8Array => {
  const counts = new Uint8Array([0, 1, 0, 0, 0, 1])
  const bytes = Buffer.from(value)
  return frame(
    'F',
    int32(oid(name, 'regproc')),
    counts,
    int32(bytes.length),
    bytes,
    new Uint8Array(2),
  )
}

test.each<readonly [string, () => readonly (string | Uint8Array)[]]>([
  ['a parameter', () => [typed('foul', '1')]],
  ['a parameter that is only bound', () => [typed('foul', '1', [])]],
  ['an array of them', () => [typed('foul[]', '{1}')]],
  ['a row of them', () => [typed('pair', '(1,1)')]],
  ['a parameter of SQL', () => ['PREPARE p(foul) AS SELECT $1', 'EXECUTE p(1)']],
  ['many of SQL', () => ['PREPARE p(fouler[]) AS SELECT $1', "EXECUTE p('{1}')"]],
  ['a domain over it', () => ['SELECT 1::fouler']],
  ['an argument', () => ['SELECT takes(1)']],
  ['an argument by the wire', () => [call('takes', '1')]],
  ['what comes back', () => ['SELECT gives()']],
  ['a variable', () => ['SELECT inside()']],
  ['a variable as a column', () => ['SELECT beside()']],
  ['a variable of DO', () => ['DO $$ DECLARE x public.foul := 1; BEGIN END $$']],
  ['a row that is filled', () => [`SELECT json_populate_record(held, '{"id":1}') FROM held`]],
])('the check of a domain runs where a value becomes of it: %s', async (_, said) => {
  it.cluster.sql('ALTER DOMAIN foul DROP CONSTRAINT foul_check; INSERT INTO held VALUES (1)')
  it.cluster.sql('ALTER DOMAIN foul ADD CHECK (checks(value)) NOT VALID')
  await it.look()
  await it.afresh()
  expect(await say(...said())).toContain('Firebreak')
  expect(cars()).toBe(60)
})

test('quiet-on-safe: domains that only compare', async () => {
  const said = await say(
    typed('fair', '1'),
    'SELECT agreed(1)',
    call('agreed', '1'),
    'PREPARE p(fair) AS SELECT $1',
    'EXECUTE p(1)',
  )
  expect(said).not.toContain('Firebreak')
})

test.each([
  ['a call', 'SELECT abs(kind) FROM kinds'],
  ['an operator', 'SELECT 1 + kind FROM kinds'],
  ['an assignment', 'INSERT INTO plain SELECT kind FROM kinds'],
])('a cast that nobody writes is judged where it may stand: %s', async (_, text) => {
  it.cluster
    .sql(`CREATE TYPE kind AS ENUM ('a'); CREATE TABLE kinds (kind kind); INSERT INTO kinds VALUES ('a');
CREATE TABLE plain (id int); CREATE FUNCTION number(kind) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE CAST (kind AS int) WITH FUNCTION number(kind) AS IMPLICIT`)
  await it.look()
  expect(await say(text)).not.toContain('Firebreak')
  const replaced =
    'CREATE OR REPLACE FUNCTION number(kind) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM scrap(g) FROM generate_series(1, 50) g; RETURN 1; END $$'
  expect(await say(replaced)).not.toContain('Firebreak')
  expect(await say(text)).toContain('Firebreak')
  expect(cars()).toBe(60)
})

const all = (key: string): string => `PERFORM scrap(${key}) FROM generate_series(1, 50) g`
const trigger = `CREATE OR REPLACE FUNCTION sets() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${all('g')}; RETURN NEW; END $$`

test.each([
  [
    'by a trigger',
    [
      'CREATE TEMP TABLE own (id int)',
      trigger,
      'CREATE TRIGGER t BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION sets()',
    ],
  ],
  ['by a default', ['CREATE TEMP TABLE own (id int, more int DEFAULT many())']],
  [
    'by a view over it',
    [
      'CREATE TEMP TABLE base (id int, more int DEFAULT many())',
      'CREATE TEMP VIEW own AS SELECT id FROM base',
    ],
  ],
  [
    'by a function that is replaced',
    [
      'CREATE TEMP TABLE own (id int, more int DEFAULT harmless())',
      `CREATE OR REPLACE FUNCTION harmless() RETURNS int VOLATILE LANGUAGE plpgsql AS $$ BEGIN ${all('g')}; RETURN 1; END $$`,
    ],
  ],
])('a temporary table is counted that runs something for its rows: %s', async (_, made) => {
  it.cluster.sql(
    `CREATE OR REPLACE FUNCTION many() RETURNS int LANGUAGE plpgsql AS $$ BEGIN ${all('g')}; RETURN 1; END $$`,
  )
  await it.look()
  for (const name of ['own', 'pg_temp.own'])
    expect(await say(...made, `INSERT INTO ${name} (id) VALUES (1)`)).toMatch(/50 rows, and 10/)
  expect(cars()).toBe(60)
})

test('quiet-on-safe: temporary tables that run nothing are no loss', async () => {
  const said = await say(
    'CREATE TEMP TABLE own (id int DEFAULT 1, at timestamptz DEFAULT now())',
    'INSERT INTO own SELECT generate_series(1, 50)',
    'INSERT INTO pg_temp.own VALUES (1)',
    'DELETE FROM own',
    'DELETE FROM pg_temp.own',
  )
  expect(said).not.toContain('Firebreak')
  expect(it.left()).toBe(10)
})

test('what is deleted of a temporary table sets off what is counted, whatever its name', async () => {
  const made = [
    'CREATE TEMP TABLE own (id int)',
    'INSERT INTO own VALUES (1)',
    trigger.replace('NEW', 'OLD'),
  ]
  const hangs = 'CREATE TRIGGER t BEFORE DELETE ON own FOR EACH ROW EXECUTE FUNCTION sets()'
  const said = await say(...made, hangs, 'DELETE FROM pg_temp.own WHERE id = 1')
  expect(said).toMatch(/50 rows, and 10 are left/)
  expect(cars()).toBe(60)
})

test('a TRUNCATE of what the transaction has emptied leaves its count', async () => {
  it.cluster.sql('DELETE FROM car WHERE id > 8')
  const said = await say(
    'BEGIN',
    'SELECT scrap(g) FROM generate_series(1, 8) g',
    'ALTER TABLE car ADD COLUMN more float DEFAULT random()',
    'TRUNCATE car',
    'COMMIT',
  )
  expect(said).not.toContain('Firebreak')
  expect([cars(), it.left()]).toEqual([0, 2])
})
