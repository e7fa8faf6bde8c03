/**
 * Enrolling a passkey: an invitation works once, and what came by it counts when the terminal that asked for it has confirmed
 * the number that the page shows. Whoever only reads the terminal, and is quicker, is seen: the page of the person invited says that it was used.
 */
import { createHash } from 'node:crypto'
import { newId } from '../base/clock.ts'
import type { Chance } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { canonical } from '../base/json.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import type { ApproverRow, InvitationRow } from '../guard/rows.ts'
import { readPasskey } from './assertion.ts'
import type { Passkey } from './assertion.ts'
import { approvers, mustBeName } from './enrol.ts'
import { approverByName } from './factor.ts'
import { sealKey } from './passkey-factor.ts'
import { keyOf } from './registration.ts'
import type { Registration, Site } from './registration.ts'

export interface InviteHouse {
  readonly seal: Seal
  readonly now: () => number
  readonly chance: Chance
}

/** From the invitation to its confirmation. */
const inviteMs = 15 * 60_000

export interface Invited {
  /** For the page, in its address behind the `#`: no server's log has it. */
  readonly token: string
  /** For the terminal alone; never shown. */
  readonly terminal: string
  readonly until: number
}

export interface Confirmed {
  readonly seat: ApproverRow
  readonly key: Passkey
  /** Who invited; null for the first of all. */
  readonly by: string | null
}

/** Somebody new, or another key for who is enrolled. Nothing counts yet. The caller has had it signed where there is anybody to sign. */
export async function invite(
  { seal, now, chance }: InviteHouse,
  tx: Tx,
  wish: { readonly name: string; readonly role: ApproverRow['role']; readonly by: string | null },
): Promise<Invited> {
  mustBeName(wish.name)
  const at = now()
  const seat = await approverByName(tx, wish.name)
  // A first invitation goes to an admin, or nobody could enrol the next.
  const role = seat?.role ?? (wish.by === null ? 'admin' : wish.role)
  const [token, terminal] = [secretOf(chance), secretOf(chance)]
  for (const old of await tx.find('invitation', {}))
    if (old.until < at - inviteMs) await tx.remove('invitation', old.id)
  const id = hashOf(token)
  const until = at + inviteMs
  const terms = { name: wish.name, role, by: wish.by, terminal: hashOf(terminal), until }
  const sealed = seal.seal(said(terms), contextOf(id))
  const row: InvitationRow = { id, ...terms, sealed, came: null, usedAt: null }
  await tx.put('invitation', row)
  return { token, terminal, until }
}

/** What the page needs to have a key made; throws `factor_refused` for an invitation that does not count any more. */
export async function opened(
  house: Pick<InviteHouse, 'now' | 'seal'>,
  tx: Tx,
  token: string,
): Promise<{ readonly name: string; readonly role: string; readonly challenge: string }> {
  const { name, role } = await living(house, tx, hashOf(token))
  return { name, role, challenge: challengeFor(token) }
}

/** Takes the key that was made; gives the number that the page shows, and the terminal is told. */
export async function arrived(
  house: Pick<InviteHouse, 'now' | 'seal'>,
  tx: Tx,
  {
    token,
    given,
    site,
  }: {
    readonly token: string
    readonly given: Registration
    readonly site: Omit<Site, 'challenge'>
  },
): Promise<string> {
  const row = await living(house, tx, hashOf(token))
  if (row.came !== null)
    throw refused('it was used already: if that was not you, tell whoever invited you')
  const key = keyOf(given, { ...site, challenge: challengeFor(token) })
  if (typeof key === 'string') throw refused(key)
  if ((await tx.get('passkey', key.id)) !== null) throw refused('that passkey is enrolled already')
  await tx.put('invitation', { ...row, came: { ...key } })
  return numberOf(key)
}

/**
 * Confirmed by the terminal that asked for it: from now on the key signs. Throws `factor_refused` for another terminal; another
 * number is a line, and a value, since the invitation is spent by it.
 */
