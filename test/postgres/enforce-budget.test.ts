/** The row budget before a real server: whole transactions, many sessions, real drivers, shadow mode. */
import { once } from 'node:events'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { query } from '../../src/wire/postgres/front.ts'
import { openEnforced } from './enforce-house.ts'
import type { Enforced } from './enforce-house.ts'
import { login } from './relay-house.ts'
import type { Raw } from './relay-house.ts'

let it: Enforced

beforeAll(async () => {
  it = await openEnforced()
  it.cluster.sql(
    `CREATE TABLE car (id int PRIMARY KEY, name text);
CREATE TABLE trip (id int PRIMARY KEY, car int REFERENCES car ON DELETE CASCADE);
CREATE TABLE late (id int PRIMARY KEY);
CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM trip WHERE id = NEW.id; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER later AFTER UPDATE ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION later();
CREATE PROCEDURE steps(k int) LANGUAGE plpgsql AS $$ BEGIN DELETE FROM car WHERE id = k; COMMIT; DELETE FROM car WHERE id = k + 1; END $$;`,
  )
  await it.look()
}, 60_000)
afterAll(() => it.close())
beforeEach(async () => {
  it.cluster.sql(
    `TRUNCATE car, trip, late;
INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 200) g;
INSERT INTO trip SELECT g, 200 FROM generate_series(1, 50) g;
INSERT INTO late SELECT generate_series(1, 20);`,
  )
  await it.afresh()
  it.most = 100
})

const count = (table = 'car'): string => it.cluster.sql(`SELECT count(*) FROM ${table}`).trim()
const some = (from: number, to: number): string =>
  `DELETE FROM car WHERE id IN (${Array.from({ length: to - from + 1 }, (_, at) => from + at).join(', ')})`

async function say(client: Raw, text: string): Promise<string> {
  client.say(query(text))
  const said = await client.until('Z')
  return said.map(({ bytes }) => Buffer.from(bytes).toString('utf8')).join('')
}

test('many small ones add up: the one that is too many is held', async () => {
  const out: string[] = []
  for (const at of [0, 1, 2, 3]) out.push(await it.psql(`${some(at * 30 + 1, at * 30 + 30)};`))
  expect(out.slice(0, 3)).toEqual(['', '', ''])
  expect(out[3]).toMatch(/Firebreak holds DELETE[\s\S]* 30 rows, and 10 are left/)
  expect([count(), it.left()]).toEqual(['110', 10])
})

test('two sessions at the same moment do not both get the last rows', async () => {
  const clients = [
    await login(it.gateway.port, 'x', 'shop'),
    await login(it.gateway.port, 'x', 'shop'),
  ]
  const [one, other] = clients
  if (one === undefined || other === undefined) throw new Error('no clients')
  await say(one, `BEGIN; ${some(1, 60)}`)
  await say(other, `BEGIN; ${some(61, 120)}`)
  const said = await Promise.all(clients.map((client) => say(client, 'COMMIT')))
  expect(said.filter((each) => each.includes('C\0\0\0\vCOMMIT'))).toHaveLength(1)
  expect(said.filter((each) => each.includes('60 rows, and 40 are left'))).toHaveLength(1)
  // Both are idle again, as after a COMMIT that failed.
  expect(said.map((each) => each.at(-1))).toEqual(['I', 'I'])
  expect([count(), it.left()]).toEqual(['140', 40])
  for (const { socket } of clients) socket.destroy()
})

test('a client that goes in the middle of a transaction spends nothing', async () => {
  const client = await login(it.gateway.port, 'x', 'shop')
  await say(client, `BEGIN; ${some(1, 60)}`)
  client.socket.destroy()
  await once(client.socket, 'close')
  await expect
    .poll(() =>
      it.cluster.sql("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'").trim(),
    )
    .toBe('0')
  expect([count(), it.left()]).toEqual(['200', 100])
})

test('rows that went back to a savepoint are counted all the same', async () => {
  await it.psql(`BEGIN; SAVEPOINT a; ${some(1, 30)}; ROLLBACK TO a; ${some(1, 10)}; COMMIT;`)
  expect([count(), it.left()]).toEqual(['190', 60])
})

test.each([
  [
    'COMMIT AND CHAIN',
    `BEGIN; ${some(1, 60)}; COMMIT AND CHAIN; ${some(61, 120)}; COMMIT;`,
    '140',
    40,
  ],
  [
    'ROLLBACK AND CHAIN',
    `BEGIN; ${some(1, 60)}; ROLLBACK AND CHAIN; ${some(61, 120)}; COMMIT;`,
    '140',
    40,
  ],
  ['END', `BEGIN; ${some(1, 60)}; END; BEGIN; ${some(61, 120)}; END;`, '140', 40],
  ['PREPARE TRANSACTION', `BEGIN; ${some(1, 60)}; PREPARE TRANSACTION 'x';`, '200', 100],
])('each end of a transaction is one: %s', async (_, text, cars, left) => {
  await it.psql(text)
  expect([count(), it.left()]).toEqual([cars, left])
  expect(it.cluster.sql('SELECT count(*) FROM pg_prepared_xacts').trim()).toBe('0')
})

