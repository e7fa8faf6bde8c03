/** Settings that change what a statement means or what is guarded; all others are ordinary. */
import type { SqlReason } from './effects.ts'

const off = new Set(['off', 'false', 'no', '0', 'f', 'n', 'fa', 'fal', 'fals', 'of'])
const on = new Set(['on', 'true', 'yes', '1', 't', 'y', 'tr', 'tru', 'ye'])

const meaning = (why: string): SqlReason => ({ effect: 'unread', rule: 'setting-meaning', why })
const guard = (why: string): SqlReason => ({
  effect: 'destroy',
  kinds: ['guard'],
  rule: 'setting-guard',
  why,
})
const code: SqlReason = {
  effect: 'destroy',
  kinds: ['exec'],
  rule: 'setting-code',
  why: 'lets code run beside the data',
}

/** What it means that a setting gets a value; null is its default. Nothing for what is ordinary. The name is in lower case. */
export function settingReason(name: string, value: string | null): SqlReason | null {
  const plain = value === null ? null : value.toLowerCase().trim()
  if (/^(local|session|shared)_preload_libraries$|^dynamic_library_path$/.test(name)) return code
  // Languages run what their settings say at their start.
  if (/^pl(?!pgsql\.)[a-z0-9_]*\./.test(name)) return code
  if (name.startsWith('pgaudit.')) return guard('changes what is written down')
  return Object.hasOwn(rows, name) ? (rows[name]?.(plain) ?? null) : null
}

const rows: { readonly [name: string]: (value: string | null) => SqlReason | null } = {
  standard_conforming_strings: (value) =>
    value === null || on.has(value) ? null : meaning('changes where a text ends'),
  backslash_quote: (value) =>
    value === null || value === 'safe_encoding' || off.has(value)
      ? null
      : meaning('changes where a text ends'),
  client_encoding: (value) =>
    value === null || /^'?(utf-?8|unicode)'?$/.test(value)
      ? null
      : meaning('changes how the bytes of a statement are read'),
  transform_null_equals: (value) =>
    value === null || off.has(value) ? null : meaning('changes what `= NULL` finds'),
  // Whatever it is set to: off and on again would hide what is between.
  track_counts: (value) =>
    value === null ? null : meaning('decides whether the server counts the rows that change'),
  search_path: (value) =>
    shadows(value) ? meaning('looks names up before `pg_catalog` or `pg_temp`') : null,
  session_replication_role: (value) =>
    value === null || value === 'origin' ? null : guard('switches triggers and foreign keys off'),
  session_authorization: (value) =>
    value === null || value === 'default'
      ? null
      : { effect: 'expose', rule: 'setting-role', why: 'becomes another user' },
  zero_damaged_pages: (value) => switched(value, 'throws damaged pages away'),
  ignore_checksum_failure: (value) => switched(value, 'goes on with damaged pages'),
  ignore_invalid_pages: (value) => switched(value, 'goes on with damaged pages'),
  ignore_system_indexes: (value) => switched(value, 'reads the catalog without its indexes'),
  allow_system_table_mods: (value) => switched(value, 'opens the catalog to changes'),
  lo_compat_privileges: (value) => switched(value, 'opens large objects to everybody'),
  log_statement: () => guard('changes what is written down'),
  log_min_duration_statement: () => guard('changes what is written down'),
  log_min_messages: () => guard('changes what is written down'),
  log_min_error_statement: () => guard('changes what is written down'),
}

function switched(value: string | null, why: string): SqlReason | null {
  return value === null || off.has(value) ? null : guard(why)
}

/** True where `pg_catalog` or `pg_temp` stands in a search path, and not first: then a name of ours is another thing than it seems. */
function shadows(value: string | null): boolean {
  const schemas = (value ?? '').split(',').map((schema) => schema.trim().replaceAll('"', ''))
  return schemas.indexOf('pg_catalog') > 0 || schemas.indexOf('pg_temp') > 0
}
