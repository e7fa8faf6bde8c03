/** What a database is made of, second part: what hangs on tables and guards them, each as the statement that makes it. */
import { ours, unless } from './table-relations.ts'

const ofTable = `JOIN pg_class c ON c.oid = %rel JOIN pg_namespace n ON n.oid = c.relnamespace`
const on = (rel: string): string => ofTable.replace('%rel', rel)
const mine = `${ours} AND ${unless('pg_class', 'c.oid')}`

export const guardQuestions: readonly (readonly [rank: number, kind: string, sql: string])[] = [
  [
    6,
    'check',
    // One that was never validated comes after the rows that it does not hold for.
    `SELECT k.conrelid::regclass || '.' || quote_ident(conname) AS id, k.conrelid::regclass::text AS rel,
      format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, conname, pg_get_constraintdef(k.oid)) AS make,
      format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, conname) AS unmake, true AS exact,
      NOT convalidated AS late
     FROM pg_constraint k ${on('k.conrelid')} WHERE ${mine} AND k.contype = 'c'
     ORDER BY k.coninhcount, k.oid`,
  ],
  [
    30,
    'key',
    `SELECT k.conrelid::regclass || '.' || quote_ident(conname) AS id, k.conrelid::regclass::text AS rel,
      format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s', k.conrelid::regclass, conname, pg_get_constraintdef(k.oid)) AS make,
      format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', k.conrelid::regclass, conname) AS unmake,
      x.reloptions IS NULL AND x.reltablespace = 0 AS exact
     FROM pg_constraint k ${on('k.conrelid')} JOIN pg_class x ON x.oid = k.conindid
     WHERE ${mine} AND k.contype IN ('p', 'u', 'x')`,
  ],
  [
    31,
    'index',
    `SELECT i.indexrelid::regclass::text AS id, i.indrelid::regclass::text AS rel, pg_get_indexdef(i.indexrelid) AS make,
      'DROP INDEX ' || i.indexrelid::regclass AS unmake,
      x.reltablespace = 0 AND (i.indisvalid OR x.relkind = 'I') AS exact
     FROM pg_index i ${on('i.indrelid')} JOIN pg_class x ON x.oid = i.indexrelid
     WHERE ${mine} AND c.relkind IN ('r', 'p', 'm')
       AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
     ORDER BY i.indexrelid`,
  ],
  [
    32,
    'index partition',
    `SELECT h.inhrelid::regclass::text AS id, i.indrelid::regclass::text AS rel,
      format('ALTER INDEX %s ATTACH PARTITION %s', h.inhparent::regclass, h.inhrelid::regclass) AS make,
      NULL AS unmake, true AS exact
     FROM pg_inherits h JOIN pg_index i ON i.indexrelid = h.inhrelid ${on('i.indrelid')} WHERE ${mine}`,
  ],
  [
    33,
    'clustered by',
    `SELECT i.indrelid::regclass::text AS id, i.indrelid::regclass::text AS rel,
      format('ALTER TABLE %s CLUSTER ON %I', i.indrelid::regclass, x.relname) AS make,
      format('ALTER TABLE %s SET WITHOUT CLUSTER', i.indrelid::regclass) AS unmake, true AS exact
     FROM pg_index i ${on('i.indrelid')} JOIN pg_class x ON x.oid = i.indexrelid WHERE ${mine} AND i.indisclustered`,
  ],
  [
    34,
    'replica identity',
    `SELECT c.oid::regclass::text AS id, c.oid::regclass::text AS rel,
      format('ALTER TABLE %s REPLICA IDENTITY %s', c.oid::regclass, CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
        ELSE 'USING INDEX ' || (SELECT quote_ident(x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
          WHERE i.indrelid = c.oid AND i.indisreplident) END) AS make,
      format('ALTER TABLE %s REPLICA IDENTITY DEFAULT', c.oid::regclass) AS unmake, true AS exact
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${mine} AND c.relkind IN ('r', 'p') AND c.relreplident <> 'd'`,
  ],
  [
    40,
    'foreign key',
    `SELECT k.conrelid::regclass || '.' || quote_ident(conname) AS id, k.conrelid::regclass::text AS rel,
      k.confrelid::regclass::text AS other,
      format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, conname, pg_get_constraintdef(k.oid)) AS make,
      format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, conname) AS unmake, true AS exact
     FROM pg_constraint k ${on('k.conrelid')} WHERE ${mine} AND k.contype = 'f' AND k.conparentid = 0`,
  ],
  [
    50,
    'statistics',
    `SELECT quote_ident(sn.nspname) || '.' || quote_ident(s.stxname) AS id, s.stxrelid::regclass::text AS rel,
      pg_get_statisticsobjdef(s.oid) AS make,
      'DROP STATISTICS ' || quote_ident(sn.nspname) || '.' || quote_ident(s.stxname) AS unmake, s.stxstattarget IS NOT DISTINCT FROM -1 AS exact
     FROM pg_statistic_ext s JOIN pg_namespace sn ON sn.oid = s.stxnamespace ${on('s.stxrelid')} WHERE ${mine}`,
  ],
  [
    51,
    'column setting',
    `SELECT c.oid::regclass || '.' || quote_ident(a.attname) || ' ' || w.what AS id, c.oid::regclass::text AS rel,
      format('ALTER TABLE ONLY %s ALTER COLUMN %I SET %s', c.oid::regclass, a.attname, w.what) AS make,
      format('ALTER TABLE ONLY %s ALTER COLUMN %I %s', c.oid::regclass, a.attname, w.back) AS unmake, true AS exact
     FROM pg_attribute a ${on('a.attrelid')} JOIN pg_type t ON t.oid = a.atttypid CROSS JOIN LATERAL (
       SELECT 'STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END AS what,
         'SET STORAGE ' || CASE t.typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END AS back
       WHERE a.attstorage <> t.typstorage
       UNION ALL SELECT 'STATISTICS ' || a.attstattarget, 'SET STATISTICS -1' WHERE a.attstattarget >= 0
       UNION ALL SELECT '(' || array_to_string(a.attoptions, ', ') || ')', (
         SELECT 'RESET (' || string_agg(option_name, ', ') || ')' FROM pg_options_to_table(a.attoptions)) WHERE a.attoptions IS NOT NULL) w
     WHERE ${mine} AND c.relkind IN ('r', 'p', 'm') AND a.attnum > 0 AND NOT a.attisdropped`,
  ],
  [
    70,
    'trigger',
    `SELECT t.tgrelid::regclass || '.' || quote_ident(tgname) AS id, t.tgrelid::regclass::text AS rel,
      pg_get_triggerdef(t.oid) AS make, format('DROP TRIGGER %I ON %s', tgname, t.tgrelid::regclass) AS unmake, true AS exact
     FROM pg_trigger t ${on('t.tgrelid')} WHERE ${mine} AND NOT tgisinternal AND tgparentid = 0`,
  ],
  [
    71,
    'trigger state',
    `SELECT t.tgrelid::regclass || '.' || quote_ident(tgname) AS id, t.tgrelid::regclass::text AS rel,
      format('ALTER TABLE %s %s TRIGGER %I', t.tgrelid::regclass,
        CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END, tgname) AS make,
      format('ALTER TABLE %s ENABLE TRIGGER %I', t.tgrelid::regclass, tgname) AS unmake, true AS exact
     FROM pg_trigger t ${on('t.tgrelid')} WHERE ${mine} AND NOT tgisinternal AND tgparentid = 0 AND tgenabled <> 'O'`,
  ],
  [
    72,
    'rule',
    `SELECT r.ev_class::regclass || '.' || quote_ident(rulename) AS id, r.ev_class::regclass::text AS rel,
      pg_get_ruledef(r.oid) AS make, format('DROP RULE %I ON %s', rulename, r.ev_class::regclass) AS unmake, ev_enabled = 'O' AS exact
     FROM pg_rewrite r ${on('r.ev_class')} WHERE ${mine} AND rulename <> '_RETURN'`,
  ],
  [
    73,
    'policy',
    `SELECT p.polrelid::regclass || '.' || quote_ident(polname) AS id, p.polrelid::regclass::text AS rel,
      format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', polname, p.polrelid::regclass,
        CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
        CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
        (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE role::regrole::text END, ', ' ORDER BY role::regrole::text) FROM unnest(polroles) role),
        ' USING (' || pg_get_expr(polqual, polrelid) || ')', ' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')') AS make,
      format('DROP POLICY %I ON %s', polname, p.polrelid::regclass) AS unmake, true AS exact
     FROM pg_policy p ${on('p.polrelid')} WHERE ${mine}`,
  ],
  [
    74,
    'row security',
    `SELECT c.oid::regclass::text AS id, c.oid::regclass::text AS rel,
      format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', c.oid::regclass) AS make,
      format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', c.oid::regclass) AS unmake, true AS exact
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${mine} AND c.relrowsecurity`,
  ],
  [
    75,
    'forced row security',
    `SELECT c.oid::regclass::text AS id, c.oid::regclass::text AS rel,
      format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', c.oid::regclass) AS make,
      format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', c.oid::regclass) AS unmake, true AS exact
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${mine} AND c.relforcerowsecurity`,
  ],
  [
    76,
    'published',
    `SELECT p.pubname || ' ' || r.prrelid::regclass AS id, r.prrelid::regclass::text AS rel,
      format('ALTER PUBLICATION %I ADD TABLE ONLY %s', p.pubname, r.prrelid::regclass) AS make,
      format('ALTER PUBLICATION %I DROP TABLE ONLY %s', p.pubname, r.prrelid::regclass) AS unmake,
      to_jsonb(r) ->> 'prqual' IS NULL AND to_jsonb(r) ->> 'prattrs' IS NULL AS exact
     FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid ${on('r.prrelid')} WHERE ${mine}`,
  ],
]
