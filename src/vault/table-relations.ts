/** What a database is made of, first part: schemas, types, functions, sequences, tables, views, each as the statement that makes it. */

/** Schemas that are the user's: `n` is pg_namespace. */
export const ours = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`

/** What an extension brought is brought back by the extension alone. */
export const unless = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`

const columns = `(SELECT string_agg(
    quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attcollation NOT IN (0, ty.typcollation) THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END
    || CASE a.attcompression WHEN 'p' THEN ' COMPRESSION pglz' WHEN 'l' THEN ' COMPRESSION lz4' ELSE '' END
    || CASE WHEN a.attgenerated = 's' THEN ' GENERATED ALWAYS AS (' || (
      SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
      WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) || ') STORED' ELSE '' END
    || CASE WHEN a.attidentity <> '' THEN ' GENERATED '
      || CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END || ' AS IDENTITY (' || (
      SELECT format('SEQUENCE NAME %s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s',
        s.seqrelid::regclass, seqincrement, seqmin, seqmax, seqstart, seqcache,
        CASE WHEN seqcycle THEN ' CYCLE' ELSE '' END)
      FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
        AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum) || ')' ELSE '' END
    || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY a.attnum)
  FROM pg_attribute a JOIN pg_type ty ON ty.oid = a.atttypid
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)`

const options = `CASE WHEN c.reloptions IS NULL THEN '' ELSE ' WITH (' || (
  SELECT string_agg(quote_ident(option_name) || '=' || quote_literal(option_value), ', ' ORDER BY option_name)
  FROM pg_options_to_table(c.reloptions)) || ')' END`

