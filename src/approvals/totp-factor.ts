/** One-time codes as the factor (RFC 6238). `throttle.ts` says how guessing is slowed down without shutting people out. */
import type { Seal } from '../guard/ports.ts'
import type { ApproverRow } from '../guard/rows.ts'
import type { Factors } from './factor.ts'
import { countWrong, lockedUntil } from './throttle.ts'
import { matchCode, matchPair } from './totp.ts'

export interface TotpHouse {
  readonly seal: Seal
  readonly now: () => number
}

/** One for as long as the process lives: which step was used last is remembered here too, whatever somebody writes into the state. */
export function openTotp(house: TotpHouse): Factors['totp'] {
  const used = new Map<string, number>()
  return {
    kind: 'totp',
    check: async (tx, row, { code, digest }) => {
      if (row.totp === null) return `\`${row.name}\` signs with a passkey, and has no codes`
      const now = house.now()
      const until = await lockedUntil(tx, row, now)
      const secret = Buffer.from(house.seal.open(row.totp, seatOf(row)), 'hex')
      const at = { now, lastStep: Math.max(row.lastStep, used.get(row.id) ?? 0) }
      const pair = matchPair(secret, code, at)
      if (pair === null && now < until)
        return `too many wrong codes for \`${row.name}\`: wait ${Math.ceil((until - now) / 1000)} s, or give two codes in a row: this one, a space, the next one`
      const step = pair ?? matchCode(secret, code, at)
      if (step === null) {
        if (!isSpent(secret, code, now)) await countWrong(tx, row, now)
        return 'that code is wrong, too old, or used already'
      }
      used.set(row.id, step)
      const approver = { ...row, failures: 0, lockedUntil: 0, lastStep: step }
      await tx.put('approver', approver)
      return { approver, evidence: { step, digest } }
    },
  }
}

/** What a secret is sealed to: a row that was given another name or role by hand opens it no more. */
export function seatOf({ id, name, role }: Pick<ApproverRow, 'id' | 'name' | 'role'>): string {
  return `totp:${id} ${role} ${name}`
}

/** A right code that was used already is a person's second try, not a guess: it is refused, and not counted. */
function isSpent(secret: Uint8Array, code: string, now: number): boolean {
  const at = { now, lastStep: 0 }
  return (matchCode(secret, code, at) ?? matchPair(secret, code, at)) !== null
}
