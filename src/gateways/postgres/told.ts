/** The guard's answer in Postgres's words: an ErrorResponse that a client, a person and an agent can read. */
import type { Resource } from '../../core/resource.ts'
import type { Passed, Told } from '../../guard/passed.ts'
import { inTransaction, uncommitted } from './leans.ts'
import type { Refusal } from './seam.ts'

type Settled = Exclude<Passed, { readonly kind: 'allowed' }>

/** INSUFFICIENT_PRIVILEGE: every client knows it, and none tries again by itself. */
const code = '42501'
const mostNamed = 12

/** What the client is told in place of the server's answer. */
export function refusalOf(passed: Settled): Refusal {
  const { told } = passed
  const [first, ...more] = told.findings.map(({ message }) => message)
  const lines = [
    ...goneLines(told),
    ...more.map((message) => `because ${message}`),
    ...told.radius.unknown.map((what) => `not known: ${what}`),
  ]
  return {
    code,
    message: `Firebreak ${verb(passed)} ${told.operation}: ${first ?? 'the policy says so'}`,
    detail: lines.length === 0 ? null : lines.join('\n'),
    hint: hintOf(passed),
  }
}

function verb({ kind }: Settled): string {
  if (kind === 'held') return 'holds'
  return kind === 'scheduled' ? 'has scheduled' : kind === 'settled' ? 'has run' : 'refuses'
}

function goneLines({ radius }: Told): readonly string[] {
  // Of one table the name says it already.
  const rows =
    radius.rows === null || radius.resources.length < 2 ? '' : `: ${radius.rows} rows in all`
  const gone = list(radius.resources)
  return [
    ...(gone === '' ? [] : [`would go: ${gone}${rows}`]),
    ...(radius.backups.length === 0 ? [] : [`and its ways back: ${list(radius.backups)}`]),
    ...(radius.environments.length === 0 ? [] : [`in: ${radius.environments.join(', ')}`]),
  ]
}

function list(things: readonly Resource[]): string {
  const named = things.slice(0, mostNamed).map(({ type, name }) => `${type} ${name}`)
  const more = things.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

const ofTransaction: ReadonlySet<string> = new Set([inTransaction.message, uncommitted.message])

/** The next step: for whoever reads only one line of it. */
function hintOf({ kind, told }: Settled): string | null {
  const [instead] = told.alternatives
  const orElse = instead === undefined ? '' : `. Or: ${instead}`
  if (kind === 'held' && told.holdId !== null)
    return `a person runs: firebreak approve ${told.holdId}; then send the same statement again for its outcome${orElse}`
  if (kind === 'scheduled' && told.executesAt !== null)
    return `it runs at ${new Date(told.executesAt).toISOString()}; until then a person can undo it`
  if (told.findings.some(({ message }) => ofTransaction.has(message)))
    return `send it by itself, outside the transaction: then a person can be asked${orElse}`
  if (instead !== undefined) return instead
  return told.retryable ? null : 'asking again will not help'
}
