/** The session's settings around an approved act: Firebreak's own, then as they were where it was asked, then its own again. */
import type { Ask } from '../../platforms/postgres/questions.ts'
import { pinned } from './parameters.ts'
import type { Setting } from './stored.ts'

/** Of a transaction, not of a session; or kept by Firebreak. */
const kept: ReadonlySet<string> = new Set([
  ...Object.keys(pinned),
  'role',
  'session_authorization',
  'transaction_isolation',
  'transaction_read_only',
  'transaction_deferrable',
])

/** Whatever the act has set or become: the login again, and its settings; nothing that ends a transaction which takes its time. */
export async function asOurselves(ask: Ask): Promise<void> {
  await ask('RESET SESSION AUTHORIZATION')
  await ask('RESET ROLE')
  await ask('RESET ALL')
  await ask(
    `SELECT set_config(name, '0', true) FROM unnest('{statement_timeout,idle_in_transaction_session_timeout}'::text[]) name`,
  )
  // What is told as done must have been written down.
  await ask(
    `SELECT set_config('synchronous_commit', 'local', true) WHERE current_setting('synchronous_commit') = 'off'`,
  )
}

/** As the session was that asked; `isLocal` for the transaction alone. Throws where this login may not become that. */
export async function asItWas(
  ask: Ask,
  { role, settings }: Setting,
  isLocal: boolean,
): Promise<void> {
  await ask('RESET statement_timeout')
  for (const [name, value] of settings)
    if (!kept.has(name.toLowerCase()))
      await ask('SELECT pg_catalog.set_config($1, $2, $3::boolean)', [name, value, String(isLocal)])
  if (role !== null)
    await ask(`SELECT pg_catalog.set_config('role', $1, $2::boolean)`, [role, String(isLocal)])
}
