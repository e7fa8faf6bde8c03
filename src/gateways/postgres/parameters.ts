/** What a client may set at its start, and what stays as it is while the session lives. */
import { fatal } from './refusal.ts'

/** INVARIANT (pins): what the reader of SQL leans on. The server reports them; a session in which one moves is cut. */
export const pinned = { client_encoding: 'UTF8', standard_conforming_strings: 'on' } as const

export function moved(name: string, value: string): boolean {
  return Object.entries(pinned).some(([pin, kept]) => pin === name && kept !== value)
}

const taken = new Set([
  'application_name',
  'datestyle',
  'timezone',
  'intervalstyle',
  'extra_float_digits',
  'search_path',
  'bytea_output',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'default_transaction_isolation',
])

export interface Begun {
  /** The name of the target, which stands where the database does. */
  readonly target: string
  readonly parameters: ReadonlyMap<string, string>
  /** Options of the protocol that are not known here. */
  readonly unknown: readonly string[]
}

/** Throws a `Fatal` at the first one that is not taken. */
export function readParameters(given: readonly (readonly [string, string])[]): Begun {
  const parameters = new Map<string, string>()
  const own = new Map<string, string>()
  const unknown: string[] = []
  for (const [name, value] of given) {
    const key = name.toLowerCase()
    if (key.startsWith('_pq_.')) unknown.push(name)
    else if (key === 'user' || key === 'database') own.set(key, value)
    else if (taken.has(key)) parameters.set(key, value)
    else if (!harmless(key, value)) throw refused(name)
  }
  // As the server does: without a database its name is the user's.
  const target = own.get('database') ?? own.get('user') ?? ''
  if (target === '') throw fatal('28000', 'no target is named', 'name it where the database stands')
  return { target, parameters, unknown }
}

/** Says what holds anyway. */
function harmless(name: string, value: string): boolean {
  switch (name) {
    case 'client_encoding':
      return /^'?(utf-?8|unicode)'?$/i.test(value)
    case 'standard_conforming_strings':
      return /^(on|true|yes|1)$/i.test(value)
    case 'replication':
      return /^(off|false|no|0)$/i.test(value)
    case 'options':
      return value.trim() === ''
    default:
      return false
  }
}

function refused(name: string): Error {
  return fatal(
    '42501',
    `Firebreak takes no \`${name}\` with this value at the start of a session`,
    name === 'client_encoding'
      ? 'set client_encoding to UTF8'
      : `leave \`${name}\` out, or use SET`,
  )
}
