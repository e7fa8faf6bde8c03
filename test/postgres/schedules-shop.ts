/** What the database of the schedules should hold: a model that knows nothing of Firebreak, and the database read past it. */
import type pg from 'pg'

export type Row = Readonly<Record<string, string | number | null>>

export interface Table {
  readonly oid: number
  readonly columns: readonly string[]
  readonly rows: Readonly<Record<string, Row>>
  /** The tables that its foreign keys name; all of them cascade. */
  readonly parents: readonly string[]
}

export type Shop = Readonly<Record<string, Table>>

/** Tables by name with their identity, as they were when somebody looked. */
export type Seen = Readonly<Record<string, number>>

export const shopSql = `DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION keeper; SET ROLE keeper;
CREATE TABLE car (id int PRIMARY KEY, name text NOT NULL, n int NOT NULL DEFAULT 0 CHECK (n < 1000), note text DEFAULT 'none');
CREATE TABLE trip (id int PRIMARY KEY, car int NOT NULL REFERENCES car ON DELETE CASCADE);
CREATE TABLE word (id serial PRIMARY KEY, body text UNIQUE);
CREATE INDEX trip_car ON trip (car);
COMMENT ON COLUMN car.note IS 'what people wrote';
GRANT SELECT ON trip TO PUBLIC;
INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 40) g;
INSERT INTO trip SELECT g, (g - 1) / 2 + 1 FROM generate_series(1, 80) g;
INSERT INTO word (body) SELECT 'word ' || g FROM generate_series(1, 30) g;`

/** Everything that is there, past the gateway. */
export async function readShop(database: pg.Client): Promise<Shop> {
  const tables = await database.query<{ name: string; oid: number } & Pick<Table, 'columns'>>(
    `SELECT relname AS name, oid::int AS oid, (SELECT json_agg(attname ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
    FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname`,
  )
  const keys = await database.query<{ child: string; parent: string }>(
    `SELECT a.relname AS child, b.relname AS parent FROM pg_constraint k
    JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid WHERE k.contype = 'f'`,
  )
  const shop: Record<string, Table> = {}
  for (const { name, oid, columns } of tables.rows) {
    const { rows } = await database.query<Row>(`SELECT * FROM ${name}`)
    const parents = keys.rows.filter(({ child }) => child === name).map(({ parent }) => parent)
    shop[name] = {
      oid,
      columns,
      parents,
      rows: Object.fromEntries(rows.map((row) => [String(row['id']), row])),
    }
  }
  return shop
}

/** The same text for what is the same; a table that came back is another to the server and the same here. */
export function textOf(shop: Shop): string {
  const names = Object.keys(shop).toSorted()
  const tables = names.map((name) => {
    const { columns = [], parents = [], rows = {} } = shop[name] ?? {}
    const told = Object.keys(rows).map((id) => columns.map((column) => rows[id]?.[column] ?? null))
    return `${name} (${columns.join()}) -> ${parents.join()}: ${JSON.stringify(told)}`
  })
  return tables.join('\n')
}

export const seenIn = (shop: Shop): Seen =>
  Object.fromEntries(Object.entries(shop).map(([name, { oid }]) => [name, oid]))
