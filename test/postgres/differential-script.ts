/** What a differential test says: every kind of message and answer of the protocol at least once. */
import { send } from './differential-wire.ts'
import type { Said } from './differential.ts'

const all = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts)
const query = (text: string, more: Partial<Said> = {}): Said => ({
  name: text.slice(0, 60),
  bytes: send.query(text),
  ...more,
})

/** Makes the tables that the script uses; run once before, directly, since both sessions see them. */
export const scriptSetup = `
CREATE TABLE tally (id int PRIMARY KEY, n int NOT NULL CHECK (n < 100), note text);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'row %', NEW.id; RETURN NEW; END $$;
CREATE TRIGGER noted BEFORE UPDATE ON tally FOR EACH ROW EXECUTE FUNCTION noted();
CREATE TABLE words (id int PRIMARY KEY, body text);
INSERT INTO words SELECT i, 'word ' || i FROM generate_series(1, 1000) i;
`

/** Leaves the tables as they were, so that the second session finds what the first did. */
export const wholeScript: readonly Said[] = [
  query('SELECT 1'),
  query(''),
  query(';'),
  query('SELECT 1; SELECT 2; SELECT 3'),
  query('SELECT 1; SELECT 1/0; SELECT 3'),
  query('SELEC 1'),
  query('SELECT * FROM words ORDER BY id'),
  query("SELECT repeat('x', 3000000)"),
  query("SELECT NULL, true, 1.5::numeric, ARRAY[1,2], '{\"a\":1}'::jsonb, '\\x00ff'::bytea"),
  query("DO $$ BEGIN RAISE NOTICE 'note'; RAISE WARNING 'warn'; END $$"),
  query('SHOW server_version; SHOW TimeZone'),
  query("SET application_name = 'other'; SET DateStyle = 'German'; RESET DateStyle"),
  query('SELECT pg_backend_pid(), clock_timestamp()', { masks: [/\d[\d\-:. +]*/gu] }),
  query('BEGIN; INSERT INTO words VALUES (5000, $$x$$) RETURNING *'),
  query('SELECT 1/0'),
  query('SELECT 1'),
  query('ROLLBACK'),
  query('BEGIN; SAVEPOINT a; SELECT 1/0'),
  query('ROLLBACK TO a; SELECT 7'),
  query('UPDATE words SET body = body WHERE id = 1; ROLLBACK'),
  query(
    'BEGIN; DECLARE c CURSOR FOR SELECT * FROM words ORDER BY id; FETCH 3 FROM c; CLOSE c; COMMIT',
  ),
  query("LISTEN here; NOTIFY here, 'hello'"),
  query('SELECT 1', { name: 'a query cut into bytes', pieces: 1 }),
  {
    name: 'three queries at once',
    bytes: all(send.query('SELECT 1'), send.query('SELECT 1/0'), send.query('SELECT 2')),
    until: { ready: 3 },
  },
  {
    name: 'parse, bind, describe, execute',
    bytes: all(
      send.parse('', 'SELECT * FROM words WHERE id = $1'),
      send.bind('', '', ['7']),
      send.describe('P', ''),
      send.execute(''),
      send.sync(),
    ),
  },
  {
    name: 'a named statement',
    bytes: all(send.parse('s', 'SELECT $1::int + $2::int'), send.describe('S', 's'), send.sync()),
  },
  {
    name: 'it again, binary in and out',
    bytes: all(
      send.bind('p', 's', [Buffer.from([0, 0, 0, 5]), '4'], { in: [1, 0], out: [1] }),
      send.execute('p'),
      send.close('P', 'p'),
      send.sync(),
    ),
  },
  {
    name: 'a portal in parts with flush',
    bytes: all(
      send.parse('', 'SELECT * FROM words ORDER BY id LIMIT 5'),
      send.bind('', ''),
      send.execute('', 2),
      send.flush(),
    ),
    until: { types: 's' },
  },
  { name: 'the rest of the portal', bytes: all(send.execute('', 0), send.sync()) },
  {
    name: 'an error skips to sync',
    bytes: all(
      send.parse('', 'SELECT 1/$1::int'),
      send.bind('', '', ['0']),
      send.execute(''),
      send.parse('never', 'SELECT 1'),
      send.bind('', 'never'),
      send.execute(''),
      send.sync(),
      send.query('SELECT 9'),
    ),
    until: { ready: 2 },
  },
  {
    name: 'a pipeline of many',
    bytes: all(
      ...Array.from({ length: 200 }, (_, i) =>
        all(
          send.parse('', 'SELECT $1::text'),
          send.bind('', '', [`value ${i}`]),
          send.execute(''),
          ...(i % 10 === 9 ? [send.sync()] : []),
        ),
      ),
    ),
    until: { ready: 20 },
  },
  { name: 'the same name twice', bytes: all(send.parse('s', 'SELECT 1'), send.sync()) },
  { name: 'close it', bytes: all(send.close('S', 's'), send.close('S', 'never was'), send.sync()) },
  { name: 'a statement that is not there', bytes: all(send.bind('', 's'), send.sync()) },
  { name: 'sync alone', bytes: send.sync() },
  {
    name: 'an empty statement',
    bytes: all(send.parse('', ''), send.bind('', ''), send.execute(''), send.sync()),
  },
  query('COPY words TO STDOUT'),
  query('COPY (SELECT * FROM words ORDER BY id) TO STDOUT (FORMAT binary)'),
  query('BEGIN'),
  query('COPY words FROM STDIN', { until: { types: 'G' } }),
  {
    name: 'copy data in',
    bytes: all(send.copyData('6000\tfirst\n600'), send.copyData('1\tsecond\n'), send.copyDone()),
    pieces: 7,
  },
  query('COPY words FROM STDIN', { name: 'copy again', until: { types: 'G' } }),
  {
    name: 'copy that fails',
    bytes: all(send.copyData('6002\tx\n'), send.copyFail('changed my mind')),
  },
  query('ROLLBACK'),
  query('COPY words FROM STDIN', { name: 'copy of nonsense', until: { types: 'G' } }),
  { name: 'nonsense', bytes: all(send.copyData('not a number\tx\n'), send.copyDone()) },
  { name: 'a function call', bytes: send.call(1810, ['hello']) },
  { name: 'a function that is not there', bytes: send.call(4_000_000_000, []) },
  query(`SELECT '${'y'.repeat(200_000)}'`, { name: 'a long query', pieces: 65_536 }),
  query('SELECT \'héllo ソ 🔥\' AS "größe"'),
  query('SELECT 1', { name: 'still there' }),
]

