/** Functions that do more than compute, by name; and how any other name is known. */
import type { DestroyKind } from '../../core/effect.ts'
import type { SqlReason } from './effects.ts'
import { safeBuiltIns, safeOfExtensions } from './functions-safe.ts'

const lost = (kinds: readonly DestroyKind[], why: string): SqlReason => ({
  effect: 'destroy',
  kinds,
  rule: `function-${kinds[0] ?? 'lost'}`,
  why,
})
const write = (why: string): SqlReason => ({ effect: 'write', rule: 'function-write', why })
const named = (names: string, reason: SqlReason): readonly (readonly [string, SqlReason])[] =>
  names.split(/\s+/).map((name) => [name, reason])

/** PostgreSQL's own. */
const ownRows: ReadonlyMap<string, SqlReason> = new Map([
  ...named('nextval lo_creat lo_create lo_from_bytea', write('takes a number or makes an object')),
  ...named('setval', lost(['guard'], 'may set a sequence back, so that numbers come twice')),
  ...named('pg_notify pg_logical_emit_message', write('sends a message')),
  ...named(
    'pg_create_restore_point pg_switch_wal pg_backup_start pg_backup_stop pg_rotate_logfile pg_import_system_collations',
    write('writes beside the data'),
  ),
  ...named(
    'brin_summarize_new_values brin_summarize_range brin_desummarize_range gin_clean_pending_list',
    write('tidies an index'),
  ),
  ...named(
    'pg_create_logical_replication_slot pg_create_physical_replication_slot',
    write('makes a slot, which keeps log files'),
  ),
  ...named(
    'pg_copy_logical_replication_slot pg_copy_physical_replication_slot',
    write('makes a slot, which keeps log files'),
  ),
  ...named('lo_unlink', lost(['data'], 'deletes a large object')),
  ...named(
    'lo_put lowrite lo_truncate lo_truncate64',
    lost(['data'], 'writes over a large object'),
  ),
  ...named('pg_terminate_backend pg_cancel_backend', lost(['outage'], 'stops what others do')),
  ...named(
    'pg_promote pg_wal_replay_pause pg_wal_replay_resume',
    lost(['outage'], 'changes what the server is doing'),
  ),
  ...named('pg_reload_conf', lost(['guard'], 'makes changed settings of the server work')),
  ...named(
    'pg_drop_replication_slot pg_replication_slot_advance pg_logical_slot_get_changes pg_logical_slot_get_binary_changes pg_sync_replication_slots',
    lost(['backup', 'guard'], 'takes away what a replica or a backup needs'),
  ),
  ...named(
    'pg_replication_origin_advance pg_replication_origin_create pg_replication_origin_drop pg_replication_origin_session_reset pg_replication_origin_session_setup pg_replication_origin_xact_reset pg_replication_origin_xact_setup',
    lost(['guard'], 'changes how far a replica believes to be'),
  ),
  ...named(
    'pg_stat_reset pg_stat_reset_shared pg_stat_reset_slru pg_stat_reset_replication_slot pg_stat_reset_subscription_stats pg_stat_reset_single_table_counters pg_stat_reset_single_function_counters pg_stat_reset_backend_stats',
    write('sets counters back'),
  ),
  ...named(
    'pg_read_file pg_read_binary_file pg_read_file_old pg_stat_file pg_ls_dir lo_import lo_export',
    lost(['exec'], 'reads or writes files of the server'),
  ),
  ...named(
    'pg_ls_logdir pg_ls_waldir pg_ls_tmpdir pg_ls_archive_statusdir pg_ls_replslotdir pg_ls_logicalsnapdir pg_ls_logicalmapdir pg_hba_file_rules pg_ident_file_mappings pg_show_all_file_settings',
    {
      effect: 'expose',
      rule: 'function-files',
      why: 'shows files of the server',
    },
  ),
  ...named(
    'schema_to_xml schema_to_xmlschema schema_to_xml_and_xmlschema database_to_xml database_to_xmlschema database_to_xml_and_xmlschema',
    lost(['exec'], 'reads every view of a schema, whatever that runs'),
  ),
  ...named(
    'table_to_xml table_to_xmlschema table_to_xml_and_xmlschema',
    lost(['exec'], 'reads a relation that is not told, whatever that runs'),
  ),
  ...named(
    'pg_nextoid pg_stop_making_pinned_objects pg_extension_config_dump',
    lost(['guard'], 'changes the catalog'),
  ),
  ...named(
    'pg_restore_relation_stats pg_restore_attribute_stats pg_clear_relation_stats pg_clear_attribute_stats',
    write('changes what the planner believes'),
  ),
])

/** Functions that read the table that is their first argument, as text. */
export const readsTable: ReadonlySet<string> = new Set([
  'table_to_xml',
  'table_to_xmlschema',
  'table_to_xml_and_xmlschema',
])

/** Of extensions, in whatever schema. */
const outsideRows: ReadonlyMap<string, SqlReason> = new Map([
  ...named(
    'dblink dblink_exec dblink_connect dblink_connect_u dblink_open dblink_fetch dblink_close dblink_send_query dblink_get_result dblink_cancel_query dblink_build_sql_delete postgres_fdw_disconnect',
    lost(['exec'], 'runs SQL in another session, which is not read here'),
  ),
  ...named(
    'pg_file_write pg_file_rename pg_file_unlink pg_file_sync pg_file_read pg_logdir_ls pg_logfile_rotate',
    lost(['exec'], 'reads or writes files of the server'),
  ),
  ...named(
    'http http_get http_post http_put http_delete http_patch http_head',
    lost(['exec'], 'sends a request from the server'),
  ),
  ...named(
    'xpath_table crosstab crosstab2 crosstab3 crosstab4 crosstabn connectby',
    lost(['exec'], 'runs SQL that stands in a text'),
  ),
  ...named('pg_stat_statements_reset', write('sets counters back')),
])

/** Functions that run texts, by which of their arguments those are. */
export const runsText: ReadonlyMap<string, readonly number[]> = new Map([
  ['query_to_xml', [0]],
  ['query_to_xmlschema', [0]],
  ['query_to_xml_and_xmlschema', [0]],
  ['ts_stat', [0]],
  ['ts_rewrite', [1]],
])

/** The same of extensions, in whatever schema. */
export const runsTextOutside: ReadonlyMap<string, readonly number[]> = new Map([
  ['crosstab', [0, 1]],
  ['crosstab2', [0]],
  ['crosstab3', [0]],
  ['crosstab4', [0]],
  ['crosstabn', [0]],
])

/** Functions that read the relation that their first argument names. */
export const readsNamed: ReadonlySet<string> = new Set([
  'table_to_xml',
  'table_to_xmlschema',
  'table_to_xml_and_xmlschema',
])

export type KnownFunction =
  | { readonly kind: 'safe' }
  | { readonly kind: 'does'; readonly reason: SqlReason }
  | { readonly kind: 'unknown' }

/** What a name says by itself. `own` is true where it can be PostgreSQL's own: unqualified or `pg_catalog`. */
export function functionNamed(name: string, own: boolean): KnownFunction {
  const reason = (own ? ownRows.get(name) : undefined) ?? outsideRows.get(name)
  if (reason !== undefined) return { kind: 'does', reason }
  return own && safeBuiltIns.has(name) ? { kind: 'safe' } : { kind: 'unknown' }
}

/** True for a function of a common extension that only computes: believed where no catalog tells better. */
export function isOfSafeExtension(name: string): boolean {
  return safeOfExtensions.has(name)
}
