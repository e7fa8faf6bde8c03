/** Row budgets: how many rows a principal may change or delete in a rolling hour, over all its grants and their children. */
import type { Clock } from '../base/clock.ts'

export interface Budgets {
  /** Rows that are left of `most` by now. */
  left(principal: string, most: number): number
  spend(principal: string, rows: number): void
}

const hourMs = 3_600_000
const lineMs = 1000

interface Spent {
  readonly at: number
  readonly rows: number
}

/**
 * By principal and not by grant: minting anew resets nothing. On the steady clock: one that is set forward gives no budget
 * back. Writes of one second are one line, so that a busy
 * agent costs 3,600 of them at most; a line ends a second late, never early.
 */
export function openBudgets(clock: Pick<Clock, 'steady'>): Budgets {
  const spent = new Map<string, Spent[]>()
  const recent = (principal: string): Spent[] => {
    const since = clock.steady() - hourMs - lineMs
    const lines = (spent.get(principal) ?? []).filter(({ at }) => at > since)
    if (lines.length === 0) spent.delete(principal)
    else spent.set(principal, lines)
    return lines
  }
  return {
    left: (principal, most) =>
      Math.max(0, most - recent(principal).reduce((sum, { rows }) => sum + rows, 0)),
    spend: (principal, rows) => {
      if (!(rows > 0)) return
      const lines = recent(principal)
      const last = lines.at(-1)
      const at = clock.steady()
      const merged =
        last !== undefined && at - last.at < lineMs
          ? [...lines.slice(0, -1), { at: last.at, rows: last.rows + rows }]
          : [...lines, { at, rows }]
      spent.set(principal, merged)
    },
  }
}
