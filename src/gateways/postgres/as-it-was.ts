/** The session's settings around an approved act: Firebreak's own, then as they were where it was asked, then its own again. */
import { questions } from '../../platforms/postgres/questions.ts'
import type { Ask } from '../../platforms/postgres/questions.ts'
import { ServerError } from './client-ears.ts'
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
  // It would count the image and the rehearsed undo too.
  'transaction_timeout',
])

/** Whatever the act has set or become: the login again, and its settings; nothing that ends a transaction which takes its time. */
export async function asOurselves(ask: Ask): Promise<void> {
  await ask('RESET SESSION AUTHORIZATION')
  await ask('RESET ROLE')
  await ask('RESET ALL')
  await ask(questions.unhurried)
  // What is told as done must have been written down.
  await ask(
    `SELECT set_config('synchronous_commit', 'local', true) WHERE current_setting('synchronous_commit') = 'off'`,
  )
}

/**
 * As the session was that asked; `isLocal` for the transaction alone. What comes back is why it cannot become that, since it
 * would run something else then: the name of a setting and never its value, which may be a secret.
 */
export async function asItWas(
  ask: Ask,
  { role, settings }: Setting,
  isLocal: boolean,
): Promise<string | null> {
  await ask('RESET statement_timeout')
  const wanted = [...settings].filter(([name]) => !kept.has(name.toLowerCase()))
  for (const [name, value] of role === null ? wanted : [...wanted, ['role', role] as const])
    try {
      await ask('SELECT pg_catalog.set_config($1, $2, $3::boolean)', [name, value, String(isLocal)])
    } catch (thrown) {
      if (!(thrown instanceof ServerError)) throw thrown
      return `\`${name}\` cannot be set to what it was when this was asked (${thrown.code})`
    }
  return null
}
