/** The voices that the ledger says were lent, entry by entry: in whose place a viewer signed, and whether they might. */
import { textOf } from '../base/json.ts'
import { slackMs, takesTime } from './evidence.ts'
import type { Given, Written } from './evidence.ts'

export interface LentBook {
  /** Takes the entries in their order. */
  readonly note: (written: Written) => void
  /** Whether the seat stood in, at that time, for whom the entry says: when it was signed, where what was signed takes its time. */
  readonly covers: (written: Written, given: Given, seat: string) => boolean
}

interface Lent {
  /** The body of the entry that lent it. */
  readonly told: Written['body']
  readonly endedAt: number | null
}

/** What is lent: the words about holds, halts and closed classes. */
const lendable = ['approved', 'outcome', 'restored', 'reopened', 'resumed']

export function openLentBook(): LentBook {
  const lent = new Map<string, Lent>()
  const end = (id: string, endedAt: number): void => {
    const one = lent.get(id)
    if (one !== undefined && one.endedAt === null) lent.set(id, { ...one, endedAt })
  }
  return {
    note: ({ kind, at, subject, body }) => {
      if (subject === null) return
      if (kind === 'delegated') lent.set(subject, { told: body, endedAt: null })
      if (kind === 'undelegated') end(subject, at)
      if (kind !== 'removed' || body['passkey'] !== undefined) return
      for (const [id, { told }] of lent)
        if (subject === told['lender'] || subject === told['standIn']) end(id, at)
    },
    covers: ({ kind, at, body }, { from, to }, seat) => {
      const isInTime = ({ told, endedAt }: Lent): boolean =>
        takesTime.includes(kind)
          ? from < Math.min(Number(told['until']), endedAt ?? Infinity)
          : endedAt === null && at < Number(told['until']) + slackMs
      return (
        lendable.includes(kind) &&
        [...lent.values()].some(
          (one) =>
            one.told['name'] === textOf(body['for'] ?? null) &&
            one.told['standIn'] === seat &&
            to >= Number(one.told['since']) &&
            isInTime(one),
        )
      )
    },
  }
}

/** Whose an enrolled seat is. */
export interface Seat {
  readonly name: string
  readonly role: string
}

/** What is wrong with lending a voice, or with taking it back, by the word of the seat `by`; null where nothing is. */
export function lendingFlaw(
  { kind, body }: Written,
  by: string,
  seats: ReadonlyMap<string, Seat>,
): string | null {
  if (kind !== 'delegated' && kind !== 'undelegated') return null
  const lender = textOf(body['lender'] ?? null)
  const standIn = textOf(body['standIn'] ?? null)
  // What was signed are names: whose seats they are is for the entries to say that enrolled them.
  if (seats.get(lender)?.name !== body['name'] || seats.get(standIn)?.name !== body['to'])
    return 'it is between others than it names'
  return by === lender || seats.get(by)?.role === 'admin'
    ? null
    : 'it takes its owner’s word, or an admin’s'
}
