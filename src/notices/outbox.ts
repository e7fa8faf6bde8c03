/** The outbox: a row for each message and channel, until that channel has taken it. Losing the process loses none. */
import { newId } from '../base/clock.ts'
import type { Chance, Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { canonical, isObject, parseJson, textOf, toJson } from '../base/json.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import type { OutboxRow } from '../guard/rows.ts'
import type { Message } from './news.ts'

/** Which channels hear everything at once, and which only of what nobody has looked at by then. */
export interface Plan {
  readonly first: readonly string[]
  readonly later: readonly { readonly channel: string; readonly afterMs: number }[]
}

export interface OutboxHouse {
  readonly seal: Seal
  readonly clock: Clock
  readonly chance: Chance
  readonly plan: Plan
}

/** What goes on to the next channel when nobody looks. */
const escalating: ReadonlySet<Message['kind']> = new Set(['hold', 'alarm'])

/** One row a channel, in the caller's transaction. */
export async function putOut(house: OutboxHouse, tx: Tx, message: Message): Promise<void> {
  const { seal, clock, chance, plan } = house
  const at = clock.now()
  const later = escalating.has(message.kind) ? plan.later : []
  const wanted = [...plan.first.map((channel) => ({ channel, afterMs: 0 })), ...later]
  for (const { channel, afterMs } of wanted) {
    const id = newId('news', at, chance)
    const { kind, subject } = message
    await tx.put('outbox', {
      id,
      channel,
      kind,
      subject,
      sealed: seal.seal(canonical(toJson({ ...message, at })), context(id)),
      notBefore: at + afterMs,
      escalated: afterMs > 0,
      delivery: null,
      tries: 0,
      firstTriedAt: null,
    })
  }
}

/** Throws where the row is not as it was put. */
export function openOut(
  seal: Seal,
  { id, kind, subject, sealed }: OutboxRow,
): Message & { readonly at: number } {
  const value = parseJson(seal.open(sealed, context(id)))
  if (!isObject(value) || value['kind'] !== kind || value['subject'] !== subject)
    throw new FirebreakError('broken_store', 'it is another message')
  const { title, facts, at } = value
  if (typeof at !== 'number') throw new FirebreakError('broken_store', 'it has no time')
  return {
    kind,
    subject,
    at,
    title: textOf(title),
    facts: Array.isArray(facts) ? facts.map(textOf) : [],
  }
}

/**
 * INVARIANT (no-word-of-theirs): what stands in a row unsealed and goes out with it has the form that we give it, whoever wrote it.
 * What has another form counts as not tried yet, so it gets an id of ours.
 */
export function tidied(row: OutboxRow): OutboxRow {
  const { delivery, tries, firstTriedAt } = row
  const isOurs =
    /^told_[0-9a-v]{25}$/.test(delivery ?? '') &&
    Number.isSafeInteger(tries) &&
    Number.isSafeInteger(firstTriedAt)
  return isOurs ? row : { ...row, delivery: null, tries: 0, firstTriedAt: null }
}

/** Somebody has it on the screen: nobody else need be called for it. */
export async function lookedAt(tx: Tx, subject: string): Promise<void> {
  for (const { id, escalated } of await tx.find('outbox', { subject }))
    if (escalated) await tx.remove('outbox', id)
}

/** True where nobody has done anything about it, as far as the state tells. */
export async function isUnlooked(tx: Tx, { kind, subject }: OutboxRow): Promise<boolean> {
  if (kind === 'hold') {
    const hold = await tx.get('hold', subject)
    return hold?.state === 'open' && hold.approvals.length === 0
  }
  return (await tx.get('alarm', subject))?.seenAt === null
}

function context(id: string): string {
  return `outbox:${id}`
}
