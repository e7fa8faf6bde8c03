/** `firebreak custody login`: a person logs in to an MCP server in a browser, and the token goes into custody without passing this terminal. */
import { openLoopback } from '../app/loopback.ts'
import { isObject } from '../base/json.ts'
import { exits, usage } from './command.ts'
import type { Parsed } from './command.ts'
import { call, factor, first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell, sayTime } from './table.ts'

/** As long as the daemon waits. */
const awayMs = 10 * 60_000

export async function login(parsed: Parsed, io: Io): Promise<number> {
  const target = first(parsed, 'TARGET')
  const loopback = await openLoopback(portOf(parsed), AbortSignal.timeout(awayMs))
  try {
    const begun = await call(parsed, 'custody-login-begin', { target, redirect: loopback.redirect })
    const { url, state, issuer } = isObject(begun) ? begun : {}
    io.note(`open this page in your own browser, where no agent is signed in, and agree there:`)
    io.note(cell(url))
    io.note(`the token will come from ${cell(issuer)}`)
    const search = await loopback.came(cell(state))
    const by = await factor(parsed, io)
    const result = await call(parsed, 'custody-login', {
      target,
      state: cell(state),
      search,
      ...by,
    })
    io.say(`logged in: the token of \`${target}\` is in custody, ${endsIn(result)}`)
    io.give(result)
    return exits.done
  } finally {
    loopback.close()
  }
}

function endsIn(result: unknown): string {
  const { endsAt = null, renews = false } = isObject(result) ? result : {}
  if (renews === true) return 'and is renewed by itself'
  return endsAt === null
    ? 'and nothing says how long it lives'
    : `ends at ${sayTime(endsAt)}, and its issuer gives nothing to renew it with: log in again then`
}

function portOf(parsed: Parsed): number {
  const text = parsed.text('port') ?? '0'
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw usage('`--port` takes a port')
  return Number(text)
}
