/**
 * Tables of one row by which a framework keeps two migrations apart, and which it changes without a WHERE: a change of them is
 * counted like a bounded one. Knex: `migrations.tableName` with `_lock` behind it (knexjs.org, Migrations).
 */
export const lockTables: ReadonlySet<string> = new Set(['knex_migrations_lock'])
