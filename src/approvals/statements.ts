/**
 * What is put before people to sign, in memory alone: who writes into the state brings no signature back that was used, and a restart
 * makes void what was not signed by then. It lives for minutes, so that costs a person one more press.
 */
import type { Chance } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { canonical } from '../base/json.ts'
import { challengeOf, signMs } from './statement.ts'
import type { Statement } from './statement.ts'

/** Of one person, in characters: far more than the door lets anybody ask for in their name while one lives. */
const mostOfOne = 16_000_000

export interface Statements {
  /** Puts a statement before a person, and gives its challenge. Throws `too_large` where too much waits for theirs already. */
  put(wish: Pick<Statement, 'approver' | 'digest' | 'what' | 'shown'>): {
    readonly challenge: string
    readonly statement: Statement
  }
  /** Null for a challenge that was not made here, since the start, a short while ago. */
  find(challenge: string): { readonly statement: Statement; readonly isUsed: boolean } | null
  /** INVARIANT (approval-binds): it serves once. A transaction that is rolled back gives it back to nobody. */
  spend(challenge: string): void
}

interface Kept {
  readonly statement: Statement
  readonly size: number
  isUsed: boolean
}

export function openStatements(now: () => number, chance: Chance): Statements {
  // In the order of their time, which never goes back: the oldest come first.
  const kept = new Map<string, Kept>()
  const waiting = new Map<string, number>()
  const weigh = (name: string, by: number): void => {
    const size = (waiting.get(name) ?? 0) + by
    if (size === 0) waiting.delete(name)
    else waiting.set(name, size)
  }
  /** A late one is known for as long again, to be told that it is late. */
  const sweep = (): void => {
    const before = now() - signMs
    for (const [challenge, { statement, size }] of kept) {
      if (statement.until >= before) return
      kept.delete(challenge)
      weigh(statement.approver, -size)
    }
  }
  return {
    put: (wish) => {
      sweep()
      const nonce = Buffer.from(chance(16)).toString('base64url')
      const statement: Statement = { v: 1, ...wish, nonce, until: now() + signMs }
      const size = canonical({ ...statement }).length
      if ((waiting.get(wish.approver) ?? 0) + size > mostOfOne)
        throw new FirebreakError(
          'too_large',
          `too much waits for the signature of \`${wish.approver}\``,
          'try again in a few minutes',
        )
      const challenge = challengeOf(statement)
      kept.set(challenge, { statement, size, isUsed: false })
      weigh(wish.approver, size)
      return { challenge, statement }
    },
    find: (challenge) => kept.get(challenge) ?? null,
    spend: (challenge) => {
      const one = kept.get(challenge)
      if (one !== undefined) one.isUsed = true
    },
  }
}
