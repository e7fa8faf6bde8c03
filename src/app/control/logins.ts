/** Control commands for logging in to an MCP server in whose place Firebreak then holds the token. */
import * as v from 'valibot'
import { wordOf } from '../../approvals/factor.ts'
import type { Proven } from '../../approvals/factor.ts'
import { mustSignStill } from '../../approvals/signers.ts'
import { keepLogin } from '../../custody/login.ts'
import type { Firebreak } from '../compose.ts'
import { openLogins } from '../oauth/login.ts'
import type { Tokens } from '../oauth/login.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { signed } from './signed.ts'

/** RFC 8252 §7.3: the terminal that asked, and no other place. */
const redirect = v.pipe(
  v.string(),
  v.regex(
    /^http:\/\/(127\.0\.0\.1|localhost):\d{1,5}\/callback$/,
    'must be `http://127.0.0.1:PORT/callback`',
  ),
)
const target = v.pipe(v.string(), v.maxLength(40))

export function loginCommands(): Readonly<Record<string, ControlCommand>> {
  const logins = openLogins()
  return {
    'custody-login-begin': command(
      v.strictObject({ target, redirect, by }),
      async (firebreak, wish) => await logins.begin(firebreak, wish),
    ),
    // The same words as for a credential that is typed in: it is kept for that target, whichever way it came.
    'custody-login': signed(
      {
        target,
        state: v.pipe(v.string(), v.maxLength(200)),
        /** What stood behind the `?`. */
        search: v.pipe(v.string(), v.regex(/^\?/, 'must begin with `?`'), v.maxLength(8000)),
      },
      async (firebreak, { target: of, state }) => {
        logins.mustBeAway(firebreak, of, state)
        return await Promise.resolve({
          sign: { what: ['custody', of], role: 'approver' as const },
          found: null,
        })
      },
      async (firebreak, { target: of, state, search }, { proven }) => {
        const tokens = await logins.finish(firebreak, { state, search })
        await keep(firebreak, of, { tokens, proven })
        return { target: of, endsAt: tokens.endsAt, renews: tokens.login.refresh !== null }
      },
    ),
  }
}

async function keep(
  firebreak: Firebreak,
  target: string,
  { tokens, proven }: { readonly tokens: Tokens; readonly proven: Proven },
): Promise<void> {
  const { state, seal, ledger, clock, credential } = firebreak
  const now = clock.now()
  const { name } = proven.approver
  const body = { what: 'logged in', issuer: tokens.login.issuer, by: name, ...wordOf(proven) }
  await state.transact(async (tx) => {
    await mustSignStill(seal, tx, { proven, now })
    await keepLogin(seal, tx, { target, ...tokens, by: name, now })
    await ledger.append(tx, [{ kind: 'custody', at: now, subject: target, principal: null, body }])
  })
  credential.forget()
}
