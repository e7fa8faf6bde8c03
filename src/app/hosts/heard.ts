/** What a host makes of what our hook said: each by its own rules, which are not ours (docs/hooks.md). */
import { isObject, textOf } from '../../base/json.ts'
import type { Came } from './fire.ts'
import { objectIn } from './json-text.ts'

export type Heard =
  | { readonly kind: 'passes' }
  | { readonly kind: 'refuses'; readonly why: string }
  /** It is no answer of a hook that works; what the host does then is told by its `failsClosed`. */
  | { readonly kind: 'fails'; readonly why: string }

type Reader = (came: Came) => Heard

/** By the name of the host. */
export function heard(host: string, came: Came): Heard {
  if (came.fault !== null) return { kind: 'fails', why: came.fault }
  const said = (readers[host] ?? byExit)(came)
  // A hook that refuses for a fault of its own refuses everything.
  return said.kind === 'refuses' && said.why.startsWith('Firebreak refuses this: ')
    ? { kind: 'fails', why: said.why }
    : said
}

const passes: Heard = { kind: 'passes' }
const refuses = (why: unknown): Heard =>
  textOf(why) === '' ? fails('it refuses without a reason') : { kind: 'refuses', why: textOf(why) }
const fails = (why: string): Heard => ({ kind: 'fails', why })

function odd({ exit, stdout, stderr }: Came): Heard {
  const said = [stdout, stderr].map((text) => text.trim()).find((text) => text !== '')
  return fails(
    `it ended with ${exit} and ${said === undefined ? 'said nothing' : `said \`${said}\``}`,
  )
}

const cursor: Reader = (came) => {
  if (came.exit === 2) return refuses(came.stdout || came.stderr)
  const reply = came.exit === 0 ? objectIn(came.stdout) : null
  if (reply?.['permission'] === 'allow') return passes
  return reply?.['permission'] === 'deny' ? refuses(reply['agent_message']) : odd(came)
}

/** Claude Code and Codex; the second drops an answer with any field more. */
const nested =
  (isStrict: boolean): Reader =>
  (came) => {
    if (came.exit === 2) return refuses(came.stderr)
    if (came.exit === 0 && came.stdout.trim() === '') return passes
    const reply = came.exit === 0 ? objectIn(came.stdout) : null
    const own = reply?.['hookSpecificOutput']
    if (reply === null || !isObject(own) || own['permissionDecision'] !== 'deny') return odd(came)
    const isMore = Object.keys(reply).length > 1 || Object.keys(own).length > 3
    return isStrict && isMore ? odd(came) : refuses(own['permissionDecisionReason'])
  }

const gemini: Reader = (came) => {
  const reply = objectIn(came.stdout)
  if (reply === null) return odd(came)
  const { decision = 'allow', reason } = reply
  if (decision === 'allow') return passes
  return decision === 'deny' || decision === 'block' ? refuses(reason) : odd(came)
}

const copilot: Reader = (came) => {
  const reply = came.exit === 0 ? objectIn(came.stdout) : null
  if (reply === null) return odd(came)
  const { permissionDecision, permissionDecisionReason, ...more } = reply
  if (Object.keys(more).length > 0) return odd(came)
  if (permissionDecision === undefined) return passes
  return permissionDecision === 'deny' ? refuses(permissionDecisionReason) : odd(came)
}

const byExit: Reader = (came) => {
  if (came.exit === 0) return passes
  return came.exit === 2 ? refuses(came.stderr.trim()) : odd(came)
}

/** The plugin refuses as well where Firebreak gave it no answer. */
const opencode: Reader = (came) => {
  const said = byExit(came)
  return said.kind === 'refuses' && said.why.startsWith('Firebreak did not answer')
    ? fails(said.why)
    : said
}

const readers: Readonly<Record<string, Reader>> = {
  cursor,
  'claude-code': nested(false),
  codex: nested(true),
  gemini,
  copilot,
  opencode,
}
