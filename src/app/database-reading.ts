/** How the SQL for a database is read: by its catalog as it is now, and once more from what was stored. */
import { FirebreakError } from '../base/error.ts'
import { isObject } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { readCall, readSql } from '../classify/sql/read.ts'
import { sqlReader } from '../classify/sql/remember.ts'
import type { SqlSession, SqlStatement } from '../classify/sql/statement.ts'
import type { Operation } from '../core/operation.ts'
import type { About } from '../gateways/postgres/reading.ts'
import type { SqlCatalog } from '../platforms/postgres/catalog.ts'
import type { Catalogs } from '../inventory/postgres/catalogs.ts'

export interface Reading {
  readonly read: (text: string, about: About) => readonly SqlStatement[]
  readonly readCall: (oid: number) => SqlStatement
  /** The statements of an operation that was read before: its text, with what was bound to it. */
  readonly statements: (operation: Operation) => readonly SqlStatement[]
}

const nowhere: SqlSession = {
  prepared: () => null,
  temporary: new Set(),
  functions: new Set(),
}

/** `user`: the login, whose schema `$user` is. */
export function openReading(
  { name: target, user }: { readonly name: string; readonly user: string },
  catalogs: Catalogs,
): Reading {
  const reader = sqlReader()
  const catalog = (): ReturnType<Catalogs['current']> => catalogs.current()
  return {
    read: (text, { values, ...more }) =>
      reader(text, {
        target,
        catalog: catalog(),
        ...more,
        ...(values.length === 0 ? {} : { values }),
      }),
    readCall: (oid) => readCall(oid, { target, catalog: catalog() }),
    statements: ({ parameters: { text, values, under } }) => {
      if (typeof text !== 'string')
        throw new FirebreakError('broken_store', 'what is stored is no statement')
      const bound = Array.isArray(values) ? { values: values.map(valueOf) } : {}
      return readSql(text, {
        target,
        catalog: underPath(catalog(), under, user),
        session: nowhere,
        countedToo: true,
        ...bound,
      })
    },
  }
}

/** Where names are looked up is the session's to say: what it had set stands with what is bound (`whole.ts`). */
function underPath(
  catalog: SqlCatalog | null,
  under: Json | undefined,
  user: string,
): SqlCatalog | null {
  const settings = isObject(under) ? under['settings'] : null
  const path = isObject(settings) ? settings['search_path'] : null
  if (catalog === null || typeof path !== 'string') return catalog
  const role = isObject(under) ? under['role'] : null
  return { ...catalog, searchPath: schemasIn(path, typeof role === 'string' ? role : user) }
}

/** The names of a `search_path`, as the server writes it: `"$user", public`. */
function schemasIn(path: string, user: string): readonly string[] {
  const names = path.match(/"(?:[^"]|"")*"|[^,\s"]+/g) ?? []
  return names
    .map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name))
    .map((name) => (name === '$user' ? user : name))
}

/** As `parametersOf` writes it: what came in binary is not told. */
function valueOf(value: Json): string | null | undefined {
  return typeof value === 'string' ? value : isObject(value) ? undefined : null
}
