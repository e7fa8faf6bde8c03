/** What is counted answers byte for byte as the server does, and leaves the same behind, in every kind of transaction. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { frame, joined } from '../../src/wire/postgres/frame.ts'
import { flush, query, sync } from '../../src/wire/postgres/front.ts'
import { writeStep } from '../../src/wire/postgres/step.ts'
import type { Step } from '../../src/wire/postgres/step.ts'
import { openEnforced } from './enforce-house.ts'
import type { Enforced } from './enforce-house.ts'
import { login } from './relay-house.ts'

let it: Enforced

const furniture = `CREATE TABLE IF NOT EXISTS car (id int PRIMARY KEY, name text);
CREATE TABLE IF NOT EXISTS bound (id int PRIMARY KEY, car int REFERENCES car DEFERRABLE INITIALLY DEFERRED);
TRUNCATE car, bound;
INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 20) g;
INSERT INTO bound SELECT g, g FROM generate_series(1, 5) g;`

beforeAll(async () => {
  it = await openEnforced()
  it.cluster.sql(furniture)
  await it.look()
}, 60_000)
afterAll(() => it.close())

const parse = (text: string, name = ''): Step => ({ kind: 'parse', name, text, types: [] })
const bind = (values: readonly string[] = [], statement = '', portal = ''): Step => ({
  kind: 'bind',
  portal,
  statement,
  values: values.map((value) => Buffer.from(value)),
  formats: [],
  results: [],
})
const describe: Step = { kind: 'describe', what: 'portal', name: '' }
const execute = (portal = '', rows = 0): Step => ({ kind: 'execute', portal, rows })
const steps = (...list: readonly Step[]): Uint8Array => joined(list.map(writeStep))
const run = (text: string, ...values: readonly string[]): Uint8Array =>
  steps(parse(text), bind(values), describe, execute())

/** What is said, and up to which message its answer is awaited. */
type Scene = readonly (readonly [Uint8Array, string])[]
const ask = (text: string): Scene[number] => [query(text), 'Z']

const one = "UPDATE car SET name = 'x' WHERE id = 1"
const two = 'DELETE FROM car WHERE id = 20 RETURNING id'
const broken = 'UPDATE bound SET car = 99 WHERE id = 1'

