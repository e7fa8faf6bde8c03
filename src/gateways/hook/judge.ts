/** What an agent is about to do, judged by the default policy: allowed, or held or denied, both of which are a no here. */
import { normal } from '../../classify/shell/paths.ts'
import { isCredential } from '../../classify/shell/credentials.ts'
import { isKept } from '../../classify/shell/kept.ts'
import { ordinary, unread } from '../../classify/shell/operation.ts'
import { readShell } from '../../classify/shell/read.ts'
import type { PlanRead } from '../../classify/plan/change.ts'
import type { Operation } from '../../core/operation.ts'
import { deny, strictest } from '../../core/verdict.ts'
import type { Verdict } from '../../core/verdict.ts'
import type { Call, Calls } from './call.ts'
import { byDefault, lifeline } from './default-policy.ts'
import { isOwn } from '../../classify/own.ts'
import { isLifeline, lost, Watch } from './lifeline.ts'
import { ownIn, readMcpCall } from './mcp-call.ts'
import { openPayloads } from './payloads.ts'
import type { Payloads } from './payloads.ts'
import type { Ask, Seen } from './question.ts'
import { quoted } from './tool-call.ts'

export interface HookWorld {
  /** The text of a file, by its name and the folder it is seen from; null where it cannot be had. */
  readonly file: (path: string, cwd: string | null) => string | null
  /** Where a path leads, links followed as far as it is there. */
  readonly real: (path: string, cwd: string | null) => string
  /** What a file says by a reader of plans; null where it cannot be had. Nobody looks where it is missing. */
  readonly plan?: (
    path: string,
    cwd: string | null,
    read: (bytes: Uint8Array) => PlanRead,
  ) => PlanRead | null
  /** Runs what does not wait, and throws when it takes too long. */
  readonly bounded: <Value>(work: () => Value) => Value
  /** The files that were looked at for this call, as they were then. */
  readonly seen?: () => readonly Seen[]
  /** Asks the daemon about a call that would be held; nobody is asked where it is missing. */
  readonly ask?: Ask | null
}

type Reading = Pick<HookWorld, 'file' | 'real' | 'plan' | 'bounded'> & {
  readonly payloads: Payloads
}

export interface Judged {
  readonly verdict: Verdict
  /** The gravest first; those that are let through are left out. */
  readonly against: readonly Operation[]
}

/** What throws in it is for the caller to refuse. */
export async function judge(calls: Calls, world: HookWorld): Promise<Judged> {
  if (calls.length === 0) return { verdict: { kind: 'allow', findings: [] }, against: [] }
  const payloads = openPayloads()
  const read = (): readonly Operation[] =>
    world.bounded(() => readCalls(calls, { ...world, payloads }))
  let operations = read()
  // A grammar that was missing is loaded, and all of it read again: most texts need none, and each costs more than the rest together.
  while (await payloads.load()) operations = read()
  const judged = operations.map((operation) => ({ operation, verdict: verdictOf(operation) }))
  const verdict = strictest(judged.map((one) => one.verdict))
  const against = judged
    .filter((one) => one.verdict.kind === verdict.kind && verdict.kind !== 'allow')
    .map(({ operation }) => operation)
  return { verdict, against }
}

/** What all of them do, in their order. */
export function readCalls(calls: Calls, world: Reading): readonly Operation[] {
  return calls.flatMap((call) => operationsOf(call, world))
}

function verdictOf(operation: Operation): Verdict {
  return isLifeline(operation) ? deny(lifeline) : byDefault(operation)
}

function operationsOf(call: Call, world: Reading): readonly Operation[] {
  switch (call.kind) {
    case 'shell':
      return shell(call.command, call.cwd, world)
    case 'mcp':
      return mcp(call, world)
    case 'file':
      return file(call, world)
    case 'unread':
      return [unread('hook', call.why)]
  }
}

function mcp(call: Extract<Call, { kind: 'mcp' }>, world: Reading): readonly Operation[] {
  const { sql, graphql } = world.payloads
  const line = (text: string): readonly Operation[] => shell(text, null, world)
  const found = [
    ...ownIn(call, (path) => isOwnAt(path, null, world)),
    ...readMcpCall(call, { sql, graphql, shell: line }),
  ]
  if (found.some(isGrave)) return found
  // What the gateway's own reader says is lost or gets out; what it does not know alone is no reason to ask about a server of which nothing is known.
  const read = world.payloads.tool()
  if (read === null) return found
  const { tool, arguments: given } = call
  const own = { tool, arguments: given, said: null, word: null, environments: [] }
  const more = read(own, { sql, shell: line, graphql: null })
  return isGrave(more) && more.effect !== 'unread' ? [...found, more] : found
}

function isGrave({ effect }: Operation): boolean {
  return effect !== 'read' && effect !== 'write'
}

function shell(text: string, cwd: string | null, world: Reading): readonly Operation[] {
  const { sql, graphql } = world.payloads
  const watch = new Watch(cwd, (path, at) => world.real(path, at))
  const found = readShell(text, {
    readers: {
      sql,
      graphql,
      file: (path) => world.file(path, cwd),
      real: (path) => leadsTo(path, cwd, world),
      plan: (path) => {
        const read = world.payloads.plan()
        return read === null ? null : (world.plan?.(path, cwd, read) ?? null)
      },
    },
    cwd,
    saw: watch.saw,
  })
  return [...watch.found, ...found]
}

/** Below where it would run by its way from there. */
function leadsTo(path: string, cwd: string | null, { real }: Reading): string {
  if (cwd === null) return path
  const [from, to] = [real('.', cwd), real(path, cwd)]
  if (to === from) return '.'
  const whole = path.startsWith('/') ? path : `${from}/${path}`
  if (to === normal(whole)) return path
  return to.startsWith(`${from}/`) ? to.slice(from.length + 1) : to
}

function file(
  { does, path, cwd, text }: Extract<Call, { kind: 'file' }>,
  world: Reading,
): readonly Operation[] {
  if (does === 'read')
    return isCredential(path) ? shell(`cat ${quoted(path)}`, cwd, world) : [ordinary('read')]
  if (isOwnAt(path, cwd, world)) return [lost(path)]
  if (does === 'delete') return shell(`rm ${quoted(path)}`, cwd, world)
  // What a shell, a schedule or git runs by itself later is read where it is written.
  return text !== undefined && isKept(path) ? shell(text, cwd, world) : [ordinary('write')]
}

/** By its name, from where the host stands, and where links lead. */
function isOwnAt(path: string, cwd: string | null, { real }: HookWorld): boolean {
  const plain = path.replace(/^file:\/\//, '')
  return isOwn(plain) || (cwd !== null && isOwn(`${cwd}/${plain}`)) || isOwn(real(plain, cwd))
}
