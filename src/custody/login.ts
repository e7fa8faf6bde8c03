/** A credential that was logged in for: what renews it lies sealed beside it, and is gone with it. */
import { isObject, parseJson, toJson, canonical } from '../base/json.ts'
import type { Secret } from '../base/secret.ts'
import type { Tx } from '../guard/ports.ts'
import type { CredentialRow } from '../guard/rows.ts'
import { keepCredential } from './custody.ts'
import type { OpenSeal } from './seal.ts'

/** How a client shows its secret (RFC 6749 §2.3.1): in a header, or in the form. */
export type ClientWay = 'basic' | 'post'

/** Sealed whole. INVARIANT (secret-stays): of it nothing is ever shown. */
export interface Login {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly client: string
  /** What the issuer has given at registration; null for a public client, and for one of the config. */
  readonly clientSecret: string | null
  readonly clientWay: ClientWay
  readonly resource: string
  /** Null where the issuer gives none: then a person logs in again. */
  readonly refresh: string | null
}

export interface LoginWish {
  readonly target: string
  readonly access: Secret
  readonly login: Login
  readonly endsAt: number | null
  readonly by: string
  readonly now: number
}

/** Seals a token with what renews it, in place of what was kept for the target. Throws `bad_input` for what no header may carry. */
export async function keepLogin(
  seal: OpenSeal,
  tx: Tx,
  { target, access, login, endsAt, by, now }: LoginWish,
): Promise<CredentialRow> {
  const plain = await keepCredential(seal, tx, { target, secret: access, by, now, as: 'header' })
  const sealed = seal.seal(canonical(toJson(login)), context(target))
  const row = { ...plain, login: { sealed, endsAt, renewedAt: now, deadSince: null } }
  await tx.put('credential', row)
  return row
}

export interface KeptLogin {
  readonly login: Login
  readonly row: CredentialRow
  readonly endsAt: number | null
  readonly deadSince: number | null
}

/** What renews a target's credential; null where nothing does. */
export async function loginOf(seal: OpenSeal, tx: Tx, target: string): Promise<KeptLogin | null> {
  const row = await tx.get('credential', target)
  if (row?.login === undefined) return null
  const { sealed, endsAt, deadSince } = row.login
  const found = parseJson(seal.open(sealed, context(target)))
  const read = (name: string): string | null => {
    const value = isObject(found) ? found[name] : null
    return typeof value === 'string' ? value : null
  }
  const login: Login = {
    issuer: read('issuer') ?? '',
    tokenEndpoint: read('tokenEndpoint') ?? '',
    client: read('client') ?? '',
    clientSecret: read('clientSecret'),
    // What was sealed before there was a choice.
    clientWay: read('clientWay') === 'basic' ? 'basic' : 'post',
    resource: read('resource') ?? '',
    refresh: read('refresh'),
  }
  return { login, row, endsAt, deadSince }
}

/** Writes down that nothing renews it any more; false where another has taken its place meanwhile. */
export async function buryLogin(tx: Tx, { row }: KeptLogin, now: number): Promise<boolean> {
  const there = await tx.get('credential', row.id)
  if (there?.login === undefined || there.sealed !== row.sealed) return false
  await tx.put('credential', { ...there, login: { ...there.login, deadSince: now } })
  return true
}

function context(target: string): string {
  return `login:${target}`
}
