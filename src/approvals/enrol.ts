/** Enrolment: the first approver alone, every later one by an admin; a seat counts once its first code has come. */
import { newId } from '../base/clock.ts'
import type { Chance } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import type { ApproverRow } from '../guard/rows.ts'
import { endDelegationsOf } from './delegate.ts'
import { approverByName } from './factor.ts'
import { seatOf } from './totp-factor.ts'
import { enrolmentUri, matchCode } from './totp.ts'

export interface EnrolHouse {
  readonly seal: Seal
  readonly now: () => number
  readonly chance: Chance
}

/** A seat that was begun and not confirmed is worth nothing after this. */
const confirmMs = 15 * 60_000
const secretBytes = 20

export interface Begun {
  readonly uri: string
  /** Kept by the caller until `confirm`; it holds the sealed secret. */
  readonly row: ApproverRow
  /** Which admin began it, by their id: who has that name by then may be another. Null for the first of all. */
  readonly by: string | null
}

/** Begins an enrolment: nothing is stored yet. The caller has checked `mayEnrol`. Throws for a name that is taken or odd. */
export async function begin(
  house: EnrolHouse,
  tx: Tx,
  wish: {
    readonly name: string
    readonly role: ApproverRow['role']
    readonly by: Pick<ApproverRow, 'id' | 'name'> | null
  },
): Promise<Begun> {
  mustBeName(wish.name)
  if (wish.by === null && wish.role !== 'admin')
    throw new FirebreakError(
      'bad_input',
      'the first approver is an admin, or nobody could enrol the next',
    )
  if ((await approverByName(tx, wish.name)) !== null)
    throw new FirebreakError('bad_input', `\`${wish.name}\` is enrolled already`)
  const now = house.now()
  const id = newId('approver', now, house.chance)
  const secret = house.chance(secretBytes)
  const row: ApproverRow = {
    id,
    name: wish.name,
    role: wish.role,
    totp: house.seal.seal(
      Buffer.from(secret).toString('hex'),
      seatOf({ id, name: wish.name, role: wish.role }),
    ),
    lastStep: 0,
    failures: 0,
    lockedUntil: 0,
    enrolledAt: now,
    enrolledBy: wish.by?.name ?? null,
    removedAt: null,
  }
  return { uri: enrolmentUri(wish.name, secret), row, by: wish.by?.id ?? null }
}

/** Throws `bad_input` for what is no name for an approver. */
export function mustBeName(name: string): void {
  if (/^[a-z][a-z0-9._-]{0,39}$/.test(name)) return
  throw new FirebreakError(
    'bad_input',
    `\`${name}\` is no name for an approver`,
    'use `a-z`, `0-9`, `.`, `_`, `-`',
  )
}

/** Confirms with the first code, which is spent by it; throws `factor_refused` for a wrong one. */
export async function confirm(
  house: EnrolHouse,
  tx: Tx,
  { row, by }: Pick<Begun, 'row' | 'by'>,
  code: string,
): Promise<ApproverRow> {
  const now = house.now()
  if (now - row.enrolledAt > confirmMs)
    throw new FirebreakError(
      'factor_refused',
      'this enrolment was begun too long ago',
      'begin again',
    )
  if ((await approverByName(tx, row.name)) !== null)
    throw new FirebreakError('bad_input', `\`${row.name}\` is enrolled already`)
  // Also those who were removed: a first enrolment is the first there ever was.
  if (by === null && (await tx.find('approver', {}, 1)).length > 0)
    throw new FirebreakError(
      'factor_refused',
      'somebody has enrolled first',
      'ask an admin, or look who it was',
    )
  if (by !== null && !(await approvers(tx)).some(({ id, role }) => id === by && role === 'admin'))
    throw new FirebreakError(
      'factor_refused',
      `\`${row.enrolledBy ?? by}\`, who began this enrolment, is no admin any more`,
      'ask another admin to begin again',
    )
  const secret = Buffer.from(house.seal.open(row.totp ?? '', seatOf(row)), 'hex')
  const step = matchCode(secret, code, { now, lastStep: 0 })
  if (step === null)
    throw new FirebreakError(
      'factor_refused',
      'that code is wrong',
      'check the clock, then try the next code',
    )
  const enrolled = { ...row, lastStep: step, enrolledAt: now }
  await tx.put('approver', enrolled)
  return enrolled
}

/** Everyone enrolled and not removed. */
export async function approvers(tx: Tx): Promise<readonly ApproverRow[]> {
  return await tx.find('approver', { removedAt: null })
}

/** Removes an approver; never the last admin, or nobody could widen anything any more. */
export async function removeApprover(tx: Tx, name: string, now: number): Promise<ApproverRow> {
  const row = await approverByName(tx, name)
  if (row === null) throw new FirebreakError('not_found', `no approver \`${name}\` is enrolled`)
  const admins = (await approvers(tx)).filter((each) => each.role === 'admin')
  if (row.role === 'admin' && admins.length === 1)
    throw new FirebreakError(
      'wrong_state',
      `\`${name}\` is the last admin`,
      'enrol another admin first',
    )
  // The secrets go with the seat: a flag that somebody sets back brings nobody back.
  for (const key of await tx.find('passkey', { approver: row.id }))
    await tx.put('passkey', { ...key, sealed: '', removedAt: now })
  await endDelegationsOf(tx, row.id, now)
  const removed = { ...row, totp: null, removedAt: now }
  await tx.put('approver', removed)
  return removed
}