export async function confirmed(
  house: InviteHouse,
  tx: Tx,
  { terminal, number }: { readonly terminal: string; readonly number: string },
): Promise<Confirmed | string> {
  const at = house.now()
  const [found] = await tx.find('invitation', { terminal: hashOf(terminal) })
  if (found === undefined) throw refused('this terminal has invited nobody')
  const row = await living(house, tx, found.id)
  const key = readPasskey(row.came ?? undefined)
  if (key === null) throw refused('no passkey has come by it yet')
  if (number !== numberOf(key)) {
    // One try: a number that does not fit is another's key, or a guess.
    await tx.put('invitation', { ...row, usedAt: at })
    return 'that is not the number of the passkey that came: somebody else may have used the invitation, which is spent'
  }
  await mustStand(tx, row)
  // Another invitation may have brought it meanwhile: whose it is stays whose it is.
  if ((await tx.get('passkey', key.id)) !== null) throw refused('that passkey is enrolled already')
  const had = await approverByName(tx, row.name)
  const seat = had ?? seatOf(house, row)
  if (had === null) await tx.put('approver', seat)
  const sealed = sealKey(house.seal, key, seat)
  const fresh = { count: 0, addedAt: at, usedAt: null, removedAt: null }
  await tx.put('passkey', { id: key.id, approver: seat.id, sealed, ...fresh })
  await tx.put('invitation', { ...row, usedAt: at })
  return { seat, key, by: row.by }
}

/** Six digits of the key itself: the same on the page and for the terminal. */
export function numberOf({ spki }: Passkey): string {
  const hash = createHash('sha256').update(`number:${spki}`).digest()
  return String(hash.readUInt32BE(0) % 1_000_000).padStart(6, '0')
}

/** What may have changed while it was open: somebody else was first, or who invited is gone. */
async function mustStand(tx: Tx, { by, name, until }: InvitationRow): Promise<void> {
  // Who has that name since is another person, or in another role, than the one who was meant.
  const made = until - inviteMs
  if (((await approverByName(tx, name))?.enrolledAt ?? 0) > made)
    throw refused(`\`${name}\` was enrolled since`)
  // Also those who were removed: a first enrolment is the first there ever was.
  if (by === null && (await tx.find('approver', {}, 1)).length > 0)
    throw refused('somebody has enrolled first')
  if (by === null) return
  const may = (await approvers(tx)).some(
    (one) =>
      one.name === by && one.enrolledAt <= made && (one.role === 'admin' || one.name === name),
  )
  if (!may) throw refused(`\`${by}\`, who invited, is no admin any more`)
}

function seatOf({ now, chance }: InviteHouse, { name, role, by }: InvitationRow): ApproverRow {
  const at = now()
  const id = newId('approver', at, chance)
  const counts = { totp: null, lastStep: 0, failures: 0, lockedUntil: 0 }
  return { id, name, role, ...counts, enrolledAt: at, enrolledBy: by, removedAt: null }
}

/** INVARIANT (a-person-signs): an invitation that was made here, and can be used still. */
async function living(
  { seal, now }: Pick<InviteHouse, 'now' | 'seal'>,
  tx: Tx,
  id: string,
): Promise<InvitationRow> {
  const row = await tx.get('invitation', id)
  if (row === null || !isSealed(seal, row)) throw refused('there is none of that kind')
  if (row.usedAt !== null) throw refused('it was used already')
  if (row.until < now()) throw refused('it is too old')
  return row
}

function isSealed(seal: Seal, row: InvitationRow): boolean {
  try {
    return seal.open(row.sealed, contextOf(row.id)) === said(row)
  } catch {
    // It does not open: nobody here has invited by it.
    return false
  }
}

function said({
  name,
  role,
  by,
  terminal,
  until,
}: Pick<InvitationRow, 'name' | 'role' | 'by' | 'terminal' | 'until'>): string {
  return canonical([name, role, by, terminal, until])
}

function contextOf(id: string): string {
  return `invitation:${id}`
}

function challengeFor(token: string): string {
  return createHash('sha256').update(`firebreak register ${token}`).digest('base64url')
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function secretOf(chance: Chance): string {
  return Buffer.from(chance(24)).toString('base64url')
}

function refused(why: string): FirebreakError {
  const hint = 'have another made: `firebreak approver invite NAME`'
  return new FirebreakError('factor_refused', `this invitation does not count: ${why}`, hint)
}
