/** A text of pg_dump's comes apart where psql would send it, and nothing in it is a command to anybody. */
import { expect, test } from 'vitest'
import { statementsIn } from './schema-split.ts'
import { headOf, isHarmless, newOwnerOf, turnOf } from './schema-turns.ts'

const texts = (text: string): readonly string[] => statementsIn(text).map((one) => one.text)

test.each<[string, string, readonly string[]]>([
  ['two', 'SELECT 1;\n\nSELECT 2;\n', ['SELECT 1', 'SELECT 2']],
  ['comments between', "-- a; b\nSELECT 1; /* ; /* ; */ ' */ SELECT 2;", ['SELECT 1', 'SELECT 2']],
  ['a text', "SELECT 'a;''b';SELECT 2;", ["SELECT 'a;''b'", 'SELECT 2']],
  [
    'a text with escapes',
    String.raw`SELECT E'a\';b';SELECT 2;`,
    [String.raw`SELECT E'a\';b'`, 'SELECT 2'],
  ],
  ['a text without', String.raw`SELECT 'a\';SELECT 2;`, [String.raw`SELECT 'a\'`, 'SELECT 2']],
  ['a name', 'SELECT "a;""b";SELECT 2;', ['SELECT "a;""b"', 'SELECT 2']],
  ['a body', "DO $x$ a; $$ ' $x$;SELECT a$b, c$d;", ["DO $x$ a; $$ ' $x$", 'SELECT a$b, c$d']],
  [
    'brackets',
    'CREATE RULE r AS ON INSERT TO t DO (A; B);C;',
    ['CREATE RULE r AS ON INSERT TO t DO (A; B)', 'C'],
  ],
  [
    'a body that is no text',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END;SELECT 3;',
    [
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END',
      'SELECT 3',
    ],
  ],
  ['lines for psql', '\\restrict abc\n\nSELECT 1;\n\\! touch x\n\\unrestrict abc\n', ['SELECT 1']],
  ['a line for psql in a name', 'SELECT "a\n\\! touch x\n";', ['SELECT "a\n\\! touch x\n"']],
])('comes apart: %s', (_, text, parts) => {
  expect(texts(text)).toEqual(parts)
})

test.each([
  ['an open text', "SELECT 'a;"],
  ['an open body', 'DO $$ a;'],
  ['no last semicolon', 'SELECT 1'],
  ['a backslash among words', 'SELECT 1 \\g x;'],
  ['an open bracket', 'SELECT (1;'],
])('what is no whole text is refused: %s', (_, text) => {
  expect(() => statementsIn(text)).toThrow(/cannot be read/)
})

const one = (text: string) => {
  const [statement] = statementsIn(`${text};`)
  if (statement === undefined) throw new Error('no statement')
  return statement
}

test.each([
  ['never', 'SET row_security = off'],
  ['never', "SELECT pg_catalog.set_config('search_path', '', false)"],
  ['now', "SET default_tablespace = ''"],
  ['now', 'ALTER TABLE ONLY a ADD CONSTRAINT b CHECK (c)'],
  ['now', 'ALTER TABLE a ADD CONSTRAINT b CHECK (c()), OWNER TO d'],
  ['now', 'CREATE TABLE "GRANT; ALTER TABLE x OWNER TO y" (a integer)'],
  ['reach', "CREATE USER MAPPING FOR public SERVER s OPTIONS (\n    password 'y'\n)"],
  ['right', 'ALTER FUNCTION a."b c"(x integer, y text) OWNER TO "d e"'],
  ['right', 'ALTER OPERATOR a.=== (b.c, d) OWNER TO e'],
  ['right', 'ALTER OPERATOR CLASS a.b USING hash OWNER TO e'],
  ['right', 'ALTER TEXT SEARCH CONFIGURATION a."b" OWNER TO e'],
  ['right', 'GRANT ALL ON TABLE a TO b'],
  ['right', 'SET SESSION AUTHORIZATION a'],
  ['right', 'RESET SESSION AUTHORIZATION'],
  ['last', 'CREATE EVENT TRIGGER e ON ddl_command_end\n   EXECUTE FUNCTION f()'],
  ['last', 'ALTER EVENT TRIGGER e OWNER TO b'],
])('has its turn: %s, %s', (turn, text) => {
  expect(turnOf(one(text))).toBe(turn)
})

test.each([
  [true, 'CREATE OPERATOR FAMILY a.b USING btree'],
  [true, 'CREATE CAST (a AS b) WITHOUT FUNCTION AS IMPLICIT'],
  [true, 'CREATE FOREIGN DATA WRAPPER far'],
  [true, 'CREATE PUBLICATION p FOR ALL TABLES'],
  [false, 'CREATE CAST (integer AS text) WITH FUNCTION a.evil(integer) AS IMPLICIT'],
  [false, 'CREATE CAST (a."x) WITHOUT FUNCTION" AS b) WITH FUNCTION a.evil(b)'],
  [false, 'CREATE FOREIGN DATA WRAPPER far VALIDATOR a.evil'],
  [false, "CREATE FOREIGN DATA WRAPPER far VALIDATOR a.evil OPTIONS (a 'b')"],
  [false, 'CREATE MATERIALIZED VIEW a AS SELECT evil()'],
  [false, 'REFRESH MATERIALIZED VIEW a'],
  [false, 'CREATE FUNCTION a.f() RETURNS integer SECURITY DEFINER LANGUAGE sql AS $$SELECT 1$$'],
  [false, 'ALTER TABLE a ADD CONSTRAINT b CHECK (evil()), OWNER TO d'],
  [false, "CREATE USER MAPPING FOR public SERVER s OPTIONS (a 'b')"],
])('runs nothing when it is made: %s, %s', (harmless, text) => {
  expect(isHarmless(one(text))).toBe(harmless)
})

test('the new owner is told as it stands there', () => {
  expect(newOwnerOf(one('ALTER SCHEMA a OWNER TO "b OWNER TO ""c"'))).toBe('"b OWNER TO ""c"')
  expect(newOwnerOf(one('ALTER SCHEMA a OWNER TO b'))).toBe('b')
  expect(newOwnerOf(one('GRANT ALL ON SCHEMA "x OWNER TO y" TO b'))).toBeNull()
})

test('its head is one line', () => {
  expect(headOf(one(`CREATE TABLE "a\n${'b'.repeat(100)}" (c int)`))).toMatch(
    /^CREATE TABLE "a b+…$/,
  )
})
