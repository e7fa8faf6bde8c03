/** What a database is made of, third part: owners, privileges and comments; and what is only known by name, since nothing here could make it again. */
import { ours, unless } from './table-relations.ts'

const kindOf = `CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END`
const inSequence = `EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
  AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND c.relkind = 'S')`

/** Everything that has an owner and privileges: the word for it, its name, the table it is (or null). */
const owned = `
  SELECT ${kindOf} AS word, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS granted, c.oid::regclass::text AS name,
    c.oid::regclass::text AS rel, c.relowner AS owner, c.relacl AS acl,
    acldefault((CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", c.relowner) AS usual, ${inSequence} AS follows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${ours} AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND ${unless('pg_class', 'c.oid')}
  UNION ALL SELECT 'ROUTINE', 'ROUTINE', p.oid::regprocedure::text, NULL, proowner, proacl, acldefault('f', proowner), false
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${ours} AND ${unless('pg_proc', 'p.oid')}
  UNION ALL SELECT 'SCHEMA', 'SCHEMA', quote_ident(nspname), NULL, nspowner, nspacl, acldefault('n', nspowner), false
  FROM pg_namespace n WHERE ${ours} AND ${unless('pg_namespace', 'n.oid')}
  UNION ALL SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, 'TYPE', t.oid::regtype::text, NULL, typowner, typacl,
    acldefault('T', typowner), false
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE ${ours} AND ${unless('pg_type', 't.oid')} AND t.typtype IN ('e', 'c', 'd')
    AND (t.typrelid = 0 OR (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c')
  UNION ALL SELECT 'STATISTICS', 'STATISTICS', quote_ident(n.nspname) || '.' || quote_ident(stxname), stxrelid::regclass::text,
    stxowner, NULL, NULL, false
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${ours}`

const who = `CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END`

/** The name of each thing with a comment, as COMMENT ON wants it. */
const commented = `
  SELECT 'pg_class'::regclass AS classid, c.oid AS objid, 0 AS sub, c.oid::regclass::text AS rel,
    CASE c.relkind WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' ELSE ${kindOf} END || ' ' || c.oid::regclass AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${ours} AND c.relkind <> 'c'
  UNION ALL SELECT 'pg_class'::regclass, c.oid, a.attnum, c.oid::regclass::text, 'COLUMN ' || c.oid::regclass || '.' || quote_ident(attname)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${ours} AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 0, nullif(k.conrelid, 0)::regclass::text, format('CONSTRAINT %I ON %s', conname,
    CASE k.conrelid WHEN 0 THEN 'DOMAIN ' || k.contypid::regtype ELSE k.conrelid::regclass::text END)
  FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE ${ours}
  UNION ALL SELECT 'pg_trigger'::regclass, t.oid, 0, tgrelid::regclass::text, format('TRIGGER %I ON %s', tgname, tgrelid::regclass)
  FROM pg_trigger t WHERE NOT tgisinternal
  UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, 0, ev_class::regclass::text, format('RULE %I ON %s', rulename, ev_class::regclass)
  FROM pg_rewrite r WHERE rulename <> '_RETURN'
  UNION ALL SELECT 'pg_policy'::regclass, p.oid, 0, polrelid::regclass::text, format('POLICY %I ON %s', polname, polrelid::regclass)
  FROM pg_policy p
  UNION ALL SELECT 'pg_proc'::regclass, p.oid, 0, NULL, CASE prokind WHEN 'a' THEN 'AGGREGATE ' ELSE 'ROUTINE ' END || p.oid::regprocedure
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${ours} AND ${unless('pg_proc', 'p.oid')}
  UNION ALL SELECT 'pg_namespace'::regclass, n.oid, 0, NULL, 'SCHEMA ' || quote_ident(nspname) FROM pg_namespace n WHERE ${ours}
  UNION ALL SELECT 'pg_type'::regclass, t.oid, 0, NULL, CASE typtype WHEN 'd' THEN 'DOMAIN ' ELSE 'TYPE ' END || t.oid::regtype
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${ours} AND ${unless('pg_type', 't.oid')}
  UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid, 0, stxrelid::regclass::text,
    'STATISTICS ' || quote_ident(n.nspname) || '.' || quote_ident(stxname)
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${ours}`

