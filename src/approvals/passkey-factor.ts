/** Passkeys as the factor: a statement is handed out, signed once, within minutes, and serves nothing but what it says. */
import { FirebreakError } from '../base/error.ts'
import { canonical, parseJson, toJson } from '../base/json.ts'
import type { Chance } from '../base/clock.ts'
import type { Seal, Tx } from '../guard/ports.ts'
import type { ApproverRow, ChallengeRow, PasskeyRow } from '../guard/rows.ts'
import { challengeIn, countOf, flawIn, readPasskey } from './assertion.ts'
import type { Passkey } from './assertion.ts'
import type { Factors } from './factor.ts'
import { challengeOf, readStatement, signedFrom, signMs } from './statement.ts'
import type { Statement } from './statement.ts'

export interface PasskeyHouse {
  readonly seal: Seal
  readonly now: () => number
  readonly chance: Chance
}

export type Passkeys = Factors['passkey'] & {
  /** Puts a statement before a person: kept until it is signed, or its time is over. Gives the challenge. */
  readonly put: (
    tx: Tx,
    wish: Pick<Statement, 'approver' | 'digest' | 'what' | 'shown'>,
  ) => Promise<{ readonly challenge: string; readonly statement: Statement }>
}

/** One for as long as the process lives: what was used is remembered here, whatever somebody writes into the state. */
export function openPasskeys({ seal, now, chance }: PasskeyHouse): Passkeys {
  const since = now()
  const used = new Map<string, number>()
  let sweptAt = since
  /** What nobody signed in time is of no use to anybody; looked for once in a while, since it reads them all. */
  const sweep = async (tx: Tx, at: number): Promise<void> => {
    if (at < sweptAt + signMs) return
    sweptAt = at
    for (const [challenge, until] of used) if (until < at) used.delete(challenge)
    for (const old of await tx.find('challenge', {}))
      if (old.until < at - signMs) await tx.remove('challenge', old.id)
  }
  /** INVARIANT (approval-binds): once, also where the row says otherwise; what a process before this one has taken, nobody here knows. */
  const spent = (challenge: string, statement: Statement): string | null => {
    if (used.has(challenge)) return usedAlready
    return signedFrom(statement) < since
      ? 'that was put before Firebreak was started anew: begin again'
      : null
  }
  return {
    kind: 'passkey',
    put: async (tx, wish) => {
      const at = now()
      await sweep(tx, at)
      const nonce = Buffer.from(chance(16)).toString('base64url')
      const statement: Statement = { v: 1, ...wish, nonce, until: at + signMs }
      const challenge = challengeOf(statement)
      const { until } = statement
      await tx.put('challenge', { id: challenge, statement: { ...statement }, until, usedAt: null })
      return { challenge, statement }
    },
    check: async (tx, row, { assertion, digest, shown }) => {
      const at = now()
      const put = await tx.get('challenge', challengeIn(assertion) ?? '')
      const statement = readStatement(put?.statement)
      if (put === null || statement === null)
        return 'that signature was made for nothing that was asked here'
      const odd =
        objection(put, statement, { at, digest, shown, name: row.name }) ?? spent(put.id, statement)
      if (odd !== null) return odd
      const kept = (await passkeysOf(tx, row)).find(({ id }) => id === assertion.id)
      if (kept === undefined) return `that is no passkey of \`${row.name}\``
      const key = openKey(seal, kept, row)
      const flaw = key === null ? 'its key cannot be read' : flawIn(assertion, statement, key)
      if (flaw !== null) return `that signature does not count: ${flaw}`
      const count = countOf(assertion)
      // §7.2, step 22: a key that counts and has gone back was copied, or its copy was used.
      if (Math.max(count, kept.count) > 0 && count <= kept.count)
        return 'that passkey has signed more often elsewhere: it may have been copied; remove it'
      used.set(put.id, statement.until)
      await tx.put('challenge', { ...put, usedAt: at })
      await tx.put('passkey', { ...kept, count, usedAt: at })
      const evidence = {
        statement: toJson(statement),
        assertion: toJson(assertion),
        key: toJson(key),
      }
      return { approver: row, evidence }
    },
  }
}

const usedAlready = 'that signature was used already'

/** Why a statement cannot be signed now, by this person, for this; null where it can. */
function objection(
  { usedAt }: ChallengeRow,
  statement: Statement,
  {
    at,
    digest,
    shown,
    name,
  }: {
    readonly at: number
    readonly digest: string
    readonly shown: string | null
    readonly name: string
  },
): string | null {
  if (usedAt !== null) return usedAlready
  if (statement.until < at) return 'that signature comes too late: begin again'
  if (statement.approver !== name) return 'that was put before somebody else'
  // INVARIANT (approval-binds): it serves what its statement says, and nothing else.
  if (statement.digest !== digest) return 'that signature was given for something else'
  return statement.shown === shown ? null : 'that signature was given for another text'
}

/** The keys that an approver may sign with, oldest first. */
export async function passkeysOf(tx: Tx, { id }: ApproverRow): Promise<readonly PasskeyRow[]> {
  const rows = await tx.find('passkey', { approver: id })
  return rows
    .filter(({ removedAt }) => removedAt === null)
    .toSorted((a, b) => a.addedAt - b.addedAt)
}

/** It signs no more; throws `not_found` where it is none of theirs. */
export async function removePasskey(
  tx: Tx,
  owner: ApproverRow,
  id: string,
  now: number,
): Promise<void> {
  const row = (await passkeysOf(tx, owner)).find((one) => one.id === id)
  if (row === undefined)
    throw new FirebreakError('not_found', `\`${owner.name}\` has no passkey \`${id}\``)
  if (owner.totp === null && (await passkeysOf(tx, owner)).length === 1)
    throw new FirebreakError(
      'wrong_state',
      `it is all that \`${owner.name}\` signs with`,
      'add another first, or remove the approver',
    )
  await tx.put('passkey', { ...row, sealed: '', removedAt: now })
}

/** Sealed to its person: a row that was given another owner, or another key, by hand opens no more. */
export function sealKey(seal: Seal, key: Passkey, owner: ApproverRow): string {
  return seal.seal(canonical(toJson(key)), contextOf(key.id, owner))
}

function openKey(seal: Seal, { id, sealed }: PasskeyRow, owner: ApproverRow): Passkey | null {
  return readPasskey(parseJson(seal.open(sealed, contextOf(id, owner))))
}

function contextOf(key: string, { id, name, role }: ApproverRow): string {
  return `passkey:${key} ${id} ${role} ${name}`
}
