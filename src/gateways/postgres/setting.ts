/** What of a session bears on a statement beside its text: asked of the server, so that what runs later runs under the same. */
import type { ReadStatement } from './reading.ts'
import type { Desk, Refusal } from './seam.ts'
import type { Setting } from './stored.ts'

export interface Surroundings {
  readonly setting: Setting
  /** A thing that only this session has; null where there is none. */
  readonly temporary: string | null
  /** True where the transaction has changed something that is not kept yet. */
  readonly isChanged: boolean
}

/** They bear on how long something waits and what it looks like, not on what it does; or are the gateway's to keep. */
const besides =
  /^(?:client_encoding|standard_conforming_strings|application_name|client_min_messages|extra_float_digits|bytea_output|transaction_.*|tcp_.*|.*_timeout)$/

/** Of a session's own settings the server lists only those that it knows. */
const question = `SELECT 'setting', pg_catalog.lower(name), setting FROM pg_catalog.pg_settings
WHERE source OPERATOR(pg_catalog.=) ANY ('{session,client}'::pg_catalog.text[])
UNION ALL SELECT 'setting', n, pg_catalog.current_setting(n, true) FROM pg_catalog.unnest($1::pg_catalog.text[]) n
UNION ALL SELECT 'role', '', pg_catalog.current_setting('role')
UNION ALL (SELECT 'temporary', relname::pg_catalog.text, '' FROM pg_catalog.pg_class
WHERE relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema() LIMIT 1)
UNION ALL (SELECT 'temporary', proname::pg_catalog.text, '' FROM pg_catalog.pg_proc
WHERE pronamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema() LIMIT 1)
UNION ALL SELECT 'changed', '', '' WHERE pg_catalog.txid_current_if_assigned() IS NOT NULL`

/** `names`: settings of nobody's that the session may have. */
export async function askSurroundings(
  desk: Pick<Desk, 'ask'>,
  database: string,
  names: Iterable<string>,
): Promise<Surroundings | Refusal> {
  const { rows, error } = await desk.ask([question], [`{${[...names].join(',')}}`])
  if (error !== null) return error
  const of = (kind: string): readonly (readonly [string, string])[] =>
    rows.flatMap(([what, name, value]) =>
      what === kind && typeof name === 'string' && typeof value === 'string' ? [[name, value]] : [],
    )
  const settings = of('setting').filter(([name, value]) => value !== '' && !besides.test(name))
  const role = of('role')[0]?.[1] ?? 'none'
  return {
    setting: {
      database,
      role: role === 'none' ? null : role,
      settings: new Map(settings.toSorted(([one], [other]) => (one < other ? -1 : 1))),
    },
    temporary: of('temporary')[0]?.[0] ?? null,
    isChanged: of('changed').length > 0,
  }
}

/** Of a session that has set nothing. */
export function bareSetting(database: string): Setting {
  return { database, role: null, settings: new Map() }
}

/** True for what a client sets at its start, by lower-case name, and bears on what a statement does. */
export function bears(name: string): boolean {
  return !besides.test(name)
}

/** True where the session may have other settings behind it. */
export function maySet({ kind, operation, text }: ReadStatement): boolean {
  if (kind === 'set' || operation.effect === 'unread') return true
  return /set_config/i.test(text) || operation.name === 'DO' || operation.name === 'CALL'
}

const mostNames = 50

/** Names of settings of nobody's that a text may set: `app.tenant`. */
export function ownNames(text: string): readonly string[] {
  const found = text.match(/[a-z_][\w$]*\.[a-z_][\w$]*/gi) ?? []
  return found.slice(0, mostNames).map((name) => name.toLowerCase())
}
