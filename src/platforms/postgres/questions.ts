/** How a database is asked: text in, rows of text out, one statement at a time, on one session. */

/** A row as the server tells it, each value in its text form. */
export type Row = Readonly<Record<string, string | null>>

/** One statement with its `$1…`; throws what the server says. */
export type Ask = (sql: string, values?: readonly (string | null)[]) => Promise<readonly Row[]>

/** One session of a database, for whoever moves rows: statements run in the order in which they are asked. */
export interface Session {
  readonly ask: Ask
  /** The bytes of `COPY … TO STDOUT`, read no faster than they are taken; what comes after the taker stops is thrown away. */
  copyOut(sql: string): AsyncIterable<Uint8Array>
  /** Feeds `COPY … FROM STDIN`; where the bytes throw, the statement fails. */
  copyIn(sql: string, bytes: AsyncIterable<Uint8Array>): Promise<void>
}

/** The text of a column that is never null; the empty text where the row has no such column. */
export function told(row: Row | undefined, column: string): string {
  return row?.[column] ?? ''
}

/** A list as the text of an array. */
export function arrayOf(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`
}

export const questions = {
  /** Lets the transaction that is open take its time. A server before 17 does not know the last one. */
  unhurried: `SELECT pg_catalog.set_config(name, '0', true) FROM pg_catalog.pg_settings
      WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`,
  /** Everything that is dropped with the relations of `$1`, or with these columns (`$2`) of theirs, and with the objects of `$3` (JSON). */
  dependents: `WITH RECURSIVE gone (classid, objid, objsubid) AS (
      (SELECT 'pg_class'::regclass::oid, r, coalesce(a.attnum, 0)::integer FROM unnest($1::oid[]) r
        LEFT JOIN pg_attribute a ON a.attrelid = r AND a.attname = ANY ($2::name[])
        WHERE cardinality($2::name[]) = 0 OR a.attnum IS NOT NULL
      UNION ALL SELECT named.classid, named.objid, 0 FROM (SELECT (x ->> 'in')::regclass::oid AS classid, CASE x ->> 'in'
          WHEN 'pg_proc' THEN (x ->> 'id')::oid WHEN 'pg_type' THEN to_regtype(x ->> 'id')::oid
          WHEN 'pg_namespace' THEN to_regnamespace(x ->> 'id')::oid END AS objid
        FROM jsonb_array_elements($3::jsonb) x) named WHERE named.objid IS NOT NULL)
      UNION SELECT x.* FROM gone g CROSS JOIN LATERAL (
        SELECT d.classid, d.objid, d.objsubid FROM pg_depend d
        WHERE d.refclassid = g.classid AND d.refobjid = g.objid AND d.deptype <> 'e'
          AND (g.objsubid = 0 OR d.refobjsubid = g.objsubid)
        UNION ALL SELECT v.refclassid, v.refobjid, 0 FROM pg_depend v
        WHERE g.classid = 'pg_rewrite'::regclass AND v.classid = g.classid AND v.objid = g.objid AND v.deptype = 'i') x)
    SELECT DISTINCT i.type, i.identity, g.objid AS self, CASE WHEN g.classid = 'pg_class'::regclass AND c.relkind IN ('r', 'm', 'i', 'S')
        AND g.objsubid = 0 THEN pg_total_relation_size(c.oid) END AS bytes
    FROM gone g CROSS JOIN LATERAL pg_identify_object(g.classid, g.objid, g.objsubid) i
      LEFT JOIN pg_class c ON g.classid = 'pg_class'::regclass AND c.oid = g.objid
      LEFT JOIN pg_type y ON g.classid = 'pg_type'::regclass AND y.oid = g.objid
      LEFT JOIN pg_class r ON r.oid = y.typrelid
      LEFT JOIN pg_trigger t ON g.classid = 'pg_trigger'::regclass AND t.oid = g.objid
    WHERE i.type NOT IN ('composite type', 'toast table', 'default value', 'rule')
      AND (y.oid IS NULL OR (y.typcategory <> 'A' AND coalesce(r.relkind, 'c') = 'c')) AND NOT coalesce(t.tgisinternal, false)
      AND coalesce(c.relkind, 'r') <> 't' AND (c.oid IS NULL OR c.relnamespace <> 'pg_toast'::regnamespace)
    ORDER BY 1, 2`,
  keyColumns: `SELECT k.conrelid AS oid, k.conname AS name,
      (SELECT string_agg(quote_ident(attname), ', ' ORDER BY at) FROM unnest(k.conkey) WITH ORDINALITY u (num, at)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num) AS "from",
      (SELECT string_agg(quote_ident(attname), ', ' ORDER BY at) FROM unnest(k.confkey) WITH ORDINALITY u (num, at)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num) AS "to"
    FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = ANY ($1::oid[])`,
} as const
