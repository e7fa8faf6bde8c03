/** Bypass watch: what the platform's audit log tells and the ledger does not was done past Firebreak. */
import { messageOf } from '../base/error.ts'
import type { Tx } from '../guard/ports.ts'
import { readLeaf, timeText } from '../ledger/leaf.ts'
import { eventsSince, never, workspacesOf } from '../platforms/railway/audit.ts'
import type { Asks, AuditEvent } from '../platforms/railway/audit.ts'
import type { Firebreak } from './compose.ts'

const everyMs = 60_000
/** An event may come into the log later than its time says: so far back is looked again. */
const overlapMs = 3_600_000
/** Looks every minute; gives what stops it. */
export function watchBypass(firebreak: Firebreak, log: (line: string) => void): () => void {
  const round = async (): Promise<void> => {
    await Promise.all([...firebreak.targets.keys()].map((target) => lookOnce(firebreak, target)))
  }
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    round()
      .catch((thrown: unknown) => log(`bypass watch: ${messageOf(thrown)}`))
      .finally(() => (busy = false))
  }, everyMs)
  return () => clearInterval(timer)
}

export interface Bypass {
  readonly id: string
  readonly event: string
  readonly at: number
}

/**
 * The audit events of one target since the last look that no forwarded request explains, each alarmed once. An event is
 * explained by its request id where the platform tells one, and never by its time alone: a call in the shadow of another
 * would be hidden. What was before Firebreak's first start is not its business.
 */
export async function lookOnce(firebreak: Firebreak, target: string): Promise<readonly Bypass[]> {
  const open = firebreak.targets.get(target)
  if (open === undefined) return []
  const { state } = firebreak
  const from = (await state.read((tx) => markOf(tx, target))) - overlapMs
  const first = await state.read(firstEntryAt)
  const ask: Asks = async (query, variables) =>
    await open.ask(query, variables, AbortSignal.timeout(10_000))
  const found: Bypass[] = []
  // It moves as far as every workspace was read.
  let mark = Number.POSITIVE_INFINITY
  for (const workspaceId of await workspacesOf(ask)) {
    const { events, readTo } = await eventsSince(ask, workspaceId, Math.max(from, first))
    for (const event of events)
      if (event.at >= first && (await isUnexplained(firebreak, target, event)))
        found.push({ id: event.id, event: event.event, at: event.at })
    mark = Math.min(mark, readTo)
  }
  await state.transact(async (tx) => {
    if (Number.isFinite(mark)) await tx.put('meta', { id: markId(target), value: mark })
    await firebreak.sent.prune(tx, target, mark)
  })
  return found
}

async function isUnexplained(
  { state, sent, clock, ledger, notices }: Firebreak,
  target: string,
  { id, event, at, request }: AuditEvent,
): Promise<boolean> {
  return await state.transact(async (tx) => {
    if (request !== null && (await sent.knows(tx, target, request))) return false
    if (!(await sent.tell(tx, target, id))) return false
    const entry = { kind: 'alarm', at: clock.now(), subject: id, principal: null } as const
    await ledger.append(tx, [{ ...entry, body: { event, id, target, at } }])
    const when = at === never ? '' : ` at ${timeText(at)}`
    notices.tell('bypass', `\`${event}\` reached ${target} past Firebreak${when}`, id)
    return true
  })
}

const markId = (target: string): string => `watched:${target}`

/** The time of the newest event that was looked at, by the platform's clock; 0 before the first. */
async function markOf(tx: Tx, target: string): Promise<number> {
  const value = (await tx.get('meta', markId(target)))?.value
  return typeof value === 'number' ? value : 0
}

async function firstEntryAt({ log }: Tx): Promise<number> {
  const leaf = (await log.leaves(0, 1))[0]
  return leaf === undefined ? 0 : (readLeaf(leaf)?.at ?? 0)
}
