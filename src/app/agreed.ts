/** Whether the state is what the ledger says: rows can be rewritten by whoever may write the file, signed entries cannot. */
import type { Tx } from '../guard/ports.ts'
import type { HoldRow } from '../guard/rows.ts'
import { closedMs } from '../approvals/closed.ts'
import type { History } from './history.ts'

export const noPower = 'what was accepted is gone from the state, or was written over'

/**
 * INVARIANT (tamper-shows): one line for each row that says other than the ledger, or is not there: a revocation, denial or
 * halt that was taken away, an approver or grant that was put in, a hold that was moved. Empty when they agree.
 */
export async function disagreements(
  tx: Tx,
  history: History,
  now: number,
): Promise<readonly string[]> {
  return [
    ...(await ofGrants(tx, history)),
    ...(await ofHalts(tx, history)),
    ...(await ofApprovers(tx, history)),
    ...(await ofPasskeys(tx, history)),
    ...(await ofDelegations(tx, history)),
    ...(await ofHolds(tx, history)),
    ...(await ofDenials(tx, history, now)),
    ...(await ofPower(tx, history)),
  ].toSorted()
}

async function ofGrants(tx: Tx, { grants, revoked }: History): Promise<readonly string[]> {
  const rows = await tx.find('grant', {})
  const gone = new Set((await tx.find('revoked', {})).map(({ id }) => id))
  for (const row of rows) if (row.revokedAt !== null) gone.add(row.id)
  const forgotten = [...revoked].filter((id) => !gone.has(id))
  const others = rows.flatMap(({ id, principal, mintedBy }) => {
    const minted = grants.get(id)
    if (minted === undefined) return [`grant \`${id}\` was never minted`]
    const same = minted.principal === principal && minted.by === mintedBy
    return same
      ? []
      : [`grant \`${id}\` was minted for \`${minted.principal}\` by \`${minted.by}\``]
  })
  return [
    ...forgotten.map((id) => `\`${id}\` was revoked, and the state has forgotten it`),
    ...others,
  ]
}

async function ofHalts(tx: Tx, { halts }: History): Promise<readonly string[]> {
  const rows = new Map((await tx.find('halt', {})).map((row) => [row.id, row.liftedAt === null]))
  return [...halts].flatMap(([who, halted]) =>
    halted && rows.get(who) !== true ? [`\`${who}\` was halted and nobody has resumed it`] : [],
  )
}

/** From a row's own time to that of its entry: both are of one transaction. */
const writingMs = 60_000

async function ofApprovers(tx: Tx, { approvers }: History): Promise<readonly string[]> {
  const rows = await tx.find('approver', {})
  const here = new Set(rows.map(({ id }) => id))
  const gone = [...approvers].filter(([id, seat]) => !seat.removed && !here.has(id))
  const others = rows.flatMap(({ id, name, role, enrolledAt, removedAt }) => {
    const seat = approvers.get(id)
    if (seat === undefined) return [`approver \`${name}\` was never enrolled`]
    if (seat.name !== name || seat.role !== role)
      return [`approver \`${name}\`, ${role}, was enrolled as \`${seat.name}\`, ${seat.role}`]
    // From an earlier day on, what another of that name has approved would count as theirs.
    if (Math.abs(seat.at - enrolledAt) > writingMs)
      return [`approver \`${name}\` was enrolled at another time`]
    return isSo(seat.removed, removedAt)
      ? []
      : [`approver \`${name}\` ${was(seat.removed, 'removed')}`]
  })
  return [
    ...gone.map(([, { name }]) => `approver \`${name}\` is gone, and nobody removed it`),
    ...others,
  ]
}

/** Either way: who seems to be gone lowers how many must approve. */
function isSo(over: boolean, at: number | null): boolean {
  return over === (at !== null)
}

function was(over: boolean, what: string): string {
  return over ? `was ${what}` : `was not ${what}, and the state says so`
}

