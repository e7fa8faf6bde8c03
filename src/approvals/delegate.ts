/** A holiday: one approver's voice is lent to a viewer until a time. The two are one voice, and what is lent is the yes, not the office. */
import { newId } from '../base/clock.ts'
import type { Chance } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { plain } from '../base/plain.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import type { ApproverRow, DelegationRow } from '../guard/rows.ts'
import { approverByName } from './factor.ts'
import type { Place } from './factor.ts'

/** Longer than this is no holiday: enrol an approver. */
const longestMs = 90 * 24 * 3_600_000

export interface DelegateHouse {
  readonly seal: Seal
  readonly now: () => number
  readonly chance: Chance
}

/** A delegation with the two whom it is between. */
export interface Lending {
  readonly row: DelegationRow
  readonly from: ApproverRow
  readonly to: ApproverRow
}

/**
 * Lends the voice of `name` to the viewer `to`, and gives what was stored. Throws `bad_input` for what would lend nothing,
 * `wrong_state` where one of the two lends or stands in already. The caller has had it signed.
 */
export async function delegate(
  house: DelegateHouse,
  tx: Tx,
  wish: { readonly name: string; readonly to: string; readonly until: number; readonly by: string },
): Promise<Lending> {
  const at = house.now()
  const [from, to] = [await seatNamed(tx, wish.name), await seatNamed(tx, wish.to)]
  if (from.role === 'viewer')
    throw new FirebreakError('bad_input', `\`${from.name}\` is a viewer, and has no voice to lend`)
  if (to.role !== 'viewer')
    throw new FirebreakError(
      'bad_input',
      `\`${to.name}\` signs already, and one person is one voice: that would lend nothing`,
      'lend it to a viewer',
    )
  if (!(wish.until > at && wish.until <= at + longestMs))
    throw new FirebreakError(
      'bad_input',
      'a delegation ends within 90 days from now',
      'for longer, have them enrolled as an approver',
    )
  const taken = (await lendings(house.seal, tx)).find(
    (one) => one.row.until > at && (one.from.id === from.id || one.to.id === to.id),
  )
  if (taken !== undefined)
    throw new FirebreakError(
      'wrong_state',
      `${lendingLine(taken)} already`,
      `firebreak approver undelegate ${taken.from.name}`,
    )
  const id = newId('delegation', at, house.chance)
  const terms = { from: from.id, to: to.id, at, until: wish.until }
  const sealed = house.seal.seal(said(terms, { from, to }), contextOf(id))
  const row: DelegationRow = { id, ...terms, by: wish.by, sealed, endedAt: null }
  await tx.put('delegation', row)
  return { row, from, to }
}

/** Takes it back: also what was signed in that name, and has not run, counts no more. Throws `not_found` where none lasts. */
export async function endDelegation(
  { seal, now }: Pick<DelegateHouse, 'seal' | 'now'>,
  tx: Tx,
  name: string,
): Promise<Lending> {
  const at = now()
  const one = (await lendings(seal, tx)).find(
    ({ from, row }) => from.name === name && row.until > at,
  )
  if (one === undefined)
    throw new FirebreakError('not_found', `\`${plain(name)}\` has lent nothing that still lasts`)
  const row = ended(one.row, at)
  await tx.put('delegation', row)
  return { ...one, row }
}

/** Whatever a seat has lent, or stands in for, ends with it. */
export async function endDelegationsOf(tx: Tx, seat: string, now: number): Promise<void> {
  for (const row of await tx.find('delegation', { endedAt: null }))
    if (row.from === seat || row.to === seat) await tx.put('delegation', ended(row, now))
}

/** The seal goes with it: a flag that somebody sets back lends nothing. */
function ended(row: DelegationRow, at: number): DelegationRow {
  return { ...row, sealed: '', endedAt: at }
}

/** INVARIANT (a-person-signs): all that was lent and not taken back, between two who are enrolled still; a row that somebody wrote into the state is none. Also what is over: a yes that was given in time counts. */
export async function lendings(seal: Seal, tx: Tx): Promise<readonly Lending[]> {
  const rows = await tx.find('delegation', { endedAt: null })
  if (rows.length === 0) return []
  const seats = new Map(
    (await tx.find('approver', { removedAt: null })).map((row) => [row.id, row]),
  )
  return rows.flatMap((row) => {
    const [from, to] = [seats.get(row.from), seats.get(row.to)]
    if (from === undefined || to === undefined) return []
    const one = { row, from, to }
    return from.role === 'viewer' || to.role !== 'viewer' || !isSealed(seal, one) ? [] : [one]
  })
}

/** In whose place this person signs now, and since when; null where they sign for themselves, or not at all. */
export async function standsFor(
  seal: Seal,
  tx: Tx,
  { id, now }: { readonly id: string; readonly now: number },
): Promise<Place | null> {
  const mine = (await lendings(seal, tx)).find(({ row }) => row.to === id && row.until > now)
  return mine === undefined ? null : { name: mine.from.name, since: mine.row.at }
}

/** `otto signs in the place of ann until 2026-12-01T00:00:00.000Z`. */
export function lendingLine({ row, from, to }: Lending): string {
  return `${to.name} signs in the place of ${from.name} until ${new Date(row.until).toISOString()}`
}

async function seatNamed(tx: Tx, name: string): Promise<ApproverRow> {
  const row = await approverByName(tx, name)
  if (row !== null) return row
  throw new FirebreakError('not_found', `no approver \`${plain(name)}\` is enrolled`)
}

function isSealed(seal: Seal, { row, ...two }: Lending): boolean {
  try {
    return seal.open(row.sealed, contextOf(row.id)) === said(row, two)
  } catch {
    // It does not open: nobody here has lent this.
    return false
  }
}

/** By their names too: approvals are counted by those, and a lender who got another would be a second voice. */
function said(
  { at, until }: Pick<DelegationRow, 'at' | 'until'>,
  { from, to }: Pick<Lending, 'from' | 'to'>,
): string {
  return `${from.id} ${from.name} ${to.id} ${to.name} ${at} ${until}`
}

function contextOf(id: string): string {
  return `delegation:${id}`
}
