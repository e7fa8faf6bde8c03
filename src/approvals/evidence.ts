/** Whether a passkey gave the word that an entry of the ledger says it gave: checked from the entries alone, with `node:crypto`, years later and without us. */
import { canonical, digest, isObject, textOf, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { stepSeconds } from './totp.ts'
import { flawIn, readAssertion, readPasskey } from './assertion.ts'
import type { Assertion, Passkey } from './assertion.ts'
import { readStatement, signedFrom } from './statement.ts'
import type { Statement } from './statement.ts'

/** An entry, as a leaf of the ledger tells it. */
export interface Written {
  readonly kind: string
  readonly at: number
  readonly subject: string | null
  readonly body: JsonObject
}

/** A word that a passkey gave. */
export interface Word {
  readonly who: string
  readonly statement: Statement
  readonly assertion: Assertion
  readonly key: Passkey
}

/** When a word was given, at the earliest and at the latest. */
export interface Given {
  readonly from: number
  readonly to: number
}

/** A statement that is put later names a later end, so its time is known. */
export function signedAt({ statement }: Pick<Word, 'statement'>): Given {
  return { from: signedFrom(statement), to: signedFrom(statement) }
}

/**
 * When a one-time code gave the word in an entry; one line where that cannot be, null where none gave it. It proves nobody to anybody else, but
 * what the daemon wrote down beside it must fit all the same.
 */
export function codeIn({ kind, body }: Written): Given | string | null {
  if (body['factor'] !== 'totp') return null
  const { evidence } = body
  const { step, digest: of } = isObject(evidence) ? evidence : {}
  if (typeof step !== 'number') return 'a code gave the word, and its evidence cannot be read'
  if (kind === 'approved' && of !== body['digest']) return 'its code was given for another action'
  // A code of the step before or behind is taken too.
  return { from: (step - 1) * stepSeconds * 1000, to: (step + 2) * stepSeconds * 1000 }
}

/**
 * The passkey's word in an entry, proved by itself: signed by the key that it names, at that key's page, by a verified person,
 * over a statement of what the entry says was done. One line of what is wrong with it; null where no passkey gave a word.
 */
export function wordIn(written: Written): Word | string | null {
  const { factor, evidence } = written.body
  const has = isObject(evidence) ? evidence : {}
  if (factor !== 'passkey' && has['assertion'] === undefined) return null
  const statement = readStatement(has['statement'])
  const assertion = readAssertion(has['assertion'])
  const key = readPasskey(has['key'])
  if (statement === null || assertion === null || key === null)
    return 'a passkey gave the word, and its evidence is not there or cannot be read'
  const who = whoIn(written)
  const flaw = statementFlaw(written, { who, statement }) ?? flawIn(assertion, statement, key)
  return flaw ?? { who, statement, assertion, key }
}

/** Whose word an entry has. */
export function whoIn({ body }: Written): string {
  return textOf(body['approver'] ?? body['by'])
}

/** A person has a minute more than the statement says: the entry is written after the signature was taken. */
export const slackMs = 60_000

/** What is written down when it is done, which may be long after it was signed: who signed may be gone by then. */
export const takesTime = ['restored', 'outcome', 'pruned']

function statementFlaw(
  written: Written,
  { who, statement }: { readonly who: string; readonly statement: Statement },
): string | null {
  const { kind, at, body } = written
  if (statement.approver !== who) return 'its statement was put before somebody else'
  if (kind === 'approved') {
    if (statement.what !== null || statement.digest !== body['digest'])
      return 'its statement is of another action'
    if (statement.shown !== body['shown']) return 'its statement is of another text'
    return at > statement.until + slackMs ? 'its statement was over by then' : null
  }
  if (digest(statement.what) !== statement.digest) return 'its statement contradicts itself'
  const isOfIt = (sayings[kind]?.(written) ?? []).some((said) => begins(statement.what, said))
  return isOfIt ? null : 'its statement says another thing than the entry'
}

/** How what a person signs for an entry of a kind begins (`app/control/`): a word for one thing is none for another. */
const sayings: Readonly<Record<string, (written: Written) => readonly (readonly Json[])[]>> = {
  minted: () => [['mint']],
  custody: ({ subject }) => [
    ['custody', subject],
    ['custody-remove', subject],
    ['custody-rotate', subject],
    ['protect', subject],
  ],
  resumed: ({ subject }) => [['resume', subject]],
  reopened: ({ subject }) => [['reopen', subject]],
  accepted: () => [['accept'], ['protect']],
  invited: ({ body }) => [['invite', body['name'] ?? null, body['role'] ?? null]],
  enrolled: ({ body }) => [['enrol', body['name'] ?? null, body['role'] ?? null]],
  removed: ({ body }) => [
    body['passkey'] === undefined
      ? ['remove', body['name'] ?? null]
      : ['passkey-remove', body['name'] ?? null, body['passkey']],
  ],
  delegated: ({ body }) => [
    ['delegate', body['name'] ?? null, body['to'] ?? null, body['until'] ?? null],
  ],
  undelegated: ({ body }) => [['undelegate', body['name'] ?? null]],
  pruned: () => [['prune']],
  restored: ({ subject }) => [['restore'], ['undo', subject]],
  outcome: ({ subject, body }) => [['settle', subject, body['ok'] ?? null]],
}

function begins(what: Json, said: readonly Json[]): boolean {
  const parts = Array.isArray(what) ? what : []
  return canonical(toJson(parts.slice(0, said.length))) === canonical(said)
}
