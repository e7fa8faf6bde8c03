/** Custody: the real credentials, sealed in the state; one comes out for the one request that was cleared. */
import { createHmac } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import type { Tx } from '../guard/ports.ts'
import type { CredentialRow } from '../guard/rows.ts'
import type { OpenSeal } from './seal.ts'

export interface CredentialWish {
  readonly target: string
  readonly secret: Secret
  readonly by: string
  readonly now: number
  /** How it goes out: a header carries less than a database takes as a password. */
  readonly as: 'header' | 'password'
}

/** Shorter ones are no account's token, and could not be told from ordinary text in an answer. */
const shortest = 8
const longest = 16_384
const longestPassword = 1024

/** Seals a credential, without the white space around it, for its target, in place of an older one. Throws `bad_input` for what no header may carry. */
export async function keepCredential(
  seal: OpenSeal,
  tx: Tx,
  wish: CredentialWish,
): Promise<CredentialRow> {
  const text = wish.secret.reveal().trim()
  const why = wish.as === 'header' ? noHeader(text) : noPassword(text)
  if (why !== null)
    throw new FirebreakError(
      'bad_input',
      why,
      'paste it without quotes or line ends, and nothing beside it',
    )
  const row: CredentialRow = {
    id: wish.target,
    sealed: seal.seal(text, `credential:${wish.target}`),
    addedAt: wish.now,
    addedBy: wish.by,
    mark: markOf(seal, text),
  }
  await tx.put('credential', row)
  return row
}

/** Tells a credential that is seen again, and nothing of what it is. */
export function markOf(seal: OpenSeal, text: string): string {
  return createHmac('sha256', seal.derive('seen-again')).update(text).digest('hex')
}

function noHeader(text: string): string | null {
  const isOne = /^[\x21-\x7e]+$/.test(text) && text.length <= longest && text.length >= shortest
  return isOne
    ? null
    : `a credential is one word of ${shortest} to ${longest} printable ASCII characters`
}

function noPassword(text: string): string | null {
  const isOne = /^[^\p{Cc}]+$/u.test(text) && text.length <= longestPassword
  return isOne ? null : `a password is one line of 1 to ${longestPassword} characters`
}

/** The credential of a target; null where none is kept. */
export async function credentialOf(seal: OpenSeal, tx: Tx, target: string): Promise<Secret | null> {
  const row = await tx.get('credential', target)
  return row === null ? null : new Secret(seal.open(row.sealed, `credential:${target}`))
}

/** Forgets a target's credential; false where none was kept. */
export async function forgetCredential(tx: Tx, target: string): Promise<boolean> {
  if ((await tx.get('credential', target)) === null) return false
  await tx.remove('credential', target)
  return true
}

/** Names and dates, never a character of the credential. */
export async function keptCredentials(tx: Tx): Promise<readonly KeptCredential[]> {
  const rows = await tx.find('credential', {})
  return rows.map(({ id, addedAt, addedBy, login }) => ({
    id,
    addedAt,
    addedBy,
    login: login === undefined ? null : { endsAt: login.endsAt, deadSince: login.deadSince },
  }))
}

export interface KeptCredential {
  readonly id: string
  readonly addedAt: number
  readonly addedBy: string
  /** Where somebody has logged in for it. */
  readonly login: { readonly endsAt: number | null; readonly deadSince: number | null } | null
}
