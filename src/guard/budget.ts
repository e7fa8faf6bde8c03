/** Row budgets: how many rows a principal may change or delete in a rolling hour, over all its grants and their children. */
import type { Clock } from '../base/clock.ts'
import { isObject } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { State } from './ports.ts'

export interface Budgets {
  /** Rows that are left of `most` by now; those that are set aside are not. Memory only. */
  left(principal: string, most: number): number
  /**
   * Sets rows aside, durably before it fulfils (at once where enough is written down ahead); null where fewer than these are left
   * of `most`. Whatever becomes of them then, they are spent, unless `free` is told that they were not changed.
   */
  reserve(principal: string, rows: number, most: number): Setting
}

/** Null where there are not so many left. */
export type Setting = Reserved | null | Promise<Reserved | null>

export interface Reserved {
  /** So many of them were not changed, all where nothing is said; what was said before counts too. */
  readonly free: (rows?: number) => void
}

const hourMs = 3_600_000
const lineMs = 1000
/** So long what is written down ahead may be leant on; it ends so much later than it was written. */
const aheadMs = 60_000

interface Line {
  readonly at: number
  rows: number
  /** Its hour is over. */
  hasEnded?: boolean
}

/** What one principal has spent, on the steady clock. */
interface Account {
  lines: Line[]
  /** What stands in the lines. */
  spent: number
  /** Rows that were ever set aside. */
  total: number
  /** Up to which total it is written down that they are spent, and until when that may be leant on. */
  covered: number
  until: number
  /** The next writing of it that has not begun yet. */
  next: Promise<void> | null
}

/**
 * By principal and not by grant: minting anew resets nothing. On the steady clock: one that is set forward gives no budget
 * back. Writes of one second are one line, so that a busy agent costs 3,600 of them at most; a line ends a second late, never early.
 * INVARIANT (intent-first): what may have been changed is written down as spent before it is; a crash gives nothing back.
 */
export async function openBudgets({
  state,
  clock,
}: {
  readonly state: Pick<State, 'transact' | 'read'>
  readonly clock: Clock
}): Promise<Budgets> {
  const accounts = await load(state, clock)
  const accountOf = (principal: string): Account => {
    const known = accounts.get(principal) ?? fresh([])
    accounts.set(principal, known)
    return known
  }
  const recent = (account: Account): Account => {
    const since = clock.steady() - hourMs - lineMs
    if ((account.lines[0]?.at ?? Infinity) <= since) {
      const lines = account.lines.filter(({ at }) => at > since)
      for (const line of account.lines.slice(0, account.lines.length - lines.length))
        line.hasEnded = true
      Object.assign(account, { lines, spent: sumOf(lines) })
    }
    return account
  }
  const left = (principal: string, most: number): number => {
    const account = accounts.get(principal)
    if (account === undefined) return most
    return Math.max(0, most - recent(account).spent)
  }
  /** Writes an account as it is when its turn comes, for all who asked before. */
  const save = (principal: string, account: Account, most: number): Promise<void> => {
    const write = async (): Promise<void> => {
      const ahead = Math.floor(most / 100)
      const written = await state.transact(async (tx) => {
        account.next = null
        const [now, steady] = [clock.now(), clock.steady()]
        const lines = recent(account).lines.map(({ at, rows }) => [now - (steady - at), rows])
        const value = { lines: [...lines, [now + aheadMs, ahead]] }
        await tx.put('meta', { id: `${prefix}${principal}`, value })
        return { covered: account.total + ahead, until: steady + aheadMs }
      })
      Object.assign(account, written)
    }
    account.next ??= write().finally(() => (account.next = null))
    return account.next
  }
  return {
    left,
    reserve: (principal, rows, most) => {
      if (!(rows <= left(principal, most))) return null
      if (rows <= 0) return { free: () => undefined }
      const account = recent(accountOf(principal))
      const at = clock.steady()
      const last = account.lines.at(-1)
      const line = last !== undefined && at - last.at < lineMs ? last : { at, rows: 0 }
      if (line !== last) account.lines.push(line)
      account.total += rows
      const change = (by: number): void => {
        line.rows += by
        if (line.hasEnded !== true) account.spent += by
      }
      change(rows)
      let aside = rows
      const free = (some: number): void => {
        const freed = Math.min(aside, Math.max(0, some))
        aside -= freed
        change(-freed)
      }
      const reserved: Reserved = {
        free: (some = aside) => {
          const isAll = some >= aside && aside > 0
          free(some)
          // More is written down than was changed: the next writing says it right, this one is a courtesy.
          if (isAll) save(principal, account, most).catch(() => undefined)
        },
      }
      if (account.total <= account.covered && at <= account.until) return reserved
      return save(principal, account, most).then(
        () => reserved,
        (thrown: unknown) => {
          free(rows)
          throw thrown
        },
      )
    },
  }
}

function sumOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { rows }) => sum + rows, 0)
}

function fresh(lines: Line[]): Account {
  return { lines, spent: sumOf(lines), total: 0, covered: 0, until: 0, next: null }
}

const prefix = 'rows:'

/** What was written down, brought to the steady clock of this process. */
async function load(state: Pick<State, 'read'>, clock: Clock): Promise<Map<string, Account>> {
  const rows = await state.read((tx) => tx.find('meta', {}))
  const [now, steady] = [clock.now(), clock.steady()]
  return new Map(
    rows.flatMap(({ id, value }) => {
      if (!id.startsWith(prefix)) return []
      const lines = linesOf(value).map(({ at, rows: spent }) => ({
        at: steady - Math.max(0, now - at),
        rows: spent,
      }))
      return [[id.slice(prefix.length), fresh(lines)] as const]
    }),
  )
}

function linesOf(value: Json): readonly Line[] {
  const { lines } = isObject(value) ? value : {}
  return (Array.isArray(lines) ? lines : []).flatMap((pair) => {
    if (!Array.isArray(pair)) return []
    const [at, rows] = pair
    return typeof at === 'number' && typeof rows === 'number' ? [{ at, rows }] : []
  })
}