/** A copy of a key's row from before it was removed would open again: the seal is to the person, and they are still there. */
async function ofPasskeys(tx: Tx, { passkeys }: History): Promise<readonly string[]> {
  const rows = await tx.find('passkey', {})
  const here = new Set(rows.map(({ id }) => id))
  const gone = [...passkeys].filter(([id, { removed }]) => !removed && !here.has(id))
  const others = rows.flatMap(({ id, approver, removedAt }) => {
    const told = passkeys.get(id)
    if (told === undefined) return [`passkey \`${id}\` was never enrolled`]
    if (told.seat !== approver) return [`passkey \`${id}\` was given to another approver`]
    return isSo(told.removed, removedAt)
      ? []
      : [`passkey \`${id}\` ${was(told.removed, 'removed')}`]
  })
  return [...gone.map(([id]) => `passkey \`${id}\` is gone, and nobody removed it`), ...others]
}

/** A copy of a row from before it was taken back opens again. */
async function ofDelegations(tx: Tx, { delegations }: History): Promise<readonly string[]> {
  const rows = await tx.find('delegation', {})
  const here = new Set(rows.map(({ id }) => id))
  const gone = [...delegations.keys()].filter((id) => !here.has(id))
  const others = rows.flatMap(({ id, from, to, at, until, endedAt }) => {
    const told = delegations.get(id)
    if (told === undefined) return [`delegation \`${id}\` was never given`]
    const same = told.from === from && told.to === to && told.at === at && told.until === until
    if (!same) return [`delegation \`${id}\` was given otherwise`]
    return isSo(told.ended, endedAt)
      ? []
      : [`delegation \`${id}\` ${was(told.ended, 'taken back')}`]
  })
  return [...gone.map((id) => `delegation \`${id}\` is gone, and nobody took it back`), ...others]
}

async function ofHolds(tx: Tx, { holds }: History): Promise<readonly string[]> {
  const rows = await tx.find('hold', {})
  const here = new Set(rows.map(({ id }) => id))
  const gone = [...holds.keys()].filter((id) => !here.has(id))
  const others = rows.flatMap(({ id, state, executesAt }) => {
    const told = holds.get(id)
    if (told === undefined) return [`hold \`${id}\` was never opened`]
    if (told.state !== state)
      return [`hold \`${id}\` is ${told.state}, and the state says ${state}`]
    return told.executesAt === executesAt ? [] : [`hold \`${id}\` was given another time to run`]
  })
  const leases = await ofLeases(tx, rows)
  return [...gone.map((id) => `hold \`${id}\` is gone`), ...others, ...leases]
}

/** What was scheduled or has run leans on its recovery points for good. */
async function ofLeases(tx: Tx, rows: readonly HoldRow[]): Promise<readonly string[]> {
  const kept = await tx.find('lease', { until: null })
  const leases = new Set(kept.map(({ id }) => id))
  const leaning = rows.filter(({ state }) => ['scheduled', 'executing', 'executed'].includes(state))
  return leaning.flatMap(({ id, recoveryPoints }) =>
    recoveryPoints
      .filter((point) => !leases.has(`${point}:${id}`))
      .map((point) => `hold \`${id}\` has lost its lease on \`${point}\``),
  )
}

/** Whether it is what was accepted last needs the seal: `accepted.ts` looks. */
async function ofPower(tx: Tx, { power }: History): Promise<readonly string[]> {
  const kept = await tx.get('meta', 'power')
  return power === null || typeof kept?.value === 'string' ? [] : [noPower]
}

async function ofDenials(
  tx: Tx,
  { denials, reopened }: History,
  now: number,
): Promise<readonly string[]> {
  const rows = await tx.find('closed', {})
  const opened = rows.filter(({ id, reopenedAt }) => reopenedAt !== null && !reopened.has(id))
  const lost = [...denials.values()].filter(({ hold, at }) => {
    const until = at + closedMs
    return until > now && !rows.some((row) => row.hold === hold && row.until >= until)
  })
  return [
    ...opened.map(({ id }) => `the class \`${id}\` was never reopened`),
    ...lost.map(({ hold }) => `the no to \`${hold}\` closes nothing any more`),
  ]
}