const scenes: { readonly [name: string]: Scene } = {
  'a statement alone': [ask(one), ask(two)],
  'a text that begins and commits': [ask(`BEGIN; ${one}; COMMIT`)],
  'one that rolls back': [ask(`BEGIN; ${one}; ROLLBACK; SELECT count(*) FROM car`)],
  'other words for it': [ask(`START TRANSACTION ISOLATION LEVEL SERIALIZABLE; ${one}; END;;`)],
  'reads between': [
    ask(`BEGIN; SELECT 1; ${two}; SELECT name FROM car WHERE id < 4; COMMIT; SELECT 3`),
  ],
  'a savepoint': [ask(`BEGIN; ${one}; SAVEPOINT a; ${two}; ROLLBACK TO a; RELEASE a; COMMIT`)],
  'what stands behind the end is a transaction of its own': [
    ask(`BEGIN; ${one}; COMMIT; ${two}; SELECT 1; SELECT 1/0`),
    ask('SELECT count(*) FROM car'),
  ],
  'an error aborts the rest': [
    ask(`BEGIN; ${one}; SELECT 1/0; COMMIT`),
    ask('SELECT 1'),
    ask('END'),
  ],
  'an error is at its place': [
    ask(`/* ü€😀 */ BEGIN; ${one};\n SELECT nowhere FROM car; COMMIT`),
    ask('ROLLBACK'),
  ],
  'an error of what is counted is at its place': [
    ask(`/* ü€😀 */ BEGIN; ${one}; UPDATE car SET nowhere = 1 WHERE id = 1; COMMIT`),
    ask('ROLLBACK'),
  ],
  'several in an implicit transaction': [ask(`${one}; ${two}; SELECT 1`)],
  'an error in one': [ask(`${one}; ${two}; SELECT 1/0; SELECT 1`), ask('SELECT count(*) FROM car')],
  'a chain': [ask(`BEGIN; ${one}; COMMIT AND CHAIN; ${two}; ROLLBACK AND CHAIN; ${one}; COMMIT`)],
  'the end of one that is open': [ask('BEGIN'), ask(`${one}; COMMIT; ${two}`)],
  'the begin of one that is open': [ask('BEGIN'), ask(`${one}; BEGIN; ${two}; COMMIT`)],
  'the end of one that failed': [
    ask('BEGIN'),
    ask('SELECT 1/0'),
    ask(one),
    ask(`ROLLBACK; ${one}`),
  ],
  'a commit of one that failed': [ask(`BEGIN; ${one}`), ask('SELECT 1/0'), ask('COMMIT')],
  notices: [ask(`BEGIN; DO $$ BEGIN RAISE NOTICE 'hear'; END $$; ${one}; SAVEPOINT a; COMMIT`)],
  'a setting that is told': [ask(`BEGIN; SET DateStyle = 'German'; ${one}; COMMIT; SELECT 1`)],
  'data that goes out': [ask(`BEGIN; COPY bound TO STDOUT; ${one}; COMMIT`)],
  'a constraint that speaks up at the end of a statement': [ask(broken), ask('SELECT 1')],
  'and at the end of a text': [ask(`${one}; ${broken}`), ask('SELECT 1')],
  'and at COMMIT': [ask(`BEGIN; ${broken}; SELECT 1; COMMIT; SELECT 2`), ask('SELECT 1')],
  'and at a COMMIT by itself': [ask('BEGIN'), ask(broken), ask('COMMIT'), ask('SELECT 1')],
  'an upsert, a merge, a CTE': [
    ask("INSERT INTO car VALUES (1, 'y'), (30, 'z') ON CONFLICT (id) DO UPDATE SET name = 'y'"),
    ask(
      'MERGE INTO car USING (VALUES (1)) s(id) ON car.id = s.id WHEN MATCHED THEN UPDATE SET name = NULL',
    ),
    ask('WITH d AS (DELETE FROM bound WHERE id = 1 RETURNING id) SELECT count(*) FROM d'),
  ],
  'what only a newer server reads': [
    ask(`BEGIN; ${one}; COMMIT; SELECT JSON_OBJECT('a': 1)`),
    ask('SELECT name FROM car WHERE id = 1'),
  ],
  'what is no SQL': [
    ask("SELEC 1; DROP TABLE 'car"),
    ask('/* ü */ DELETE FROM car WHERE; COMMIT'),
    [joined([run('DROP TABLE IF car'), sync]), 'Z'],
    ask('BEGIN'),
    ask('DROP'),
    ask('SELECT 1'),
    ask('ROLLBACK'),
  ],
  'a cursor': [
    ask('BEGIN; DECLARE c CURSOR FOR SELECT * FROM car WHERE id = 7 FOR UPDATE'),
    ask('FETCH 1 FROM c'),
    ask('DELETE FROM car WHERE CURRENT OF c'),
    ask('COMMIT'),
  ],
  'extended, alone': [[joined([run(`${one} RETURNING name`), sync]), 'Z']],
  'extended, with values': [
    [joined([run('UPDATE car SET name = $1 WHERE id = $2', 'v', '3'), sync]), 'Z'],
  ],
  'extended, twice in one batch': [[joined([run(one), run(two), sync]), 'Z']],
  'extended, an error behind it': [
    [joined([run(one), run('SELECT 1/0'), run(two), sync]), 'Z'],
    ask('SELECT count(*) FROM car'),
  ],
  'a driver that begins in the batch of its first statement': [
    [joined([run('BEGIN'), run(one), sync]), 'Z'],
    [joined([run(two), sync]), 'Z'],
    [joined([run('COMMIT'), sync]), 'Z'],
  ],
  'a pipeline that begins and commits': [
    [joined([run('BEGIN'), run(one), run(two), run('COMMIT'), run('SELECT 1'), sync]), 'Z'],
  ],
  'a pipeline of batches': [
    [joined([run('BEGIN'), sync, run(one), sync, run(two), sync, run('COMMIT'), sync]), 'Z'],
    [steps(), 'Z'],
    [steps(), 'Z'],
    [steps(), 'Z'],
  ],
  'a pipeline that fails': [
    [joined([run('BEGIN'), run(one), run('SELECT 1/0'), run('COMMIT'), sync]), 'Z'],
    [joined([run('ROLLBACK'), sync]), 'Z'],
  ],
  'described before it is bound': [
    [joined([steps(parse('UPDATE car SET name = $1 WHERE id = 2', 's')), flush]), '1'],
    [joined([steps(bind(['w'], 's'), execute()), sync]), 'Z'],
  ],
  'flushed, then synced': [
    [joined([run(one), flush]), 'C'],
    [sync, 'Z'],
    ask('SELECT name FROM car WHERE id = 1'),
  ],
  'flushed twice': [
    [joined([run(one), flush]), 'C'],
    [joined([run(two), flush]), 'C'],
    [joined([run('SELECT count(*) FROM car'), sync]), 'Z'],
  ],
  'flushed, and the next fails': [
    [joined([run(one), flush]), 'C'],
    [joined([run('SELECT 1/0'), run(two), sync]), 'Z'],
    ask('SELECT name FROM car WHERE id = 1'),
  ],
  'flushed, and the next fails before its Sync': [
    [joined([run(one), flush]), 'C'],
    [joined([run('SELECT 1/0'), flush]), 'E'],
    [joined([run(two), flush]), ''],
    [sync, 'Z'],
    ask('SELECT name FROM car WHERE id = 1'),
  ],
  'flushed, and it fails itself': [
    [joined([run('UPDATE car SET id = 2 WHERE id = 1'), flush]), 'E'],
    [joined([run(two), sync]), 'Z'],
    ask('SELECT count(*) FROM car'),
  ],
  'flushed, then a Query': [
    [joined([run(one), flush]), 'C'],
    ask('SELECT name FROM car WHERE id = 1'),
  ],
  'a portal that is read in part': [
    [joined([steps(parse('BEGIN'), bind(), execute()), sync]), 'Z'],
    [
      joined([
        steps(parse('DELETE FROM car WHERE id IN (3, 4, 5) RETURNING id'), bind([], '', 'p')),
        steps(execute('p', 2)),
        sync,
      ]),
      'Z',
    ],
    [joined([steps(execute('p', 2)), sync]), 'Z'],
    [joined([steps(parse('COMMIT'), bind(), execute()), sync]), 'Z'],
  ],
  "a statement of SQL's PREPARE": [
    ask('PREPARE q(int) AS UPDATE car SET name = NULL WHERE id = $1'),
    ask('EXECUTE q(2)'),
    [joined([steps(bind(['3'], 'q'), execute()), sync]), 'Z'],
    ask('DEALLOCATE q'),
  ],
  'data that comes in, where nothing is counted': [
    [joined([query('COPY bound FROM STDIN'), frame('d', Buffer.from('9\t9\n')), frame('c')]), 'Z'],
  ],
}

async function play(where: 'direct' | 'through', scene: Scene): Promise<readonly string[]> {
  it.cluster.sql(furniture)
  await it.look()
  const client =
    where === 'direct'
      ? await login(it.cluster.port, 'postgres', 'postgres', null)
      : await login(it.gateway.port, 'postgres', 'shop')
  const said: string[] = []
  for (const [bytes, until] of scene) {
    client.say(bytes)
    if (until === '') continue
    for (const message of await client.until(until))
      said.push(Buffer.from(message.bytes).toString('latin1'))
  }
  client.socket.destroy()
  const state = 'TABLE car; TABLE bound'
  return [...said, ...it.cluster.sql(state).split('\n').toSorted()]
}

test.each(Object.entries(scenes))('%s', async (_, scene) => {
  await it.afresh()
  it.most = 100
  const direct = await play('direct', scene)
  expect(await play('through', scene)).toEqual(direct)
})
