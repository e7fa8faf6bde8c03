/** What is asked of a server's catalog for the snapshot; reads that every user may make. */

const ours = `n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'`
const system = `n.nspname IN ('pg_catalog', 'information_schema')`
/** Whoever alters a sequence may be the one who waits for the answer: its number is not known until that is kept. */
const free = `NOT EXISTS (SELECT FROM pg_locks l WHERE l.relation = s.seqrelid AND l.granted AND l.mode ~ '^(Share(RowExclusive)?|(Access)?Exclusive)Lock$'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`

export const snapshotQuestions = {
  about: `SELECT current_setting('server_version_num') AS version, array_to_json(current_schemas(false)) AS path`,
  relations: `SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.reltuples AS rows,
      CASE WHEN c.relkind IN ('r', 'm', 'i', 'S') AND NOT ${system} THEN coalesce(pg_total_relation_size(c.oid), 0) ELSE 0 END AS bytes,
      c.relrowsecurity AS secured, coalesce(x.indisunique, false) AS unique,
      CASE WHEN c.relkind IN ('v', 'm') AND NOT ${system} THEN pg_get_viewdef(c.oid) END AS definition,
      CASE WHEN s.seqincrement > 0 THEN CASE WHEN has_sequence_privilege(c.oid, 'USAGE, SELECT') AND ${free}
        THEN coalesce(pg_sequence_last_value(c.oid), s.seqstart - s.seqincrement) END END AS last,
      coalesce(x.indrelid, CASE WHEN c.relispartition THEN (SELECT inhparent FROM pg_inherits WHERE inhrelid = c.oid LIMIT 1) END) AS parent
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index x ON x.indexrelid = c.oid
      LEFT JOIN pg_sequence s ON s.seqrelid = c.oid
    WHERE (${ours} OR ${system}) AND c.relkind <> 't'`,
  numbers: `SELECT s.seqrelid AS oid, CASE WHEN s.seqincrement > 0 THEN CASE WHEN has_sequence_privilege(s.seqrelid, 'USAGE, SELECT') AND ${free}
        THEN coalesce(pg_sequence_last_value(s.seqrelid), s.seqstart - s.seqincrement) END END AS last
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE c.relpersistence <> 't'`,
  columns: `SELECT a.attrelid AS oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS bound,
      pg_get_expr(d.adbin, d.adrelid) AS default,
      (SELECT o.objid FROM pg_depend o JOIN pg_sequence s ON s.seqrelid = o.objid WHERE o.classid = 'pg_class'::regclass
        AND o.refclassid = 'pg_class'::regclass AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i') LIMIT 1) AS sequence
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE ${ours} AND NOT ${system} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attrelid, a.attnum`,
  // What follows an INCLUDE keeps nothing unique.
  keys: `SELECT x.indrelid AS oid, (SELECT json_agg(a.attname ORDER BY k.at)
        FROM unnest(x.indkey) WITH ORDINALITY k (num, at) JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.num
        WHERE k.at <= x.indnkeyatts) AS columns
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${ours} AND NOT ${system} AND x.indisunique AND x.indpred IS NULL AND x.indexprs IS NULL AND x.indisvalid
    ORDER BY x.indexrelid`,
  foreignKeys: `SELECT confrelid AS oid, conname AS name, conrelid AS "from", confdeltype AS deletes, confupdtype AS updates
    FROM pg_constraint k WHERE contype = 'f' ORDER BY k.oid`,
  triggers: `SELECT t.tgrelid AS oid, tgname AS name, tgtype AS bits, tgfoid AS runs, tgenabled AS enabled
    FROM pg_trigger t WHERE NOT tgisinternal ORDER BY tgname`,
  rules: `SELECT r.ev_class AS oid, rulename AS name, ev_type AS event, pg_get_ruledef(r.oid) AS definition
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${ours} AND NOT ${system} AND rulename <> '_RETURN' ORDER BY rulename`,
  // What an expression calls outside PostgreSQL's own hangs on it; operators by the function behind them.
  calls: `SELECT DISTINCT u.oid, u.at, coalesce(o.oprcode::oid, d.refobjid) AS runs
    FROM pg_depend d LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
      CROSS JOIN LATERAL (
        SELECT conrelid AS oid, 'write' AS at FROM pg_constraint WHERE d.classid = 'pg_constraint'::regclass AND oid = d.objid AND conrelid <> 0
        UNION ALL SELECT indrelid, 'write' FROM pg_index WHERE d.classid = 'pg_class'::regclass AND indexrelid = d.objid
        UNION ALL SELECT partrelid, 'write' FROM pg_partitioned_table WHERE d.classid = 'pg_class'::regclass AND partrelid = d.objid
        UNION ALL SELECT tgrelid, 'change' FROM pg_trigger WHERE d.classid = 'pg_trigger'::regclass AND oid = d.objid
          AND tgfoid <> d.refobjid AND tgenabled <> 'D'
        UNION ALL SELECT polrelid, CASE WHEN polcmd IN ('r', '*') THEN 'read' ELSE 'write' END FROM pg_policy
          WHERE d.classid = 'pg_policy'::regclass AND oid = d.objid) u
    WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)`,
  eventTriggers: `SELECT evtname AS name, array_to_json(evttags) AS tags, evtfoid AS runs FROM pg_event_trigger
    WHERE evtenabled <> 'D' ORDER BY evtname`,
  policies: 'SELECT polrelid AS oid, polname AS name FROM pg_policy ORDER BY polname',
  constraints:
    'SELECT conrelid AS oid, conname AS name FROM pg_constraint WHERE conrelid <> 0 ORDER BY conname',
  schemas: 'SELECT nspname AS name FROM pg_namespace n',
  typeNames: `SELECT t.typname AS name FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${ours} AND NOT ${system}`,
  children: 'SELECT inhparent AS oid, inhrelid AS child FROM pg_inherits ORDER BY inhrelid',
  // Of the system's own functions the name, language and volatility say all that is needed. Where an aggregate begins with a value of a user's type, what reads that is not told.
  functions: `SELECT p.oid, n.nspname AS schema, proname AS name, prokind AS kind, provolatile AS volatility, l.lanname AS language,
      prosecdef AS definer, proretset AS set, format_type(prorettype, NULL) AS returns,
      (SELECT json_agg(format_type(t, NULL) ORDER BY at) FROM unnest(proargtypes) WITH ORDINALITY a (t, at)) AS arguments,
      array_to_json(proargnames) AS names,
      CASE WHEN prokind <> 'a' AND NOT ${system} AND l.lanname IN ('sql', 'plpgsql') THEN pg_get_functiondef(p.oid) END AS definition,
      (SELECT json_agg(DISTINCT f) FROM pg_aggregate a JOIN pg_type t ON t.oid = a.aggtranstype JOIN pg_namespace s ON s.oid = t.typnamespace
        LEFT JOIN pg_operator o ON o.oid = a.aggsortop
        CROSS JOIN LATERAL unnest(ARRAY[a.aggtransfn::oid, nullif(a.aggfinalfn::oid, 0), nullif(a.aggcombinefn::oid, 0), nullif(a.aggserialfn::oid, 0),
          nullif(a.aggdeserialfn::oid, 0), nullif(a.aggmtransfn::oid, 0), nullif(a.aggminvtransfn::oid, 0), nullif(a.aggmfinalfn::oid, 0), o.oprcode::oid,
          CASE WHEN s.nspname <> 'pg_catalog' AND coalesce(a.agginitval, a.aggminitval) IS NOT NULL THEN 0 END]) f
        WHERE a.aggfnoid = p.oid AND n.nspname <> 'pg_catalog' AND f IS NOT NULL) AS parts,
      e.extname AS extension
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
      LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      LEFT JOIN pg_extension e ON e.oid = d.refobjid
    ORDER BY p.oid`,
  operators: `SELECT o.oprname AS name, f.oid FROM pg_operator o
      CROSS JOIN LATERAL (VALUES (o.oprcode::oid), (o.oprrest::oid), (o.oprjoin::oid)) f (oid)
      JOIN pg_proc p ON p.oid = f.oid JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname <> 'pg_catalog'`,
  types: `SELECT DISTINCT t.typname AS name, f.oid FROM (
      SELECT casttarget AS type, castfunc AS oid FROM pg_cast WHERE castfunc <> 0
      UNION ALL SELECT oid, unnest(ARRAY[typinput::oid, typoutput::oid, typreceive::oid, typsend::oid, typmodin::oid]) FROM pg_type
      UNION ALL SELECT k.contypid, d.refobjid FROM pg_constraint k JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass
        AND d.objid = k.oid AND d.refclassid = 'pg_proc'::regclass WHERE k.contypid <> 0) f
      JOIN pg_type t ON t.oid = f.type JOIN pg_proc p ON p.oid = f.oid JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname <> 'pg_catalog'`,
} as const
