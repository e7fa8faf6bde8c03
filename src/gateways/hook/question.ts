/** What a hook asks the daemon about a call that it would hold, and what it is told: values that go over a socket. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { planReadIn } from '../../classify/plan/change.ts'
import type { PlanRead } from '../../classify/plan/change.ts'
import type { Call, Calls } from './call.ts'
import { pushIn } from './push.ts'
import type { Push } from './push.ts'

/** A file that the call leans on, as it was when it was judged. */
export interface Seen {
  /** As the command names it. */
  readonly path: string
  /** The folder that it is seen from. */
  readonly cwd: string | null
  /** Of its bytes, in hex; null where it could not be read. */
  readonly sha256: string | null
  /** What stands in it; null where it could not be read, or is too long to be sent along. */
  readonly text: string | null
  /** What it says as a plan; only of one that is applied. */
  readonly plan?: PlanRead
}

export interface Question {
  readonly calls: Calls
  readonly files: readonly Seen[]
  /** What a push among them would write over, as the hook has looked at it. */
  readonly push?: Push
}

/** `pass`: a person has said yes to this very call, and this once it may run. */
export type Told =
  | { readonly kind: 'pass' }
  /** It waits for a person, or for its time; the text says what to do, in one line. */
  | { readonly kind: 'held'; readonly text: string }
  | { readonly kind: 'denied'; readonly text: string }

/** What the daemon says to a hook that is a process: first it saves what a push writes over, for this hold, then it asks again. */
export type Answered = Told | { readonly kind: 'save'; readonly hold: string }

/** `held`: the operations that would be, by name. Null: the daemon has nothing to say, and the hook's own judgement stands. */
export type Ask = (question: Question, held: readonly string[]) => Promise<Told | null>

/** The names of pushes that write over history. */
export function isForced(operation: string): boolean {
  return operation.startsWith('git push ')
}

/** Null for what is none: another version, or somebody else. */
export function questionIn(value: Json): Question | null {
  if (!isObject(value)) return null
  const calls = listOf(value['calls'], callIn)
  const files = listOf(value['files'], seenIn)
  if (calls === null || files === null || calls.length === 0) return null
  const push = pushIn(value['push'])
  if (push === null) return value['push'] === undefined ? { calls, files } : null
  return { calls, files, push }
}

/** Null for what is none. */
export function answeredIn(value: Json): Answered | null {
  if (!isObject(value)) return null
  const { kind, text, hold } = value
  if (kind === 'pass') return { kind }
  if (kind === 'save')
    return typeof hold === 'string' && /^hold_\w+$/.test(hold) ? { kind, hold } : null
  return (kind === 'held' || kind === 'denied') && typeof text === 'string' ? { kind, text } : null
}

function listOf<T>(value: Json | undefined, one: (value: JsonObject) => T | null): T[] | null {
  if (!Array.isArray(value)) return null
  const all = value.map((each) => (isObject(each) ? one(each) : null))
  const found = all.filter((each) => each !== null)
  return found.length === all.length ? found : null
}

/** What is sent of the calls that can wait for a person: a shell's text, a tool of MCP, a file that goes. */
function callIn(value: JsonObject): Call | null {
  const { kind, command, server, tool, arguments: args, path } = value
  const cwd = textOrNull(value['cwd'])
  if (kind === 'shell' && typeof command === 'string') return { kind, command, cwd }
  if (kind === 'file' && value['does'] === 'delete' && typeof path === 'string')
    return { kind, does: 'delete', path, cwd }
  const isTool = kind === 'mcp' && typeof server === 'string' && typeof tool === 'string'
  return isTool && isObject(args) ? { kind, server, tool, arguments: args } : null
}

function seenIn(value: JsonObject): Seen | null {
  const { path } = value
  if (typeof path !== 'string') return null
  const [cwd, sha256, text] = [value['cwd'], value['sha256'], value['text']].map(textOrNull)
  const plan = planReadIn(value['plan'])
  const seen = { path, cwd: cwd ?? null, sha256: sha256 ?? null, text: text ?? null }
  return plan === null ? seen : { ...seen, plan }
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}
