/** Every drill that was held, the newest first: what came of it, how long it took, and how old the point was. */
import { isObject } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { RecoveryPointRow } from '../guard/rows.ts'
import type { Told } from '../ledger/leaf.ts'
import type { LogReads } from '../ledger/reads.ts'
import { searchLog } from '../ledger/search.ts'
import { nameOf } from './vault-status.ts'

/** So many drills, out of so many stretches of the ledger (`searchLog`), at most. */
const [mostDrills, mostStretches] = [500, 16]

export interface Drills extends JsonObject {
  /** False where the ledger goes on before what was looked through: of those only each point's last is here. */
  readonly isWhole: boolean
  readonly drills: readonly {
    readonly at: number
    readonly point: string
    /** What the point is of; null where it is there no more. */
    readonly of: string | null
    readonly passed: boolean
    /** From the beginning to the compared end; and what would have been lost. Null where it is not known. */
    readonly rtoMs: number | null
    readonly rpoMs: number | null
    /** The first thing that was wrong. */
    readonly wrong: string | null
  }[]
}

/** The rows of points, and of the ledger. */
export interface Source {
  find(table: 'point', where: Partial<RecoveryPointRow>): Promise<readonly RecoveryPointRow[]>
  readonly log: Log
}

type Drill = Drills['drills'][number]

export async function drillsOf(tx: Source): Promise<Drills> {
  const rows = await tx.find('point', {})
  const names = new Map(rows.map((row) => [row.id, nameOf(row)]))
  const { entries, isWhole, reached } = await recent(tx.log)
  const written = entries.map(({ body, at, subject }) =>
    drillIn(body, { at, point: subject ?? '', names }),
  )
  const older = isWhole ? [] : rows.flatMap((row) => lastOf(row, names, reached))
  const drills = [...written, ...older].toSorted((a, b) => b.at - a.at).slice(0, mostDrills)
  return { isWhole: isWhole && written.length <= mostDrills, drills }
}

type Log = Pick<LogReads, 'size' | 'leaves'>

interface Looked {
  readonly entries: readonly Told[]
  readonly isWhole: boolean
  /** When the oldest drill that was seen was written down. */
  readonly reached: number
}

async function recent(log: Log): Promise<Looked> {
  const wanted = { principal: null, subject: null, text: null, since: null, until: null }
  const entries: Told[] = []
  let before: number | null = null
  for (let stretch = 0; stretch < mostStretches && entries.length < mostDrills; stretch++) {
    const looked = await searchLog(log, { kinds: ['drilled'], ...wanted }, { before, limit: 100 })
    entries.push(...looked.found.map(({ told }) => told))
    if (looked.next === null) return { entries, isWhole: true, reached: 0 }
    before = looked.next
  }
  return { entries, isWhole: false, reached: entries.at(-1)?.at ?? Infinity }
}

/** What stands with the point, where it was held before all that was seen. */
function lastOf(
  { id, detail: { drill } }: RecoveryPointRow,
  names: ReadonlyMap<string, string>,
  reached: number,
): readonly Drill[] {
  const told = isObject(drill) ? drill : {}
  const at = numberIn(told, 'at')
  // It is noted with the point a moment before it is written down.
  return at === null || at >= reached - aMinute ? [] : [drillIn(told, { at, point: id, names })]
}

const aMinute = 60_000

interface Where {
  readonly at: number
  readonly point: string
  readonly names: ReadonlyMap<string, string>
}

function drillIn(told: JsonObject, { at, point, names }: Where): Drill {
  const { passed, wrong } = told
  const [first] = Array.isArray(wrong) ? wrong : []
  return {
    at,
    point,
    of: names.get(point) ?? null,
    passed: passed === true,
    rtoMs: numberIn(told, 'rtoMs'),
    rpoMs: numberIn(told, 'rpoMs'),
    wrong: typeof first === 'string' ? first : null,
  }
}

function numberIn(told: JsonObject, name: string): number | null {
  const value = told[name]
  return typeof value === 'number' ? value : null
}