/** Catalogs of things that no statement of ours makes again. */
const byName = [
  'pg_operator',
  'pg_opclass',
  'pg_opfamily',
  'pg_am',
  'pg_cast',
  'pg_collation',
  'pg_conversion',
  'pg_language',
  'pg_transform',
  'pg_ts_config',
  'pg_ts_dict',
  'pg_ts_parser',
  'pg_ts_template',
  'pg_foreign_data_wrapper',
  'pg_foreign_server',
  'pg_extension',
  'pg_event_trigger',
  'pg_publication',
  'pg_publication_namespace',
  'pg_default_acl',
]

export const markQuestions: readonly (readonly [rank: number, kind: string, sql: string])[] = [
  [
    80,
    'comment',
    `SELECT k.name AS id, k.rel, 'COMMENT ON ' || k.name || ' IS ' || quote_literal(d.description) AS make,
      'COMMENT ON ' || k.name || ' IS NULL' AS unmake, true AS exact
     FROM (${commented}) k JOIN pg_description d ON d.classoid = k.classid AND d.objoid = k.objid AND d.objsubid = k.sub`,
  ],
  [
    81,
    'owner',
    `SELECT word || ' ' || name AS id, rel, format('ALTER %s %s OWNER TO %s', word, name, owner::regrole) AS make,
      NULL AS unmake, true AS exact FROM (${owned}) o WHERE NOT follows`,
  ],
  [
    82,
    'privilege',
    `SELECT granted || ' ' || name || ' ' || ${who} || CASE WHEN g.is_grantable THEN ' further' ELSE '' END AS id, rel,
      format('GRANT %s ON %s %s TO %s', string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type), granted, name, ${who})
        || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS make,
      format('REVOKE ALL ON %s %s FROM %s', granted, name, ${who}) AS unmake, bool_and(g.grantor = owner) AS exact
     FROM (${owned}) o, aclexplode(coalesce(acl, usual)) g GROUP BY granted, name, rel, g.grantee, g.is_grantable`,
  ],
  [
    83,
    'column privilege',
    `SELECT c.oid::regclass || '.' || quote_ident(a.attname) || ' ' || ${who} || CASE WHEN g.is_grantable THEN ' further' ELSE '' END AS id,
      c.oid::regclass::text AS rel,
      format('GRANT %s ON TABLE %s TO %s', string_agg(format('%s (%I)', g.privilege_type, a.attname), ', ' ORDER BY g.privilege_type),
        c.oid::regclass, ${who}) || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS make,
      format('REVOKE ALL (%I) ON TABLE %s FROM %s', a.attname, c.oid::regclass, ${who}) AS unmake,
      bool_and(g.grantor = c.relowner) AS exact
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
       aclexplode(a.attacl) g
     WHERE ${ours} AND NOT a.attisdropped AND ${unless('pg_class', 'c.oid')}
     GROUP BY c.oid, a.attname, g.grantee, g.is_grantable`,
  ],
  [
    90,
    'other',
    `SELECT i.type || ' ' || i.identity AS id, NULL AS rel, 'by name only' AS make, NULL AS unmake, false AS exact FROM (
      ${byName.map((catalog) => `SELECT '${catalog}'::regclass AS classid, oid FROM ${catalog}`).join(' UNION ALL ')}
     ) o, pg_identify_object(o.classid, o.oid, 0) i
     WHERE o.oid >= 16384 AND (${unless('pg_class', 'o.oid').replaceAll(`'pg_class'::regclass`, 'o.classid')})
     UNION ALL SELECT 'large objects', NULL, count(*) || ' ' || coalesce(sum(hashint8(oid::bigint)::bigint), 0), NULL, false
     FROM pg_largeobject_metadata
     UNION ALL SELECT 'label of ' || l.objname || ' by ' || l.provider, NULL, l.label, NULL, false FROM pg_seclabels l
     UNION ALL SELECT 'extension''s table ' || objid::regclass, NULL, 'by name only', NULL, false FROM pg_depend
     WHERE classid = 'pg_class'::regclass AND deptype = 'e'`,
  ],
]