/** What a gateway counts before it is kept, in every protocol, with errors and notices in between. */
export const writeScript: readonly Said[] = [
  query('INSERT INTO tally SELECT i, 0 FROM generate_series(1, 50) i'),
  query('UPDATE tally SET n = n + 1 WHERE id = 1'),
  query('UPDATE tally SET n = n + 1 WHERE id IN (1, 2, 3) RETURNING id, n'),
  query('UPDATE tally SET n = 1 WHERE id = 4711'),
  query('UPDATE tally SET n = 100 WHERE id = 2'),
  query('UPDATE tally SET n = 1/0 WHERE id = 2'),
  query('UPDATE tally SET nowhere = 1 WHERE id = 2'),
  query('SELECT 1; UPDATE tally SET n = 5 WHERE id = 5; SELECT 2'),
  query('UPDATE tally SET n = 6 WHERE id = 6; SELECT 1/0; SELECT 3'),
  query('SELECT n FROM tally WHERE id IN (5, 6) ORDER BY id'),
  query('BEGIN'),
  query('UPDATE tally SET n = 9 WHERE id = 9 RETURNING *'),
  query('SAVEPOINT a'),
  query('UPDATE tally SET n = 100 WHERE id = 9'),
  query('ROLLBACK TO a'),
  query('COMMIT'),
  query('BEGIN'),
  query('DELETE FROM tally WHERE id = 9'),
  query('SELECT 1/0'),
  query('COMMIT'),
  query('BEGIN; UPDATE tally SET n = 10 WHERE id = 10; COMMIT'),
  query('BEGIN; UPDATE tally SET n = 11 WHERE id = 11; ROLLBACK'),
  query(
    'INSERT INTO tally VALUES (1, 7) ON CONFLICT (id) DO UPDATE SET n = excluded.n RETURNING n',
  ),
  query(
    'WITH gone AS (DELETE FROM tally WHERE id = 50 RETURNING *) INSERT INTO tally SELECT * FROM gone RETURNING *',
  ),
  query(
    'MERGE INTO tally t USING (VALUES (2, 20)) v (id, n) ON t.id = v.id WHEN MATCHED THEN UPDATE SET n = v.n',
  ),
  query("UPDATE tally SET note = repeat('x', 200000) WHERE id IN (1, 2) RETURNING note"),
  {
    name: 'a prepared write',
    bytes: all(
      send.parse('w', 'UPDATE tally SET n = $2 WHERE id = $1 RETURNING id, n'),
      send.describe('S', 'w'),
      send.sync(),
    ),
  },
  {
    name: 'it three times in one message',
    bytes: all(
      ...['12', '13', '14'].map((id) =>
        all(send.bind('', 'w', [id, '3']), send.describe('P', ''), send.execute('')),
      ),
      send.sync(),
    ),
  },
  {
    name: 'a write that fails in the middle of a message',
    bytes: all(
      ...['3', '100', '5'].map((n) => all(send.bind('', 'w', ['15', n]), send.execute(''))),
      send.sync(),
    ),
  },
  {
    name: 'writes and reads in a pipeline',
    bytes: all(
      ...Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0
          ? all(send.bind('', 'w', [String(20 + i), '8']), send.execute(''), send.sync())
          : send.query(`SELECT n FROM tally WHERE id = ${19 + i}`),
      ),
    ),
    until: { ready: 20 },
  },
  {
    name: 'a write that nobody closes by a Sync but a Flush',
    bytes: all(send.bind('', 'w', ['40', '4']), send.execute(''), send.flush()),
    until: { types: 'CE' },
  },
  { name: 'its Sync', bytes: send.sync() },
  query(
    'BEGIN; DECLARE c CURSOR FOR SELECT * FROM tally WHERE id < 4 ORDER BY id FOR UPDATE; FETCH 1 FROM c',
  ),
  query('FETCH 2 FROM c'),
  query('COMMIT'),
  query('COPY tally (id, n) FROM STDIN', { name: 'COPY into it', until: { types: 'G' } }),
  { name: 'its rows', bytes: all(send.copyData('60\t1\n61\t2\n'), send.copyDone()) },
  query('SELECT count(*), sum(n), md5(string_agg(note, $$,$$ ORDER BY id)) FROM tally'),
]

/** Before the second session writes: a gateway would hold it. */
export const writeAgain = 'TRUNCATE tally'
