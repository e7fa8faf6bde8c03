/** What a passkey signs: a statement in words and digests, whose own digest is the challenge (WebAuthn Level 3, §13.4.3). */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { canonical } from '../base/json.ts'
import type { Json } from '../base/json.ts'

export interface Statement {
  readonly v: 1
  /** Who is asked to sign. */
  readonly approver: string
  /** Of the action, or of the words of what is done: what the signature is for. */
  readonly digest: string
  /** The words, or null for an action, which the ledger has by its digest. */
  readonly what: Json
  /** SHA-256 of the text that the person was shown, in hex; null where there was none. */
  readonly shown: string | null
  /** Two statements about the same thing are two. */
  readonly nonce: string
  /** ms since 1970: not after this. */
  readonly until: number
}

/** From handing a statement out to its signature. */
export const signMs = 5 * 60_000

/** The earliest that it can have been signed: when it was put before the person. */
export function signedFrom({ until }: Pick<Statement, 'until'>): number {
  return until - signMs
}

/** SHA-256 of the canonical statement, base64url: what the authenticator signs over. */
export function challengeOf(statement: Statement): string {
  return createHash('sha256')
    .update(canonical({ ...statement }), 'utf8')
    .digest('base64url')
}

const form = v.strictObject({
  v: v.literal(1),
  approver: v.string(),
  digest: v.string(),
  what: v.custom<Json>(() => true),
  shown: v.nullable(v.string()),
  nonce: v.string(),
  until: v.number(),
})

/** The statement, if it is exactly of that form; else null. */
export function readStatement(value: Json | undefined): Statement | null {
  const read = v.safeParse(form, value)
  return read.success ? read.output : null
}