/** Each gives `id`, `rel` (the table it hangs on), `make`, `unmake` and `exact`: false where `make` would not bring it back as it is. */
export const relationQuestions: readonly (readonly [rank: number, kind: string, sql: string])[] = [
  [
    1,
    'schema',
    `SELECT quote_ident(nspname) AS id, NULL AS rel, 'CREATE SCHEMA ' || quote_ident(nspname) AS make,
      'DROP SCHEMA ' || quote_ident(nspname) AS unmake, true AS exact
     FROM pg_namespace n WHERE ${ours} AND ${unless('pg_namespace', 'n.oid')}`,
  ],
  [
    2,
    'type',
    `SELECT t.oid::regtype::text AS id, NULL AS rel, CASE t.typtype
        WHEN 'e' THEN format('CREATE TYPE %s AS ENUM (%s)', t.oid::regtype, (
          SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
        WHEN 'c' THEN format('CREATE TYPE %s AS (%s)', t.oid::regtype, (
          SELECT string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
            || CASE WHEN attcollation NOT IN (0, (SELECT typcollation FROM pg_type WHERE oid = atttypid))
              THEN ' COLLATE ' || attcollation::regcollation ELSE '' END, ', ' ORDER BY attnum)
          FROM pg_attribute WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped))
        WHEN 'd' THEN format('CREATE DOMAIN %s AS %s%s%s%s%s', t.oid::regtype, format_type(t.typbasetype, t.typtypmod),
          CASE WHEN t.typcollation <> (SELECT typcollation FROM pg_type WHERE oid = t.typbasetype)
            THEN ' COLLATE ' || t.typcollation::regcollation ELSE '' END,
          ' DEFAULT ' || t.typdefault, CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END,
          (SELECT string_agg(' CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid), '' ORDER BY conname)
           FROM pg_constraint WHERE contypid = t.oid))
        ELSE t.typtype::text END AS make,
      'DROP TYPE ' || t.oid::regtype || ' CASCADE' AS unmake, t.typtype IN ('e', 'c', 'd') AS exact
     FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
     WHERE ${ours} AND ${unless('pg_type', 't.oid')} AND t.typtype <> 'm'
       AND NOT EXISTS (SELECT FROM pg_type el WHERE el.typarray = t.oid)
       AND (t.typrelid = 0 OR (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c')`,
  ],
  [
    3,
    'function',
    `SELECT p.oid::regprocedure::text AS id, NULL AS rel,
      CASE WHEN p.prokind = 'a' THEN 'aggregate' ELSE pg_get_functiondef(p.oid) END AS make,
      'DROP ROUTINE ' || p.oid::regprocedure || ' CASCADE' AS unmake, p.prokind <> 'a' AS exact
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${ours} AND ${unless('pg_proc', 'p.oid')}`,
  ],
  [
    4,
    'sequence',
    `SELECT c.oid::regclass::text AS id, NULL AS rel,
      format('CREATE %sSEQUENCE %s AS %s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s',
        CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED ' ELSE '' END, c.oid::regclass, seqtypid::regtype, seqincrement,
        seqmin, seqmax, seqstart, seqcache, CASE WHEN seqcycle THEN ' CYCLE' ELSE '' END) AS make,
      'DROP SEQUENCE ' || c.oid::regclass || ' CASCADE' AS unmake, true AS exact
     FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${ours} AND ${unless('pg_class', 'c.oid')} AND NOT EXISTS (
       SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')`,
  ],
  [
    5,
    'table',
    `SELECT c.oid::regclass::text AS id, c.oid::regclass::text AS rel,
      format('CREATE %sTABLE %s (%s)%s%s%s%s', CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED ' ELSE '' END,
        c.oid::regclass, ${columns}, ' PARTITION BY ' || pg_get_partkeydef(c.oid),
        (SELECT ' USING ' || quote_ident(amname) FROM pg_am WHERE oid = c.relam), ${options},
        (SELECT ' TABLESPACE ' || quote_ident(spcname) FROM pg_tablespace WHERE oid = c.reltablespace)) AS make,
      'DROP TABLE ' || c.oid::regclass || ' CASCADE' AS unmake,
      c.relkind IN ('r', 'p') AND c.reloftype = 0 AND (c.relispartition
        OR NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)) AND (c.relkind = 'p'
        OR NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid)) AS exact
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${ours} AND c.relkind IN ('r', 'p', 'f') AND ${unless('pg_class', 'c.oid')}`,
  ],
  [
    7,
    'partition',
    `SELECT c.oid::regclass::text AS id, c.oid::regclass::text AS rel,
      format('ALTER TABLE ONLY %s ATTACH PARTITION %s %s', i.inhparent::regclass, c.oid::regclass,
        pg_get_expr(c.relpartbound, c.oid)) AS make,
      format('ALTER TABLE %s DETACH PARTITION %s', i.inhparent::regclass, c.oid::regclass) AS unmake, true AS exact
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_inherits i ON i.inhrelid = c.oid
     WHERE ${ours} AND c.relispartition AND c.relkind IN ('r', 'p')`,
  ],
  [
    8,
    'owned sequence',
    `SELECT d.objid::regclass::text AS id, d.refobjid::regclass::text AS rel,
      format('ALTER SEQUENCE %s OWNED BY %s.%I', d.objid::regclass, d.refobjid::regclass, a.attname) AS make,
      format('ALTER SEQUENCE %s OWNED BY NONE', d.objid::regclass) AS unmake, true AS exact
     FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     WHERE ${ours} AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'`,
  ],
  [
    9,
    'default',
    `SELECT d.adrelid::regclass || '.' || quote_ident(a.attname) AS id, d.adrelid::regclass::text AS rel,
      format('ALTER TABLE %s%s ALTER COLUMN %I SET DEFAULT %s', CASE WHEN c.relkind IN ('r', 'p') THEN 'ONLY ' ELSE '' END,
        d.adrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid)) AS make,
      format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', d.adrelid::regclass, a.attname) AS unmake, true AS exact
     FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = ''
       JOIN pg_class c ON c.oid = d.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${ours} AND ${unless('pg_class', 'c.oid')}`,
  ],
  [
    60,
    'view',
    `SELECT c.oid::regclass::text AS id, c.oid::regclass::text AS rel,
      format('CREATE %sVIEW %s (%s)%s AS %s%s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, c.oid::regclass,
        (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped), ${options},
        rtrim(pg_get_viewdef(c.oid), ';'),
        CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN ' WITH NO DATA' ELSE '' END) AS make,
      format('DROP %sVIEW %s CASCADE', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, c.oid::regclass) AS unmake,
      c.reltablespace = 0 AS exact
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${ours} AND c.relkind IN ('v', 'm') AND ${unless('pg_class', 'c.oid')}`,
  ],
]
