/** What a person is shown of a hold, in parts: the page draws it; what is signed is the text. */
import type { JsonObject } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import type { Resource } from '../../core/resource.ts'
import type { HoldRow, RecoveryPointRow } from '../../guard/rows.ts'
import { passedAt } from '../../vault/vault.ts'
import { harmless } from './live.ts'

export interface Thing {
  readonly type: string
  readonly name: string
  readonly id: string
  readonly environment: string | null
  readonly bytes: number | null
}

export interface HoldDetail {
  readonly operations: readonly {
    readonly name: string
    readonly target: string
    readonly effect: string
    readonly kinds: readonly string[]
    readonly shown: JsonObject
  }[]
  readonly resources: readonly Thing[]
  readonly backups: readonly Thing[]
  readonly left: readonly Thing[]
  readonly environments: readonly string[]
  /** What could not be found out; empty where all is known. */
  readonly unknown: readonly string[]
  readonly rows: number | null
  readonly findings: readonly { readonly rule: string; readonly message: string }[]
  readonly alternatives: readonly string[]
  readonly principal: {
    readonly name: string
    readonly chain: readonly string[]
    readonly mintedBy: string
  }
  /** The agent's own words. */
  readonly reason: string | null
  readonly graceMs: number
  readonly needsRecoveryPoint: boolean
  readonly points: readonly {
    readonly id: string
    readonly engine: string
    readonly grade: string
    readonly takenAt: number
    readonly verifiedAt: number | null
    readonly drilledAt: number | null
  }[]
}

/** What would go, in one line: the first thing by name, how many more, and the ways back that go with it. */
export function goesLine({ radius }: HoldRow, name: (environment: string) => string): string {
  const { resources, backups, known } = radius
  const [first] = resources
  const where =
    first === undefined || first.environment === null ? '' : ` in ${plain(name(first.environment))}`
  const more = resources.length > 1 ? ` and ${resources.length - 1} more` : ''
  const parts = [
    ...(known ? [] : ['UNKNOWN: it may take everything']),
    ...(first === undefined ? [] : [`${plain(first.name)}${where}${more}`]),
    ...(backups.length === 0
      ? []
      : [`with ${backups.length} ${backups.length === 1 ? 'backup' : 'backups'}`]),
    ...(radius.rows === null || radius.rows === 0 ? [] : [`${radius.rows} rows`]),
  ]
  return parts.join(', ')
}

/** `points`: those that it leans on, or would. What agents and platforms wrote has its control signs made visible. */
export function detailOf(
  hold: HoldRow,
  name: (environment: string) => string,
  points: readonly RecoveryPointRow[],
): HoldDetail {
  const { action, radius, principal } = hold
  const thing = (one: Resource): Thing => ({
    type: plain(one.type),
    name: plain(one.name),
    id: plain(one.id),
    environment: one.environment === null ? null : plain(name(one.environment)),
    bytes: one.bytes,
  })
  return {
    operations: action.operations.map((one) => ({
      name: plain(one.name),
      target: plain(action.target),
      effect: one.effect,
      kinds: one.kinds,
      shown: Object.fromEntries(
        Object.entries(one.shown).map(([key, value]) => [plain(key), harmless(value)]),
      ),
    })),
    resources: radius.resources.map(thing),
    backups: radius.backups.map(thing),
    left: radius.left.map(thing),
    environments: radius.environments.map((id) => plain(name(id))),
    unknown: radius.known ? [] : radius.unknown.map((why) => plain(why)),
    rows: radius.rows,
    findings: hold.findings.map(({ rule, message }) => ({ rule, message: plain(message) })),
    alternatives: hold.alternatives.map((one) => plain(one)),
    principal: {
      name: plain(principal.name),
      chain: principal.chain.map((one) => plain(one)),
      mintedBy: plain(principal.mintedBy),
    },
    reason: hold.reason === null ? null : plain(hold.reason),
    graceMs: hold.graceMs,
    needsRecoveryPoint: hold.needsRecoveryPoint,
    points: points.map((row) => ({
      id: row.id,
      engine: row.engine,
      grade: row.grade,
      takenAt: row.takenAt,
      verifiedAt: row.verifiedAt,
      drilledAt: passedAt(row) === 0 ? null : passedAt(row),
    })),
  }
}
