/** Real clients against any port: each runs its usual work and gives back what it said, so that direct and through can be compared. */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { findBinaries, notRoot, ownFolder } from './cluster.ts'

export interface Place {
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

/** A client's work; what differs between two runs of it (pids, times, ports) is masked. */
export type Client = (place: Place) => Promise<string>

/** Made once by the superuser in the database that the clients use; every client leaves it as it was. */
export const clientSetup = `
CREATE SCHEMA shop; CREATE TYPE shop.mood AS ENUM ('sad', 'happy');
CREATE TABLE shop.items (id serial PRIMARY KEY, name text NOT NULL, price numeric(10,2) CHECK (price >= 0), at timestamptz DEFAULT '2024-01-01 00:00Z', data jsonb, raw bytea, mood shop.mood);
INSERT INTO shop.items (name, price, data, raw, mood) SELECT 'item ' || i, i, jsonb_build_object('n', i), decode('00ff', 'hex'), 'happy' FROM generate_series(1, 500) i;
CREATE TABLE shop.parts (item int REFERENCES shop.items ON DELETE CASCADE, n int, PRIMARY KEY (item, n)) PARTITION BY RANGE (n);
CREATE TABLE shop.parts_low PARTITION OF shop.parts FOR VALUES FROM (0) TO (100);
CREATE VIEW shop.cheap AS SELECT * FROM shop.items WHERE price < 10; CREATE MATERIALIZED VIEW shop.totals AS SELECT count(*) FROM shop.items;
CREATE INDEX by_name ON shop.items (lower(name)); CREATE SEQUENCE shop.numbers; COMMENT ON TABLE shop.items IS 'what is sold';
CREATE FUNCTION shop.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION shop.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER noted BEFORE INSERT ON shop.items FOR EACH ROW EXECUTE FUNCTION shop.noted();
CREATE DOMAIN shop.zip AS text CHECK (VALUE <> ''); CREATE STATISTICS shop.stats ON name, price FROM shop.items; CREATE PUBLICATION pub FOR TABLE shop.items;
GRANT ALL ON SCHEMA shop TO PUBLIC; GRANT ALL ON ALL TABLES IN SCHEMA shop TO PUBLIC; GRANT ALL ON ALL SEQUENCES IN SCHEMA shop TO PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC;
`

const listings =
  'd dt di ds dv dm dn df da do dT dD dC dc dO dE des dew det deu dx dy dp ddp dg du drds dl db dP dPi dRp dRs dF dFp dFd dFt dL dA dAc dAf dAo dAp dconfig l z'.split(
    ' ',
  )

/** psql: every listing, plain and with `+`, on all schemas and on ours, and each kind of table described. */
export const psqlListings: Client = (place) => {
  const lines = listings.flatMap((name) => [`\\echo == ${name}`, `\\${name}`, ...plus(name)])
  const more = [
    'd+ shop.*',
    'd shop.items',
    'd+ shop.parts',
    'dt+ shop.*',
    'df+ shop.*',
    'dp shop.*',
    'sf shop.twice',
    'sv shop.cheap',
    'dT+ shop.*',
    'dd shop.*',
  ]
  return psql(place, [...lines, ...more.map((line) => `\\${line}`)].join('\n'))
}
/** Those with no `+`; and those whose `+` shows passwords, which is held. */
const bare = ['drds', 'dp', 'z', 'ddp', 'dconfig', 'deu', 'dRs']
const plus = (name: string): readonly string[] => (bare.includes(name) ? [] : [`\\${name}+`])

/** psql: transactions, errors, \\copy both ways, \\gdesc, variables, cursors by FETCH_COUNT, \\watch until it fails, \\crosstabview, NOTIFY. */
export const psqlWork: Client = (place) =>
  inFolder(async (dir) => {
    const out = join(dir, 'items.csv')
    return await psql(
      place,
      `\\set ON_ERROR_ROLLBACK on
\\conninfo
SELECT count(*), sum(price) FROM shop.items;
SELECT 1 AS a, 'two' AS b \\gdesc
SELECT format('SELECT %s', i) FROM generate_series(1, 3) i \\gexec
SELECT 5 AS five \\gset
\\echo :five
BEGIN; INSERT INTO shop.items (name) VALUES ('new'); SELECT 1/0; SELECT count(*) FROM shop.items; ROLLBACK;
\\copy (SELECT id, name FROM shop.items ORDER BY id) TO '${out}' CSV HEADER
CREATE TEMP TABLE back (id int, name text);
\\copy back FROM '${out}' CSV HEADER
SELECT count(*), md5(string_agg(name, ',' ORDER BY id)) FROM back;
COPY (SELECT * FROM shop.items ORDER BY id LIMIT 3) TO STDOUT;
\\set FETCH_COUNT 100
SELECT id, name FROM shop.items ORDER BY id;
\\unset FETCH_COUNT
LISTEN here; NOTIFY here, 'hello';
EXPLAIN (COSTS off) SELECT * FROM shop.items WHERE id = 1;
SELECT CASE WHEN nextval('shop.numbers') > 2 THEN 1/0 ELSE 7 END \\watch 0.01
SELECT id % 2 AS odd, id % 3 AS third, count(*) FROM shop.items GROUP BY 1, 2 ORDER BY 1, 2 \\crosstabview
\\x on
TABLE shop.cheap ORDER BY id LIMIT 1;
\\errverbose
SELEC;
\\timing off
`,
    )
  })

/** psql as scripts call it: statements by -c, several in one, and a file in one transaction. */
export const psqlCalls: Client = async (place) => {
  const { port, user, database } = place
  const where = ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', database]
  const ways: readonly (readonly [readonly string[], string])[] = [
    [['-c', 'SELECT 1; SELECT 2', '-c', 'SELECT 3'], ''],
    [['-c', 'CREATE TEMP TABLE one (a int); INSERT INTO one VALUES (1), (2); TABLE one'], ''],
    [
      ['-1', '-f', '-'],
      `INSERT INTO shop.items (id, name) VALUES (7000, 'a'), (7001, 'b');
UPDATE shop.items SET name = 'c' WHERE id = 7000;
DELETE FROM shop.items WHERE id IN (7000, 7001);`,
    ],
    [['-At', '-l'], ''],
  ]
  const parts: string[] = []
  for (const [args, input] of ways)
    parts.push(await run(['psql', ...where, ...args], { password: place.password, input }))
  return parts.join('\n')
}

/** pg_dump in each form: plain, inserts, schema alone, custom, and a folder by two workers that share a snapshot. */
export const dump: Client = (place) =>
  inFolder(async (dir) => {
    const ours = ['pg_dump', '--schema=shop'] as const
    const plain = await program(place, [...ours])
    const inserts = await program(place, [...ours, '--inserts', '--data-only'])
    const schema = await program(place, [...ours, '--schema-only'])
    const file = join(dir, 'dump')
    await program(place, [...ours, '-Fc', '-f', file])
    const list = await run(['pg_restore', '-l', file])
    await program(place, [...ours, '-Fd', '-j2', '-f', join(dir, 'folder')])
    const again = await run(['pg_restore', '-f', '-', join(dir, 'folder')])
    return [plain, inserts, schema, list, again].join('\n')
  })

const restored = ['--schema=shop', '--no-publications', '--no-privileges', '--no-owner'] as const

/**
 * A dump of the first place, restored into the second by pg_restore with these options; what is there then. Without privileges:
 * giving them waits for a person.
 */
export async function restore(
  from: Place,
  into: Place,
  options: readonly string[] = [],
): Promise<string> {
  return await inFolder(async (dir) => {
    const file = join(dir, 'dump')
    await program(from, ['pg_dump', '-Fc', '-f', file, '--schema=shop', '--no-publications'])
    const how = options.includes('--clean') ? options : [...options, '--no-privileges']
    await program(into, ['pg_restore', '--no-owner', ...how, '-d', into.database, file])
    return await dumped(into)
  })
}

/** What `restore` must make: the same from where it came. */
export const dumped: Client = async (place) =>
  (await program(place, ['pg_dump', ...restored])).replaceAll(/Owner: \w+/gu, 'Owner: *')

/** What the clients leave behind, by the superuser and not through a gateway, where dropping is held. */
export const clientCleanup = `
DROP TABLE IF EXISTS pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers;
ALTER SEQUENCE shop.numbers RESTART;
DROP TABLE IF EXISTS posts, authors, knex_migrations, knex_migrations_lock;
`

/** pgbench -i: makes its tables and fills them; it drops what is not there and truncates what is empty. */
export const pgbenchTables: Client = async (place) =>
  unhurried(await program(place, ['pgbench', '-i', '-q', '-s', '1', place.database]))

/**
 * pgbench: a run of each protocol with a fixed number of transactions; the sums must agree. Needs `pgbenchTables`. The first
 * empties the history that has no rows; with rows in it that would be a destroy, so the others leave it (`-n`).
 */
export const pgbenchRuns: Client = async (place) => {
  const parts: string[] = []
  for (const protocol of ['simple', 'extended', 'prepared'])
    for (const what of [[], ['-S']]) {
      const leaves = parts.length === 0 ? [] : ['-n']
      const how = [...leaves, ...what, '-M', protocol, '-c', '4', '-t', '25']
      parts.push(await program(place, ['pgbench', ...how, place.database]))
    }
  const sum = (of: string, table: string): string => `(SELECT sum(${of}) FROM pgbench_${table})`
  const agree = `${sum('abalance', 'accounts')} = ${sum('delta', 'history')}`
  parts.push(await psql(place, `SELECT count(*), ${agree} AS agree FROM pgbench_history;`))
  return unhurried(parts.join('\n'))
}
const unhurried = (text: string): string =>
  text.replaceAll(/(latency|tps|initial connection|done in).*/gu, '$1 *')

/** A script in a language beside this file, run with the place as arguments. */
function script(command: readonly [string, ...string[]]): Client {
  const [name, ...args] = command
  return ({ port, user, password, database }) =>
    run([name, ...args, String(port), user, password, database])
}

const beside = (name: string): string => join(import.meta.dirname, name)

export const psycopg = script(['python3', beside('clients-psycopg.py')])
export const jdbc = script([
  'java',
  '-XX:TieredStopAtLevel=1',
  '-cp',
  '/usr/share/java/postgresql.jar',
  beside('clients-jdbc.java'),
])

/** One program of PostgreSQL's; the database is for those that do not take it last. */
async function program(
  place: Place,
  [name, ...args]: readonly [string, ...string[]],
): Promise<string> {
  const { port, user, database, password } = place
  const last = name === 'pg_dump' ? ['-d', database] : []
  const where = ['-h', '127.0.0.1', '-p', String(port), '-U', user]
  return await run([name, ...where, ...args, ...last], { password })
}

async function psql(place: Place, input: string): Promise<string> {
  const { port, user, database, password } = place
  const args = ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', user, '-f', '-', database]
  return await run(['psql', ...args], { password, input })
}

/** Both outputs of a program, masked; rejects when it ended badly. */
async function run(
  [name, ...args]: readonly [string, ...string[]],
  { password = '', input = '' }: { readonly password?: string; readonly input?: string } = {},
): Promise<string> {
  const binDir = findBinaries() ?? ''
  // Ours first: a Debian wrapper of the same name would look for a cluster of its own.
  const env = {
    PATH: `${binDir}:/usr/bin:/bin`,
    PGPASSWORD: password,
    PGSSLMODE: 'disable',
    LC_ALL: 'C.UTF-8',
    // The gateway asks for it anyway, and `\dconfig` tells what was asked for.
    PGCLIENTENCODING: 'UTF8',
  }
  const child = spawn(name, args, { ...notRoot, cwd: '/', env })
  let [out, said] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stdin.on('error', () => undefined).end(input)
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${name} ended with ${String(code)}: ${said}${out.slice(-2000)}`)
  return mask(`${out}\n-- said --\n${said}`)
}

/** What differs between any two runs. */
function mask(text: string): string {
  return (
    text
      .replaceAll(/port "\d+"/gu, 'port "*"')
      .replaceAll(/process with PID \d+|PID \d+/gu, 'PID *')
      .replaceAll(/restrict \w+/gu, 'restrict *')
      .replaceAll(/elapsed .*/gu, 'elapsed *')
      // A server's own files grow beside the tables.
      .replaceAll(/\d+ kB/gu, '* kB')
      .replaceAll(/.*\(every 0\.01s\)/gu, '*')
      .replaceAll(/firebreak-client-\w+/gu, 'folder')
      .replaceAll(/Archive created at .*/gu, 'Archive created at *')
      .replaceAll(/port \d+ failed/gu, 'port * failed')
  )
}

async function inFolder<Value>(use: (dir: string) => Promise<Value>): Promise<Value> {
  const dir = ownFolder('firebreak-client-')
  try {
    return await use(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
