/** The voices that the ledger says were lent, entry by entry: in whose place a viewer signed, and whether they might. */
import { textOf } from '../base/json.ts'
import { slackMs } from './evidence.ts'
import type { Written } from './evidence.ts'

export interface LentBook {
  /** Takes the entries in their order. */
  readonly note: (written: Written) => void
  /** Whether the seat stood in, at that time, for whom the entry says. */
  readonly covers: (written: Written, seat: string) => boolean
}

/** What is lent: the words about holds, halts and closed classes. */
const lendable = ['approved', 'outcome', 'restored', 'reopened', 'resumed']

export function openLentBook(): LentBook {
  const lent = new Map<string, Written['body']>()
  return {
    note: ({ kind, subject, body }) => {
      if (subject === null) return
      if (kind === 'delegated') lent.set(subject, body)
      if (kind === 'undelegated') lent.delete(subject)
      if (kind !== 'removed' || body['passkey'] !== undefined) return
      for (const [id, { lender, standIn }] of lent)
        if (subject === lender || subject === standIn) lent.delete(id)
    },
    covers: ({ kind, at, body }, seat) =>
      lendable.includes(kind) &&
      [...lent.values()].some(
        ({ name, standIn, until }) =>
          name === textOf(body['for'] ?? null) && standIn === seat && at < Number(until) + slackMs,
      ),
  }
}
