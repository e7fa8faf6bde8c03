/** Bypass watch: what the platform's audit log tells and the ledger does not was done past Firebreak. */
import { messageOf } from '../base/error.ts'
import type { Tx } from '../guard/ports.ts'
import { readLeaf, timeText } from '../ledger/leaf.ts'
import { eventsSince, never, workspacesOf } from '../platforms/railway/audit.ts'
import type { Asks, AuditEvent, Read } from '../platforms/railway/audit.ts'
import type { Firebreak } from './compose.ts'
import { every } from './rounds.ts'

const everyMs = 60_000
/** An event may come into the log later than its time says: so far back is looked again. */
const overlapMs = 3_600_000

/** Looks every minute; gives what stops it. */
export function watchBypass(firebreak: Firebreak, log: (line: string) => void): () => void {
  const round = async (): Promise<void> => {
    await Promise.all([...firebreak.targets.keys()].map((target) => lookOnce(firebreak, target)))
  }
  return every(everyMs, round, (thrown) => log(`bypass watch: ${messageOf(thrown)}`))
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
  const { state, clock } = firebreak
  const first = await state.read(firstEntryAt)
  const ask: Asks = async (query, variables) =>
    await open.ask(query, variables, AbortSignal.timeout(10_000))
  const found: Bypass[] = []
  // What is forgotten lies before all that was read.
  let mark = Number.POSITIVE_INFINITY
  for (const workspaceId of await workspacesOf(ask)) {
    const id = `watched:${target}:${workspaceId}`
    const from = Math.max(await state.read((tx) => timeOf(tx, id)), first)
    const read = await eventsSince(ask, workspaceId, from)
    const { events, readTo } = read
    for (const event of events)
      if (event.at >= first && (await isUnexplained(firebreak, target, event)))
        found.push({ id: event.id, event: event.event, at: event.at })
    const value = nextFrom(read, from, clock.now())
    await state.transact((tx) => tx.put('meta', { id, value }))
    if (readTo !== null) mark = Math.min(mark, readTo)
  }
  if (Number.isFinite(mark)) await state.transact((tx) => firebreak.sent.prune(tx, target, mark))
  return found
}

/**
 * From where the next look goes, for each workspace by itself: behind the last page where more came than a round reads (a
 * crowd of events must not hold it up), else an hour before the newest event, and never from a time that has not come.
 */
function nextFrom({ readTo, isWhole }: Read, from: number, now: number): number {
  if (readTo === null) return from
  return isWhole ? Math.min(readTo, now) - overlapMs : Math.max(readTo, from + 1)
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

/** A time that was stored, by the platform's clock; 0 before the first. */
async function timeOf(tx: Tx, id: string): Promise<number> {
  const value = (await tx.get('meta', id))?.value
  return typeof value === 'number' ? value : 0
}

async function firstEntryAt({ log }: Tx): Promise<number> {
  const leaf = (await log.leaves(0, 1))[0]
  return leaf === undefined ? 0 : (readLeaf(leaf)?.at ?? 0)
}
