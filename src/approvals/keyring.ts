/** The passkeys that the ledger has given to people, entry by entry: a word counts by a key that was enrolled before it, and not taken away. */
import { canonical, digest, textOf, toJson } from '../base/json.ts'
import { readPasskey } from './assertion.ts'
import type { Passkey } from './assertion.ts'
import { openLentBook } from './lent.ts'
import { challengeOf } from './statement.ts'
import { whoIn, wordIn } from './evidence.ts'
import type { Word, Written } from './evidence.ts'

export interface Keyring {
  /** Takes the entries in their order, none left out; gives one line of what is wrong with the word in it, else null. */
  readonly take: (written: Written, index: number) => string | null
  /** In which entry a key was enrolled that counts now; null where it does not. */
  readonly enrolledIn: (id: string) => number | null
}

interface Kept {
  readonly key: Passkey
  readonly seat: string
  readonly index: number
}

interface Seat {
  readonly name: string
  readonly role: string
}

export function openKeyring(): Keyring {
  const keys = new Map<string, Kept>()
  const seats = new Map<string, Seat>()
  const holds = new Map<string, string>()
  const used = new Map<string, number>()
  const lent = openLentBook()

  const note = ({ kind, subject, body }: Written, index: number): void => {
    if (subject === null) return
    if (kind === 'held') holds.set(subject, textOf(body['digest']))
    if (kind === 'enrolled') {
      seats.set(subject, { name: textOf(body['name']), role: textOf(body['role']) })
      const key = readPasskey(body['passkey'])
      if (key !== null) keys.set(key.id, { key, seat: subject, index })
    }
    if (kind !== 'removed') return
    const one = body['passkey']
    if (one === undefined) seats.delete(subject)
    for (const [id, { seat }] of keys)
      if (seat === subject && (one === undefined || one === id)) keys.delete(id)
  }

  const seatFlaw = (written: Written, who: string, id: string): string | null => {
    const seat = seats.get(id)
    if (seat?.name !== who) return `its passkey is not one of \`${who}\``
    if (seat.role === 'viewer' && !lent.covers(written, id))
      return `\`${who}\` was a viewer, who signs nothing but in the place of somebody`
    return seat.role !== 'viewer' && written.body['for'] !== undefined
      ? `\`${who}\` has a voice of their own, and signs in nobody’s place`
      : null
  }
  const flawOf = (written: Written, word: Word, index: number): string | null => {
    const { who, key, statement } = word
    const kept = keys.get(key.id)
    if (kept === undefined) return 'its passkey was not enrolled by then, or was removed'
    if (canonical(toJson(kept.key)) !== canonical(toJson(key)))
      return `its passkey is not as it was enrolled in entry ${kept.index}`
    const unfit = seatFlaw(written, who, kept.seat)
    if (unfit !== null) return unfit
    if (written.kind === 'approved' && holds.get(written.subject ?? '') !== statement.digest)
      return 'its statement is of another action than the hold'
    // One word may be written down twice, as two things that it did; the same thing is done once by it.
    const once = `${challengeOf(statement)} ${written.kind} ${digest(written.body['part'] ?? null)}`
    const before = used.get(once)
    used.set(once, index)
    return before === undefined ? null : `its signature was used already, in entry ${before}`
  }

  return {
    take: (written, index) => {
      const word = wordIn(written)
      const flaw = word === null || typeof word === 'string' ? word : flawOf(written, word, index)
      note(written, index)
      lent.note(written)
      return flaw === null ? null : `${flaw} (\`${written.kind}\` by \`${whoIn(written)}\`)`
    },
    enrolledIn: (id) => keys.get(id)?.index ?? null,
  }
}
