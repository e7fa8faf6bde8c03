/** What a session has done before bears on what it may do next: names, temporary things, settings, what is not committed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { frame, int32, joined } from '../../src/wire/postgres/frame.ts'
import { query, sync } from '../../src/wire/postgres/front.ts'
import { writeStep } from '../../src/wire/postgres/step.ts'
import type { Step } from '../../src/wire/postgres/step.ts'
import { openEnforced } from './enforce-house.ts'
import type { Enforced } from './enforce-house.ts'
import { login } from './relay-house.ts'
import type { Raw } from './relay-house.ts'

let it: Enforced

beforeAll(async () => {
  it = await openEnforced()
  it.cluster.sql(
    `CREATE TABLE car (id int PRIMARY KEY, name text); CREATE SCHEMA other; CREATE TABLE other.car (id int, name text);
CREATE TABLE log (id int);
CREATE FUNCTION purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM car WHERE id = NEW.id; RETURN NEW; END $$;
CREATE TRIGGER purge AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION purge();
CREATE FUNCTION scrap(k int) RETURNS void LANGUAGE sql AS $$ DELETE FROM car WHERE id = k $$;`,
  )
  await it.look()
}, 60_000)
afterAll(() => it.close())
beforeEach(async () => {
  it.cluster.sql(
    "TRUNCATE car, other.car, log; INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 40) g; INSERT INTO other.car VALUES (1, 'there')",
  )
  await it.afresh()
})

const cars = (): string => it.cluster.sql('SELECT count(*) FROM car').trim()

describe('names', () => {
  test('a statement is judged by the text that SQL has prepared, until it is forgotten', async () => {
    const out = await it.psql(`PREPARE q(int) AS DELETE FROM car WHERE id = $1;
EXECUTE q(1);
DEALLOCATE q;
PREPARE q(int) AS DELETE FROM car WHERE id = $1 OR true;
EXECUTE q(1);
DISCARD ALL;
EXECUTE q(1);`)
    expect(out).toMatch(/Firebreak refuses EXECUTE: it runs what this session has prepared/)
    expect(out).toMatch(
      /Firebreak refuses EXECUTE: it runs what this session has prepared[\s\S]*no statement of that name is known/,
    )
    expect(cars()).toBe('39')
    expect(await it.holds()).toEqual([])
  })

  test('a PREPARE that failed prepares nothing', async () => {
    const out = await it.psql(`PREPARE q(int) AS DELETE FROM car WHERE id = $1;
PREPARE q(int) AS SELECT $1;
EXECUTE q(1);
SELECT count(*) FROM car;`)
    expect(out).toMatch(/42P05/)
    expect(out).toMatch(/39\n$/)
    expect(it.left()).toBe(9)
  })
})

describe('temporary tables', () => {
  test('are the session its own to drop, as long as they are there', async () => {
    const out = await it.psql(`CREATE TEMP TABLE mine (id int);
DROP TABLE mine;
CREATE TEMP TABLE mine (id int);
TRUNCATE mine;
SELECT 'fine';`)
    expect(out).toBe('fine\n')
  })

  test.each([
    ['was rolled back', 'BEGIN; CREATE TEMP TABLE car (id int); ROLLBACK;'],
    ['failed', 'BEGIN; CREATE TEMP TABLE car (id int); SELECT 1/0; COMMIT;'],
    [
      'was rolled back to a savepoint',
      'BEGIN; SAVEPOINT a; CREATE TEMP TABLE car (id int); ROLLBACK TO a; COMMIT;',
    ],
    ['ends with its transaction', 'BEGIN; CREATE TEMP TABLE car (id int) ON COMMIT DROP; COMMIT;'],
    ['is looked for last', 'SET search_path = public, pg_temp; CREATE TEMP TABLE car (id int);'],
    ['is in a text that failed', 'CREATE TEMP TABLE car (id int)\\; SELECT 1/0;'],
  ])('one that %s is no leave to drop another of its name', async (_, made) => {
    expect(await it.psql(`${made} DROP TABLE car;`)).toMatch(/Firebreak (holds|refuses) DROP TABLE/)
    expect(cars()).toBe('40')
  })

  test('what destroys beside them is denied, not held', async () => {
    const out = await it.psql('CREATE TEMP TABLE mine (id int); DELETE FROM car;')
    expect(out).toMatch(
      /Firebreak refuses DELETE: the session has things of its own \(`mine`\), and what a person approves runs later in another session/,
    )
    expect(await it.holds()).toEqual([])
  })
})

describe('functions made here', () => {
  test('what they do is counted where they are called', async () => {
    const out = await it.psql(`BEGIN;
CREATE FUNCTION mine(k int) RETURNS void LANGUAGE sql AS $$ DELETE FROM car WHERE id = k $$;
SELECT mine(id) FROM car;
COMMIT;`)
    expect(out).toMatch(/would change or delete 40 rows, and 10 are left/)
    expect(cars()).toBe('40')
  })

  test('also in one text', async () => {
    const text = `CREATE FUNCTION mine(k int) RETURNS void LANGUAGE sql AS $$ DELETE FROM car WHERE id = k $$; SELECT mine(id) FROM car`
    expect(await it.psql('', ['-c', text])).toMatch(
      /would change or delete 40 rows, and 10 are left/,
    )
    expect(cars()).toBe('40')
  })
})

describe('what a transaction has not committed', () => {
  test('is nothing that a person could approve upon', async () => {
    const out = await it.psql(
      "BEGIN; INSERT INTO other.car VALUES (2, 'x'); DELETE FROM other.car; SELECT 1; ROLLBACK; SELECT 'after';",
    )
    expect(out).toMatch(
      /Firebreak refuses DELETE: the transaction has changes that are not committed[\s\S]*HINT: {2}send it by itself, outside the transaction: then a person can be asked\. Or: name the rows/,
    )
    expect(out).toMatch(/25P02[\s\S]*after\n$/)
    expect(await it.holds()).toEqual([])
  })

  test('one that has only read may be held, and fails as after an error', async () => {
    const out = await it.psql(
      "BEGIN; SELECT 'r'; DELETE FROM car; SELECT 1; ROLLBACK; SELECT 'after';",
    )
    expect(out).toMatch(/Firebreak holds DELETE/)
    expect(out).toMatch(/25P02[\s\S]*after\n$/)
    expect(await it.holds()).toHaveLength(1)
  })

  test('in a transaction that has failed nothing is held: the server says so itself', async () => {
    const out = await it.psql('BEGIN; SELECT 1/0; DROP TABLE car; ROLLBACK;')
    expect(out.match(/25P02/g)).toHaveLength(1)
    expect(await it.holds()).toEqual([])
  })

  test.each([
    'ROLLBACK; DROP TABLE car',
    'BEGIN; DELETE FROM car; COMMIT',
    'DELETE FROM car; COMMIT',
  ])('a begin or an end in one message with it: %s', async (text) => {
    expect(await it.psql('', ['-c', text])).toMatch(
      /Firebreak refuses [\w, ]*: it stands in one message with the begin or the end of a transaction/,
    )
    expect([cars(), await it.holds()]).toEqual(['40', []])
  })
})

describe('settings', () => {
  test.each([
    'SET standard_conforming_strings = off',
    'SET LOCAL standard_conforming_strings = off',
    "SELECT set_config('standard_conforming_strings', 'off', false)",
    "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name LIKE 'standard%'",
    'SET client_encoding = SJIS',
    "SET NAMES 'LATIN1'",
    'SET track_counts = off',
    'SET LOCAL track_counts TO off',
    'SET search_path = public, pg_catalog',
  ])('what the reading leans on stays as it is: %s', async (text) => {
    for (const mode of ['enforce', 'shadow'] as const) {
      it.mode = mode
      const out = await it.psql(`BEGIN; ${text}; SELECT 1; ROLLBACK; SELECT 'alive';`)
      expect(out).toMatch(/42501: Firebreak keeps this setting as it is/)
      expect(out).toMatch(/25P02[\s\S]*alive\n$/)
      expect(await it.psql('', ['-c', `SELECT 7; ${text}; SELECT 8`])).not.toMatch(/[78]\n/)
    }
    expect(await it.holds()).toEqual([])
  })

  test.each([
    "SET standard_conforming_strings = on; SET client_encoding = 'utf-8'; SET NAMES 'UTF8'",
    'RESET standard_conforming_strings; RESET client_encoding; RESET ALL; DISCARD ALL',
    "SET search_path = other, public; SET LOCAL work_mem = '8MB'; SET TIME ZONE 'UTC'",
  ])('what changes nothing there is set: %s', async (text) => {
    expect(await it.psql(`${text};`)).not.toMatch(/ERROR/)
  })

  test('one that guards is denied, since approving it would not set it here', async () => {
    const out = await it.psql("SET session_replication_role = replica; SELECT 'alive';")
    expect(out).toMatch(/Firebreak refuses SET: it is a setting of this session/)
    expect(out).toMatch(/alive\n$/)
    expect(await it.holds()).toEqual([])
  })

  test('nothing behind one that may move is sent before it is answered', async () => {
    it.mode = 'shadow'
    const client = await login(it.gateway.port, 'postgres', 'shop')
    // Dynamic SQL: shadow mode lets it run, and it moves the pin.
    client.say(
      query("DO $$ BEGIN EXECUTE 'SET standard_conforming_strings = off'; END $$"),
      query("SELECT 'a\\''; DELETE FROM car; --'"),
    )
    await client.until('never')
    expect(cars()).toBe('40')
  })

  test('a search path chooses nothing that was not judged', async () => {
    const out = await it.psql(
      'SET search_path = other; DELETE FROM car WHERE id = 1; SELECT count(*) FROM car; DELETE FROM car; SET search_path = public; SELECT count(*) FROM car;',
    )
    expect(out).toMatch(/^0\n/)
    expect(out).toMatch(/Firebreak holds DELETE/)
    expect(out).toMatch(/40\n$/)
    const [hold] = await it.holds()
    if (hold === undefined) throw new Error('nothing is held')
    expect(it.stored(hold)).toMatchObject({ settings: new Map([['search_path', 'other']]) })
  })
})

describe('what is held', () => {
  const bind = (values: readonly string[], statement: string): Step => ({
    kind: 'bind',
    portal: '',
    statement,
    values: values.map((value) => Buffer.from(value)),
    formats: [],
    results: [],
  })
  const steps = (...list: readonly Step[]): Uint8Array => joined([...list.map(writeStep), sync])
  const heldBy = async (client: Raw, bytes: Uint8Array): Promise<string> => {
    client.say(bytes)
    const said = await client.until('Z')
    return said.map((message) => Buffer.from(message.bytes).toString('utf8')).join('')
  }

  test('is whole: its text, its values, the role and the settings of its session', async () => {
    it.cluster.sql('DROP ROLE IF EXISTS clerk; CREATE ROLE clerk; GRANT ALL ON car TO clerk')
    const client = await login(it.gateway.port, 'postgres', 'shop')
    await heldBy(
      client,
      query(
        "SET ROLE clerk; SET app.tenant = 'five'; SET DateStyle = 'German'; SET statement_timeout = 5000",
      ),
    )
    await heldBy(
      client,
      steps({
        kind: 'parse',
        name: 's',
        text: 'DELETE FROM car WHERE id = $1 OR $2',
        types: [23, 16],
      }),
    )
    const said = await heldBy(
      client,
      steps(bind(['1', 't'], 's'), { kind: 'execute', portal: '', rows: 0 }),
    )
    expect(said).toMatch(/Firebreak holds DELETE/)
    client.socket.destroy()
    const [hold] = await it.holds()
    if (hold === undefined) throw new Error('nothing is held')
    const { batch, ...setting } = it.stored(hold)
    expect(setting).toEqual({
      database: 'postgres',
      role: 'clerk',
      settings: new Map([
        ['app.tenant', 'five'],
        ['datestyle', 'German, DMY'],
      ]),
    })
    expect(batch).toMatchObject({
      kind: 'extended',
      closes: 'sync',
      steps: [
        { kind: 'parse', name: '', text: 'DELETE FROM car WHERE id = $1 OR $2', types: [23, 16] },
        {
          kind: 'bind',
          values: [new Uint8Array(Buffer.from('1')), new Uint8Array(Buffer.from('t'))],
        },
        { kind: 'execute' },
      ],
    })
    // A person sees under what it would run, and no value that may be a secret.
    expect(hold.action.operations[0]?.parameters['under']).toEqual({
      role: 'clerk',
      settings: { 'app.tenant': '…', datestyle: 'German, DMY' },
    })
    const read = it.reread(hold)
    expect(read.map(({ effect, kinds, parameters }) => ({ effect, kinds, parameters }))).toEqual([
      {
        effect: 'destroy',
        kinds: ['data'],
        parameters: {
          text: 'DELETE FROM car WHERE id = $1 OR $2',
          values: ['1', 't'],
          bound: { types: [23, 16], binary: [null, null] },
          under: { role: 'clerk', settings: { 'app.tenant': 'five', datestyle: 'German, DMY' } },
        },
      },
    ])
  })

  test('is the same again, and another under other settings', async () => {
    await it.psql('DELETE FROM car;')
    await it.psql("SET application_name = 'x'; DELETE FROM car;")
    expect(await it.holds()).toHaveLength(1)
    await it.psql('SET search_path = other; DELETE FROM car;')
    expect(await it.holds()).toHaveLength(2)
  })

  test('reads once more as what was approved, also what was counted', async () => {
    await it.psql('DELETE FROM car WHERE id IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);')
    const [hold] = await it.holds()
    if (hold === undefined) throw new Error('nothing is held')
    const [read] = it.reread(hold)
    const [operation] = hold.action.operations
    expect([read?.name, read?.effect, read?.kinds]).toEqual([
      operation?.name,
      operation?.effect,
      operation?.kinds,
    ])
    expect(read?.effect).toBe('destroy')
  })

  test('a function that is called by its oid', async () => {
    const oid = Number(it.cluster.sql("SELECT 'pg_catalog.lo_unlink(oid)'::regprocedure::oid"))
    const client = await login(it.gateway.port, 'postgres', 'shop')
    const call = frame(
      'F',
      int32(oid),
      Uint8Array.of(0, 1, 0, 1, 0, 1),
      int32(4),
      int32(7),
      Uint8Array.of(0, 1),
    )
    expect(await heldBy(client, call)).toMatch(/Firebreak holds FunctionCall/)
    client.socket.destroy()
    const [hold] = await it.holds()
    if (hold === undefined) throw new Error('nothing is held')
    expect(it.stored(hold).batch).toEqual({ kind: 'call', oid, bytes: new Uint8Array(call) })
  })
})

describe('what changes rows is counted, whoever does it', () => {
  test.each([
    ['by a function', 'SELECT scrap(id) FROM car'],
    ['by a trigger', 'INSERT INTO log SELECT id FROM car'],
    ['by a block', 'DO $$ BEGIN DELETE FROM car WHERE id IN (SELECT id FROM car LIMIT 40); END $$'],
    [
      'by a CTE',
      'WITH d AS (DELETE FROM car WHERE id IN (SELECT id FROM car LIMIT 40) RETURNING 1) SELECT count(*) FROM d',
    ],
    [
      'in one that is explained',
      'EXPLAIN ANALYZE DELETE FROM car WHERE id IN (SELECT id FROM car LIMIT 40)',
    ],
    [
      'by an upsert',
      "INSERT INTO car SELECT g, 'n' FROM generate_series(1, 40) g ON CONFLICT (id) DO UPDATE SET name = 'n'",
    ],
    [
      'by a merge',
      'MERGE INTO car USING (SELECT id FROM car LIMIT 40) s ON car.id = s.id WHEN MATCHED AND car.id = s.id THEN DELETE',
    ],
  ])('%s', async (_, text) => {
    const before = it.cluster.sql('TABLE car')
    expect(await it.psql(`${text};`)).toMatch(/Firebreak (holds|refuses)/)
    expect(it.cluster.sql('TABLE car')).toBe(before)
    expect(await it.psql(`BEGIN; ${text}; COMMIT;`)).toMatch(/Firebreak (holds|refuses)/)
    expect(it.cluster.sql('TABLE car')).toBe(before)
    expect(it.left()).toBe(10)
  })

  test('COPY into a table whose triggers delete is counted in a transaction, and by itself is not let in', async () => {
    const copy = (ids: readonly number[]): string =>
      `COPY log FROM STDIN;\n${ids.join('\n')}\n\\.\n`
    const many = Array.from({ length: 20 }, (_, at) => at + 1)
    expect(await it.psql(copy(many))).toMatch(/cannot count what this COPY changes/)
    expect(await it.psql(`BEGIN;\n${copy(many)}COMMIT;`)).toMatch(/would change or delete 20 rows/)
    expect(cars()).toBe('40')
    expect(await it.psql(`BEGIN;\n${copy([1, 2])}COMMIT;`)).toBe('')
    expect([cars(), it.left()]).toEqual(['38', 8])
  })
})
