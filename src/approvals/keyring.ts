/** The seats and passkeys that the ledger has given to people, entry by entry: a word counts by one that was enrolled before it, and not taken away. */
import { canonical, digest, textOf, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { readPasskey } from './assertion.ts'
import type { Passkey } from './assertion.ts'
import { lendingFlaw, openLentBook } from './lent.ts'
import type { Seat } from './lent.ts'
import { challengeOf } from './statement.ts'
import { codeIn, signedAt, takesTime, whoIn, wordIn } from './evidence.ts'
import type { Given, Word, Written } from './evidence.ts'

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
  /** When it was taken away; null where it was not. */
  readonly goneAt: number | null
}

/** Whether a seat or key was still there: when the word was given, where what it was for takes its time. */
function isStill(goneAt: number | null, { kind }: Written, { from }: Given): boolean {
  return goneAt === null || (takesTime.includes(kind) && from < goneAt)
}

export function openKeyring(): Keyring {
  const keys = new Map<string, Kept>()
  const seats = new Map<string, Seat & { readonly goneAt: number | null }>()
  const holds = new Map<string, string>()
  const used = new Map<string, number>()
  const lent = openLentBook()

  /** A seat with its keys, or one of those. */
  const remove = (seat: string, goneAt: number, one: Json | undefined): void => {
    const gone = seats.get(seat)
    if (one === undefined && gone !== undefined) seats.set(seat, { ...gone, goneAt })
    for (const [id, kept] of keys)
      if (kept.seat === seat && (one === undefined || one === id) && kept.goneAt === null)
        keys.set(id, { ...kept, goneAt })
  }
  const note = ({ kind, at, subject, body }: Written, index: number): void => {
    if (subject === null) return
    if (kind === 'held') holds.set(subject, textOf(body['digest']))
    if (kind === 'enrolled') {
      const seat = { name: textOf(body['name']), role: textOf(body['role']) }
      seats.set(subject, { ...seat, goneAt: null })
      const key = readPasskey(body['passkey'])
      if (key !== null) keys.set(key.id, { key, seat: subject, index, goneAt: null })
    }
    if (kind === 'removed') remove(subject, at, body['passkey'])
  }

  const seatFlaw = (written: Written, given: Given, id: string): string | null => {
    const seat = seats.get(id)
    const who = whoIn(written)
    if (seat?.name !== who) return `its passkey is not one of \`${who}\``
    if (seat.role === 'viewer' && !lent.covers(written, given, id))
      return `\`${who}\` was a viewer, who signs nothing but in the place of somebody`
    return seat.role !== 'viewer' && written.body['for'] !== undefined
      ? `\`${who}\` has a voice of their own, and signs in nobody’s place`
      : null
  }
  const flawOf = (written: Written, word: Word, index: number): string | null => {
    const { key, statement } = word
    const kept = keys.get(key.id)
    if (kept === undefined || !isStill(kept.goneAt, written, signedAt(word)))
      return 'its passkey was not enrolled by then, or was removed'
    if (canonical(toJson(kept.key)) !== canonical(toJson(key)))
      return `its passkey is not as it was enrolled in entry ${kept.index}`
    const unfit =
      seatFlaw(written, signedAt(word), kept.seat) ?? lendingFlaw(written, kept.seat, seats)
    if (unfit !== null) return unfit
    if (written.kind === 'approved' && holds.get(written.subject ?? '') !== statement.digest)
      return 'its statement is of another action than the hold'
    // One word may be written down twice, as two things that it did; the same thing is done once by it.
    const once = `${challengeOf(statement)} ${written.kind} ${digest(written.body['part'] ?? null)}`
    const before = used.get(once)
    used.set(once, index)
    return before === undefined ? null : `its signature was used already, in entry ${before}`
  }

  /** A code names nobody's key: it is held to the seat of that name, and to the voice that it says was lent. */
  const codeFlaw = (written: Written): string | null => {
    const given = codeIn(written)
    if (given === null || typeof given === 'string') return given
    const who = whoIn(written)
    const [id, seat] = [...seats].findLast(([, { name }]) => name === who) ?? []
    if (id === undefined || seat === undefined || !isStill(seat.goneAt, written, given))
      return `nobody \`${who}\` was enrolled by then, or they were removed`
    return seatFlaw(written, given, id) ?? lendingFlaw(written, id, seats)
  }

  return {
    take: (written, index) => {
      const word = wordIn(written) ?? codeFlaw(written)
      const flaw = word === null || typeof word === 'string' ? word : flawOf(written, word, index)
      note(written, index)
      lent.note(written)
      return flaw === null ? null : `${flaw} (\`${written.kind}\` by \`${whoIn(written)}\`)`
    },
    enrolledIn: (id) => {
      const kept = keys.get(id)
      return kept === undefined || kept.goneAt !== null ? null : kept.index
    },
  }
}
