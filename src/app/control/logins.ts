/** Control commands for logging in to an MCP server in whose place Firebreak then holds the token. */
import * as v from 'valibot'
import type { Proven } from '../../approvals/factor.ts'
import { wordStill } from '../../approvals/signers.ts'
import { FirebreakError } from '../../base/error.ts'
import { keepLogin } from '../../custody/login.ts'
import type { Firebreak } from '../compose.ts'
import { loggedInPath } from '../console/files.ts'
import { openLogins } from '../oauth/login.ts'
import type { Tokens } from '../oauth/login.ts'
import { siteOf } from '../site.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { signed } from './signed.ts'

const target = v.pipe(v.string(), v.maxLength(40))

export function loginCommands(): Readonly<Record<string, ControlCommand>> {
  const logins = openLogins()
  return {
    'custody-login-begin': command(
      v.strictObject({ target, redirect: v.pipe(v.string(), v.maxLength(200)), by }),
      async (firebreak, wish) => {
        mustLeadBack(firebreak, wish.redirect)
        return await logins.begin(firebreak, wish)
      },
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

/** To the terminal that asked (RFC 8252 §7.3), or to the console's own page, and to no other place. */
function mustLeadBack({ config }: Firebreak, redirect: string): void {
  const isTerminal = /^http:\/\/127\.0\.0\.1:\d{1,5}\/callback$/.test(redirect)
  const isPage =
    config.console !== undefined && redirect === `${siteOf(config).origin}${loggedInPath}`
  if (isTerminal || isPage) return
  throw new FirebreakError(
    'bad_input',
    `\`redirect\`: must be \`http://127.0.0.1:PORT/callback\`, or \`${loggedInPath}\` of the console`,
  )
}

async function keep(
  firebreak: Firebreak,
  target: string,
  { tokens, proven }: { readonly tokens: Tokens; readonly proven: Proven },
): Promise<void> {
  const { state, seal, ledger, clock, credential } = firebreak
  const now = clock.now()
  const { name } = proven.approver
  await state.transact(async (tx) => {
    const word = await wordStill(firebreak, tx, proven)
    const body = { what: 'logged in', issuer: tokens.login.issuer, by: name, ...word }
    await keepLogin(seal, tx, { target, ...tokens, by: name, now })
    await ledger.append(tx, [{ kind: 'custody', at: now, subject: target, principal: null, body }])
  })
  credential.forget()
}
