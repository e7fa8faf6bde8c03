/** A password of a PostgreSQL server is asked what it can do, on a real server: reads only, and never in the clear over the net. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askDatabase, databaseOf } from '../../src/app/reach-database.ts'
import { graphOf } from '../../src/scan/radius.ts'
import { nounOf, sentenceOf } from '../../src/scan/radius-words.ts'
import { findIn } from '../../src/scan/find.ts'
import { databaseReach } from '../../src/scan/reach/postgres.ts'
import type { Reach } from '../../src/scan/reach/reach.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import { drawn } from './planted.ts'

let cluster: Cluster
const password = drawn('reach', 20)
const user = (
  name: string,
  may = '',
): { name: string; password: string; how: 'scram-sha-256'; may: string } => ({
  name,
  password,
  how: 'scram-sha-256',
  may,
})

beforeAll(async () => {
  cluster = await startCluster({
    users: [
      user('boss', 'SUPERUSER'),
      user('owner'),
      user('app'),
      user('reader'),
      user('heir'),
      user('editor'),
      user('column'),
      user('filler'),
      user('runner'),
      user('writer'),
      user('shut'),
      ...[
        ['outsider', 'NOINHERIT'],
        ['everyone', ''],
        ['schema', ''],
        ['viewer', ''],
        ['maker', 'CREATEROLE'],
        ['builder', 'CREATEDB'],
        ['streamer', 'REPLICATION'],
        ['scribe', ''],
        ['lender', ''],
        ['trigger', ''],
        ['landlord', ''],
        ['climber', ''],
      ].map(([name = '', may]) => user(name, may)),
    ],
  })
  cluster.sql('CREATE DATABASE shop OWNER owner')
  cluster.sql(
    `CREATE TABLE bookings AS SELECT generate_series(1, 100) AS id; ANALYZE bookings;
     GRANT SELECT, DELETE ON bookings TO app; GRANT SELECT ON bookings TO reader; GRANT boss TO heir; GRANT UPDATE ON bookings TO editor; GRANT UPDATE (id) ON bookings TO "column";
     GRANT app TO outsider; GRANT pg_write_all_data TO everyone; GRANT pg_read_all_data TO scribe; CREATE SCHEMA house AUTHORIZATION schema;
     CREATE TABLE house.rows (id int); CREATE VIEW recent AS SELECT * FROM bookings; GRANT SELECT, DELETE ON recent TO viewer;
     CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM bookings'; REVOKE EXECUTE ON FUNCTION purge() FROM PUBLIC;
     GRANT EXECUTE ON FUNCTION purge() TO lender; GRANT TRIGGER ON bookings TO "trigger";
     CREATE ROLE ladder NOLOGIN; GRANT boss TO ladder; GRANT ladder TO climber WITH ADMIN OPTION;
     GRANT INSERT ON bookings TO filler; GRANT pg_execute_server_program TO runner; GRANT pg_write_server_files TO writer`,
    'shop',
  )
}, 60_000)
afterAll(async () => await cluster.stop())

async function reach(url: string): Promise<{ readonly reach: Reach; readonly sentence: string }> {
  const [found] = findIn(`DATABASE_URL=${url}\n`, '.env')
  if (found === undefined) throw new Error('nothing was found')
  const ask = databaseOf(found)
  if (ask === null) throw new Error('nothing to ask')
  const answer = await askDatabase(ask, found.secret)
  const one = {
    finding: found.id,
    provider: 'postgres',
    label: 'it',
    place: '.env:1',
    reach: answer,
  }
  expect(JSON.stringify(answer)).not.toContain(password)
  return { reach: answer, sentence: sentenceOf(graphOf([one]), one, nounOf(found.rule)) }
}
const isOld = (): boolean => Number(cluster.sql('SHOW server_version_num').trim()) < 160_000
const at = (name: string, rest = ''): string =>
  `postgres://${name}:${password}@127.0.0.1:${cluster.port}/shop${rest}`

test.each<[string, string, readonly string[]]>([
  [
    'boss',
    'this password can delete database shop (2 tables, about 100 rows, ',
    ['DROP DATABASE', 'DROP TABLE', 'DELETE', 'UPDATE', 'CREATE ROLE', 'SELECT'],
  ],
  ['heir', 'this password can delete database shop', ['DROP DATABASE', 'CREATE ROLE']],
  ['owner', 'this password can delete database shop', ['DROP DATABASE']],
  ['app', 'this password can delete database shop', ['DELETE', 'SELECT']],
  ['editor', 'this password can delete database shop', ['UPDATE']],
  ['column', 'this password can delete database shop', ['UPDATE']],
  ['filler', 'this password can change or stop things', ['INSERT']],
  [
    'runner',
    'this password can delete database shop',
    ['COPY to a program or file', 'CREATE ROLE'],
  ],
  [
    'writer',
    'this password can delete database shop',
    ['COPY to a program or file', 'CREATE ROLE'],
  ],
  ['reader', 'this password can only read', ['SELECT']],
  // Without INHERIT a right is one SET ROLE away.
  ['outsider', 'this password can delete database shop', ['DELETE', 'SELECT']],
  ['everyone', 'this password can delete database shop', ['DELETE', 'UPDATE', 'INSERT']],
  // The owner of a schema drops what others keep in it.
  ['schema', 'this password can delete database shop', ['DROP TABLE']],
  ['viewer', 'this password can delete database shop', ['DELETE']],
  ['trigger', 'this password can delete database shop', ['CREATE TRIGGER']],
  ['climber', 'this password can delete database shop', ['DROP DATABASE']],
  ['builder', 'this password can change or stop things', ['CREATE DATABASE']],
  [
    'streamer',
    'this password can change or stop things',
    ['BASE_BACKUP, DROP_REPLICATION_SLOT', 'SELECT'],
  ],
  ['scribe', 'this password can only read', ['SELECT']],
  ['lender', 'nobody could say all that this password can do', []],
])('role %s', async (name, sentence, operations) => {
  const told = await reach(at(name))
  expect(told.sentence).toContain(sentence)
  expect(told.reach).toMatchObject({
    kind: 'told',
    who: `role ${name} at 127.0.0.1:${cluster.port}`,
  })
  const powers = told.reach.kind === 'told' ? told.reach.powers : []
  expect(powers.map(({ operation }) => operation)).toEqual(expect.arrayContaining([...operations]))
  if (name === 'reader') expect(powers).toHaveLength(1)
})

test.each([
  ['a wrong password', `postgres://app:${drawn('wrong', 20)}@127.0.0.1:PORT/shop`, 'dead'],
  ['no such database', `postgres://app:${password}@127.0.0.1:PORT/nothing`, 'silent'],
  ['nobody there', `postgres://app:${password}@127.0.0.1:1/shop`, 'silent'],
  ['in the clear', `postgres://app:${password}@db.shop.io/shop?sslmode=disable`, 'silent'],
])('%s', async (_, url, kind) => {
  const told = await reach(url.replace('PORT', String(cluster.port)))
  expect(told.reach.kind).toBe(kind)
})

test('what a role may in another database of the same server counts too, and one that it may not enter is not looked into', async () => {
  cluster.sql(
    'CREATE DATABASE ledger; CREATE DATABASE shut; REVOKE CONNECT ON DATABASE shut FROM PUBLIC',
  )
  cluster.sql('CREATE TABLE entries (id int); GRANT DELETE ON entries TO reader', 'ledger')
  const told = await reach(at('reader'))
  cluster.sql('DROP DATABASE ledger; DROP DATABASE shut')
  expect(told.sentence).toContain('this password can delete database ledger (1 table, ')
  expect(JSON.stringify(told.reach)).not.toContain('shut')
})

test('of many databases the first are looked into, and the rest is told', async () => {
  const names = Array.from({ length: 8 }, (_, nth) => `room_${nth}`)
  for (const name of names) cluster.sql(`CREATE DATABASE ${name}`)
  const told = await reach(at('reader'))
  for (const name of names) cluster.sql(`DROP DATABASE ${name}`)
  expect(told.reach).toMatchObject({
    unknown: [expect.stringMatching(/^\d+ more databases? that/)],
  })
})

test('CREATEROLE is every role before PostgreSQL 16, and only the making of roles from then on', async () => {
  const { reach: told } = await reach(at('maker'))
  const powers = told.kind === 'told' ? told.powers : []
  expect(powers.some(({ does }) => does === 'mints')).toBe(true)
  expect(powers.some(({ does }) => does === 'destroys')).toBe(isOld())
})

// Since 16 a membership says itself what it gives.
test.for<[string, string, string]>([
  ['nothing', 'INHERIT FALSE, SET FALSE', 'SELECT'],
  ['its rights, but not to become it', 'INHERIT TRUE, SET FALSE', 'DELETE'],
  ['to become it', 'INHERIT FALSE, SET TRUE', 'DELETE'],
  ['to give it to itself', 'INHERIT FALSE, SET FALSE, ADMIN TRUE', 'DELETE'],
])('a membership that gives %s', async ([, options, operation], { skip }) => {
  skip(isOld(), 'a membership says so since PostgreSQL 16')
  cluster.sql(`REVOKE app FROM reader; GRANT app TO reader WITH ${options}`, 'shop')
  const { reach: told } = await reach(at('reader'))
  const powers = told.kind === 'told' ? told.powers.map((one) => one.operation) : []
  cluster.sql('REVOKE app FROM reader', 'shop')
  expect(powers.includes('DELETE')).toBe(operation === 'DELETE')
})

test('since 16 a superuser whose rights are inherited, and who cannot be become, lends no attribute', async ({
  skip,
}) => {
  skip(isOld(), 'a membership says so since PostgreSQL 16')
  cluster.sql('GRANT boss TO reader WITH INHERIT TRUE, SET FALSE')
  const { reach: told } = await reach(at('reader'))
  cluster.sql('REVOKE boss FROM reader')
  expect(told).toMatchObject({ isBlanket: false })
})

test('who owns the database owns what is `pg_database_owner`’s', async () => {
  cluster.sql('CREATE DATABASE "let" OWNER landlord')
  cluster.sql('CREATE TABLE public.rent (id int)', 'let')
  const told = await reach(at('landlord').replace('/shop', '/let'))
  const powers = told.reach.kind === 'told' ? told.reach.powers : []
  expect(powers.map(({ operation }) => operation)).toContain('DROP TABLE')
})

test('who is refused by 28000 is not dead: that is also told of an address without a line in pg_hba.conf', async () => {
  cluster.sql('ALTER ROLE shut NOLOGIN')
  const told = await reach(at('shut'))
  expect(told.reach).toMatchObject({
    kind: 'silent',
    why: expect.stringContaining('let `shut` in'),
  })
  expect(told.sentence).toContain('count it as everything')
})

test('it reads in a transaction that may only read', async () => {
  const asked: string[] = []
  const fake = async (sql: string): Promise<readonly []> => {
    asked.push(sql.split(/\s+/).slice(0, 4).join(' '))
    return await Promise.resolve([])
  }
  expect(await databaseReach('db:1', fake)).toMatchObject({ kind: 'silent' })
  expect(asked).toEqual([
    'BEGIN TRANSACTION READ ONLY',
    'SET LOCAL statement_timeout =',
    'WITH RECURSIVE membership AS',
    'ROLLBACK',
  ])
})

test('a server that says the password back is not repeated', async () => {
  cluster.sql(`CREATE DATABASE "is ${password}" OWNER owner`)
  const told = await reach(at('owner'))
  expect(JSON.stringify(told.reach)).toContain('is [secret]')
})

test.each<[string, string, string | null]>([
  [
    'a driver in the scheme',
    'postgresql+asyncpg://a:S3cret-pw1@db.shop.io:6543/main',
    'db.shop.io:6543',
  ],
  ['without a database', 'postgres://a:S3cret-pw1@db.shop.io', 'db.shop.io:5432'],
  [
    'settings of a client',
    'postgres://a:S3cret-pw1@db.shop.io/main?sslmode=require',
    'db.shop.io:5432',
  ],
  ['another host behind it', 'postgres://a:S3cret-pw1@db.shop.io/main?host=evil.example', null],
  ['another address behind it', 'postgres://a:S3cret-pw1@db.shop.io/main?hostaddr=10.0.0.1', null],
])('%s: where it leads', (_, url, where) => {
  const [found] = findIn(`DATABASE_URL=${url}\n`, '.env')
  expect(found === undefined ? null : (databaseOf(found)?.where ?? null)).toBe(where)
})

test('a line of .pgpass leads where it says', () => {
  const [found] = findIn('db.shop.io:5433:main:app:S3cret-pw1\n', '.pgpass')
  expect(found === undefined ? null : databaseOf(found)?.where).toBe('db.shop.io:5433')
})
