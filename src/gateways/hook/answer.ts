/** From what a host sends to what it gets back. Total: whatever goes wrong is a no in that host's own form. */
import { messageOf } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Dialect } from './dialects.ts'
import { judge } from './judge.ts'
import type { HookWorld, Judged } from './judge.ts'
import type { Calls } from './call.ts'
import type { Told } from './question.ts'
import type { Answer, Reply } from './reply.ts'

/** INVARIANT (broken-is-closed): what cannot be read, and what throws, is denied. */
export async function answer(dialect: Dialect, text: string, world: HookWorld): Promise<Reply> {
  let event = ''
  try {
    const payload = payloadOf(text)
    if (typeof payload === 'string') return refuse(dialect, payload)
    event = dialect.eventOf(payload)
    const calls = dialect.calls(payload)
    const judged = await judge(calls, world)
    return dialect.reply(inWords(judged, await told(calls, judged, world)), event)
  } catch (thrown) {
    // No host may take a fault of ours for leave to go on.
    return refuse(dialect, `Firebreak could not judge it: ${messageOf(thrown)}`, event)
  }
}

/** INVARIANT (nothing weaker): only what would wait for a person is asked about; what is denied stays denied, whatever the daemon says. */
async function told(
  calls: Calls,
  { verdict, against }: Judged,
  world: HookWorld,
): Promise<Told | null> {
  // A person cannot approve what nobody can read.
  const isRead = calls.every(({ kind }) => kind !== 'unread')
  if (verdict.kind !== 'hold' || !world.ask || !isRead) return null
  const acts = calls.filter((call) => call.kind !== 'file' || call.does === 'delete')
  const names = against.map(({ name }) => name)
  return await world.ask({ calls: acts, files: world.seen?.() ?? [] }, names)
}

/** A no without a judgement. */
export function refuse(dialect: Dialect, why: string, event = ''): Reply {
  const headline = line(`Firebreak refuses this: ${why}`)
  return dialect.reply({ kind: 'deny', headline, reason: `${headline}. Nothing was run.` }, event)
}

function payloadOf(text: string): JsonObject | string {
  if (text.trim() === '') return 'the host sent nothing'
  try {
    const payload = parseJson(text)
    return isObject(payload) ? payload : 'what the host sent is no JSON object'
  } catch {
    // Said in one line of ours: the parser's own message quotes the text.
    return 'what the host sent is no JSON'
  }
}

/** More reasons than these are read by nobody. */
const mostReasons = 4

function inWords({ verdict, against }: Judged, said: Told | null): Answer {
  if (verdict.kind === 'allow' || said?.kind === 'pass') return { kind: 'allow' }
  const own = against.flatMap(({ name, findings }) =>
    findings.map(({ rule, message }) =>
      rule === 'lifeline' || message.includes(name) ? message : `${name}: ${message}`,
    ),
  )
  const [first = 'this', ...more] = [...new Set(own)]
  const isFinal = verdict.kind === 'deny' || said?.kind === 'denied'
  const headline = line(`Firebreak ${isFinal ? 'denies' : 'holds'} this: ${first}`)
  const why = [...new Set([...more, ...verdict.findings.map(({ message }) => message)])]
  const instead = [...new Set(against.flatMap(({ alternatives }) => alternatives))]
  const parts = [
    why.length === 0
      ? `${headline}.`
      : `${headline} (${why.slice(0, mostReasons).map(line).join('; ')}).`,
    'Nothing was run.',
    ...(instead.length > 0 ? [`Instead: ${line(instead.slice(0, 2).join('; '))}.`] : []),
    ...next(isFinal, said),
  ]
  return { kind: 'deny', headline, reason: parts.join(' ') }
}

/** What to do now. */
function next(
  isFinal: boolean,
  said: Exclude<Told, { readonly kind: 'pass' }> | null,
): readonly string[] {
  const told = said === null ? [] : [line(said.text)]
  if (isFinal) return [...told, final]
  return said === null ? [needsPerson] : [...told, 'Do not look for another way.']
}

const final = 'This is final: do not look for another way.'
const needsPerson =
  'It needs a person: say what you wanted to do and why, or send it through Firebreak’s gateway, where they can approve it. Do not look for another way.'

/** One line without control characters, of a length that a screen takes. */
function line(text: string): string {
  const plain = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim()
  return plain.length > 300 ? `${plain.slice(0, 299)}…` : plain
}
