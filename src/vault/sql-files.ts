/** Which files make a cluster, by plain SQL: those below the folders that PostgreSQL itself makes, and none of a run that is over. */
import { arrayOf, told } from '../platforms/postgres/questions.ts'
import type { Ask } from '../platforms/postgres/questions.ts'

export interface FoundFile {
  readonly path: string
  readonly size: number
  /** Its pages have checksums, where the cluster has any. */
  readonly isRelation: boolean
}

export interface Folder {
  readonly path: string
  readonly files: readonly FoundFile[]
}

/**
 * SQL does not tell a link from what it leads to. INVARIANT (inside): what is walked are folders of names that PostgreSQL makes;
 * another folder in the data directory is left out, wherever it leads.
 */
const relationFolders = ['global'] as const
const folders = [
  'pg_commit_ts',
  'pg_logical',
  'pg_logical/mappings',
  'pg_logical/snapshots',
  'pg_multixact',
  'pg_multixact/members',
  'pg_multixact/offsets',
  'pg_stat',
  'pg_twophase',
  'pg_xact',
] as const
/** What is in them is of the run of the server that was, or comes as WAL. */
const emptied = [
  'base',
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_tblspc',
  'pg_wal',
  'pg_wal/archive_status',
] as const
const single = [
  'PG_VERSION',
  'pg_hba.conf',
  'pg_ident.conf',
  'postgresql.auto.conf',
  'postgresql.conf',
] as const

/** Taken last of all: see `pg_control` in `sql-base.ts`. */
export const controlFile = 'global/pg_control'

/** Of the data directory, without what lies in other tablespaces. */
export async function* clusterFolders(ask: Ask): AsyncGenerator<Folder> {
  for (const path of emptied) yield { path, files: [] }
  yield { path: '', files: await looked(ask, single) }
  for (const path of folders) yield { path, files: filesIn(await listed(ask, path), path, false) }
  for (const path of relationFolders) yield await relationsIn(ask, path)
  yield* databasesIn(ask, 'base')
}

/** `version`: the folder's name in each tablespace. */
export async function* tablespaceFolders(
  ask: Ask,
  oid: string,
  version: string,
): AsyncGenerator<Folder> {
  const path = `pg_tblspc/${oid}/${version}`
  yield { path, files: [] }
  yield* databasesIn(ask, path)
}

async function* databasesIn(ask: Ask, path: string): AsyncGenerator<Folder> {
  for (const { name, isFolder } of await listed(ask, path))
    if (isFolder && /^\d+$/.test(name)) yield await relationsIn(ask, `${path}/${name}`)
}

async function relationsIn(ask: Ask, path: string): Promise<Folder> {
  return { path, files: filesIn(await listed(ask, path), path, true) }
}

interface Listed {
  readonly name: string
  readonly size: number
  readonly isFolder: boolean
}

function filesIn(all: readonly Listed[], path: string, isRelation: boolean): readonly FoundFile[] {
  const unlogged = new Set(all.flatMap(({ name }) => /^(\d+)_init$/.exec(name)?.[1] ?? []))
  return all
    .filter(({ name, isFolder }) => !isFolder && isKept(name, unlogged))
    .map(({ name, size }) => ({
      path: `${path}/${name}`,
      size,
      isRelation: isRelation && relationName.test(name),
    }))
    .filter((file) => file.path !== controlFile)
}

const relationName = /^\d+(_(fsm|vm|init))?(\.\d+)?$/

/** What a server makes anew, or throws away, when it starts. */
function isKept(name: string, unlogged: ReadonlySet<string>): boolean {
  if (!/^[\x21-\x7e]{1,60}$/.test(name) || name.includes('/')) return false
  if (/^(pgsql_tmp|pg_internal\.init)/.test(name) || /^t\d+_\d+/.test(name)) return false
  const [, relation, fork] = /^(\d+)(_[a-z]+)?/.exec(name) ?? []
  return relation === undefined || fork === '_init' || !unlogged.has(relation)
}

/** A folder that has gone meanwhile is empty. */
async function listed(ask: Ask, path: string): Promise<readonly Listed[]> {
  const rows = await ask(
    `SELECT name, s.size, s.isdir FROM pg_catalog.pg_ls_dir($1, true, false) name,
      LATERAL pg_catalog.pg_stat_file($1 || '/' || name, true) s WHERE s.size IS NOT NULL ORDER BY name COLLATE "C"`,
    [path],
  )
  return rows.map((row) => ({
    name: told(row, 'name'),
    size: Number(told(row, 'size')),
    isFolder: told(row, 'isdir') === 't',
  }))
}

async function looked(ask: Ask, paths: readonly string[]): Promise<readonly FoundFile[]> {
  const rows = await ask(
    `SELECT path, s.size FROM pg_catalog.unnest($1::text[]) path,
      LATERAL pg_catalog.pg_stat_file(path, true) s WHERE s.size IS NOT NULL AND NOT s.isdir`,
    [arrayOf(paths)],
  )
  return rows.map((row) => ({
    path: told(row, 'path'),
    size: Number(told(row, 'size')),
    isRelation: false,
  }))
}