test('what cascades is counted, and what is deferred to the end', async () => {
  it.most = 10
  expect(await it.psql('DELETE FROM car WHERE id = 200;')).toMatch(/ 51 rows, and 10 are left/)
  expect(await it.psql('UPDATE late SET id = id WHERE id IN (1, 2, 3, 4, 5, 6);')).toMatch(
    / 12 rows, and 10 are left/,
  )
  expect(
    await it.psql('BEGIN; UPDATE late SET id = id WHERE id IN (1, 2, 3, 4, 5, 6); COMMIT;'),
  ).toMatch(/ 12 rows, and 10 are left/)
  expect([count('trip'), it.left()]).toEqual(['50', 10])
  await it.psql('UPDATE late SET id = id WHERE id = 1;')
  expect([count('trip'), it.left()]).toEqual(['49', 8])
})

test('a procedure that commits by itself cannot be counted, and does nothing', async () => {
  const out = await it.psql('CALL steps(1);')
  expect(out).toMatch(/Firebreak holds CALL[\s\S]*ends its transaction by itself/)
  expect([count(), it.left()]).toEqual(['200', 100])
})

test.each([
  [`${some(1, 5)}; COMMIT`],
  [`BEGIN; ${some(1, 5)}; COMMIT; COMMIT`],
  [`${some(1, 5)}; BEGIN; ${some(6, 7)}; COMMIT`],
  [`SAVEPOINT a; ${some(1, 5)}`],
])('what cannot be answered as the server would is refused with a clear line: %s', async (text) => {
  const said = await it.psql('', ['-c', text])
  expect(said).toMatch(/Firebreak counts the rows of a write before it is kept/)
})

test('over the budget in one text with its COMMIT nothing is kept, and the session is idle', async () => {
  const out = await it.psql('', ['-c', `BEGIN; ${some(1, 101)}; COMMIT`, '-c', 'SELECT 7'])
  expect(out).toMatch(/ 101 rows, and 100 are left/)
  expect([count(), it.left(), await it.holds()]).toEqual(['200', 100, []])
})

test('psql with one transaction around a file', async () => {
  expect(await it.psql(`${some(1, 5)};\n${some(6, 9)};`, ['-1', '-f', '-'])).toBe('')
  expect([count(), it.left()]).toEqual(['191', 91])
})

test('node-postgres: transactions, values, names', async () => {
  const client = new pg.Client({ connectionString: it.url })
  await client.connect()
  await client.query('BEGIN')
  await client.query('UPDATE car SET name = $1 WHERE id = $2', ['a', 1])
  await client.query({ name: 'n', text: 'DELETE FROM car WHERE id = ANY($1)', values: [[2, 3]] })
  await client.query('COMMIT')
  expect([count(), it.left()]).toEqual(['198', 97])
  // More than is left, under a name: the name stays prepared, as after an error of the server.
  const many = { name: 'm', text: 'DELETE FROM car WHERE id = ANY($1)' }
  const ids = Array.from({ length: 150 }, (_, at) => at + 10)
  await expect(client.query({ ...many, values: [ids] })).rejects.toMatchObject({
    code: '42501',
    detail: expect.stringMatching(/150 rows, and 97 are left/),
  })
  expect((await client.query({ ...many, values: [[10]] })).rowCount).toBe(1)
  await client.end()
})

test('postgres.js: what it describes before it binds, and its transactions', async () => {
  const sql = postgres(it.url, { max: 1, onnotice: () => undefined })
  expect(
    (await sql`UPDATE car SET name = ${'b'} WHERE id = ${1} RETURNING name`)[0]?.['name'],
  ).toBe('b')
  await sql.begin(async (tx) => {
    await tx`DELETE FROM car WHERE id = ${2}`
    await tx`DELETE FROM car WHERE id IN ${tx([3, 4])}`
  })
  expect([count(), it.left()]).toEqual(['197', 96])
  const all = Array.from({ length: 150 }, (_, at) => at + 10)
  await expect(sql`DELETE FROM car WHERE id IN ${sql(all)}`).rejects.toMatchObject({
    code: '42501',
    detail: expect.stringMatching(/150 rows, and 96 are left/),
  })
  await sql.end()
})

test('a large budget is looked at when a transaction ends', async () => {
  it.most = 20_000
  it.cluster.sql("INSERT INTO car SELECT g, 'n' FROM generate_series(1001, 26000) g")
  const ids = Array.from({ length: 15_000 }, (_, at) => 1001 + at)
  const bulk = `UPDATE car SET name = name WHERE id IN (${ids.join(',')})`
  const out = await it.psql(`BEGIN; ${bulk}; SELECT 'between'; ${bulk}; SELECT 'more'; COMMIT;`)
  expect(out).toMatch(/^between\nmore\n.* 30000 rows, and 20000 are left/)
  await it.psql(`BEGIN; ${bulk}; COMMIT;`)
  expect(it.left()).toBe(5000)
})

test('shadow mode keeps what is over the budget, and writes down what would have been', async () => {
  it.mode = 'shadow'
  const before = it.entries.length
  expect(await it.psql(`${some(1, 120)}; BEGIN; ${some(121, 130)}; COMMIT;`)).toBe('')
  expect(count()).toBe('70')
  const told = it.entries.slice(before).filter(({ kind }) => kind === 'shadowed')
  expect(told).toHaveLength(2)
  expect(JSON.stringify(told[0]?.body)).toMatch(/would change or delete 120 rows/)
  expect([it.left(), await it.holds()]).toEqual([0, []])
})

test('where destroying needs nobody nothing is counted', async () => {
  it.counts = false
  expect(await it.psql(`${some(1, 150)};`)).toBe('')
  expect([count(), it.left()]).toEqual(['50', 100])
})
