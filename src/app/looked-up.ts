/** The ledger looked up, in the same words for the console and the command line. */
import type { JsonObject } from '../base/json.ts'
import { timeText } from '../ledger/leaf.ts'
import type { LogReads } from '../ledger/reads.ts'
import { searchLog } from '../ledger/search.ts'
import type { Sought } from '../ledger/search.ts'
import { lineOf } from '../ledger/telling.ts'

export const mostFound = 100

export interface Lookup extends Partial<Sought> {
  /** Only entries before this one; null from the newest on. */
  readonly before?: number | null
  readonly limit?: number
}

/** A page of entries in a line each, newest first, and where to go on. */
export async function lookUp(
  log: Pick<LogReads, 'size' | 'leaves'>,
  { before = null, limit = mostFound, ...wanted }: Lookup,
): Promise<LookedUp> {
  const nothing = {
    kinds: [],
    principal: null,
    subject: null,
    text: null,
    since: null,
    until: null,
  }
  const { found, ...where } = await searchLog(log, { ...nothing, ...wanted }, { before, limit })
  return {
    ...where,
    entries: found.map(({ index, told }) => ({
      index,
      at: told.at,
      time: timeText(told.at),
      kind: told.kind,
      subject: told.subject,
      principal: told.principal,
      line: lineOf(told),
    })),
  }
}

export interface LookedUp extends JsonObject {
  readonly size: number
  readonly from: number
  readonly to: number
  readonly next: number | null
  readonly entries: readonly {
    readonly index: number
    readonly at: number
    readonly time: string
    readonly kind: string
    readonly subject: string | null
    readonly principal: string | null
    readonly line: string
  }[]
}
