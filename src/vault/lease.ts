/** Leases: what a pending or finished destroy leans on, nobody may take away. */
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { isObject } from '../base/json.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import { resourceKey } from '../core/resource.ts'
import type { Finding } from '../core/verdict.ts'
import type { Tx } from '../guard/ports.ts'
import type { LeaseRow, RecoveryPointRow } from '../guard/rows.ts'

/** How a recovery point is named as a resource: its id under this type, whichever target it is told through. */
const pointType = 'recoveryPoint'

export interface Leases {
  /**
   * In the caller's transaction: the point stays until this hold lets go. Throws `not_found` where no verified point
   * has the id, `wrong_state` where an act that has begun takes it: what that sent may still land, whatever came back.
   */
  lease(tx: Tx, point: string, hold: string): Promise<void>
  /** A hold lets go of what it leaned on: at once, or at a time (the undo's days after an act). */
  release(tx: Tx, hold: string, until: number): Promise<void>
  leased(tx: Tx, point: string): Promise<boolean>
  /** INVARIANT (lease-holds): the points that are leaned on and that would go with any of these resources (`target/type/id`). */
  leans(tx: Tx, keys: readonly string[]): Promise<readonly string[]>
  /** The same of a radius, as the finding that denies; null where nothing leans on it. */
  finding(tx: Tx, radius: BlastRadius): Promise<Finding | null>
}

export function openLeases(clock: Clock): Leases {
  const holds = (row: LeaseRow): boolean => row.until === null || row.until > clock.now()
  const leans: Leases['leans'] = async (tx, keys) => {
    const wanted = new Set(keys)
    const leases = (await tx.find('lease', {})).filter(holds)
    const gone: string[] = []
    for (const point of new Set(leases.map((row) => row.point)))
      if (goesWith(point, await tx.get('point', point), wanted)) gone.push(point)
    return gone
  }
  return {
    leans,
    lease: async (tx, point, hold) => {
      const row = await tx.get('point', point)
      if (row === null || row.verifiedAt === null)
        throw new FirebreakError('not_found', `there is no verified recovery point \`${point}\``)
      const taker = await begunAgainst(tx, row)
      if (taker !== null)
        throw new FirebreakError(
          'wrong_state',
          `\`${taker}\` has begun to take recovery point \`${point}\``,
          'take a new one before anything leans on it',
        )
      await tx.put('lease', { id: `${point}:${hold}`, point, hold, until: null })
    },
    release: async (tx, hold, until) => {
      for (const row of await tx.find('lease', { hold })) await tx.put('lease', { ...row, until })
    },
    leased: async (tx, point) => (await tx.find('lease', { point })).some(holds),
    finding: async (tx, radius) => {
      const things = [...radius.resources, ...radius.backups]
      const [point] = await leans(tx, things.map(resourceKey))
      if (point === undefined) return null
      const message = `recovery point \`${point}\` would go, and a destroy leans on it`
      return { rule: 'lease-holds', message }
    },
  }
}

/** INVARIANT (E6): a way back that another act has begun to take is none; the hold that does, or null. */
async function begunAgainst(tx: Tx, row: RecoveryPointRow): Promise<string | null> {
  for (const state of ['executing', 'executed', 'failed'] as const)
    for (const hold of await tx.find('hold', { state })) {
      // A hold that the re-check refused has sent nothing.
      if (state === 'failed' && hold.outcome === null) continue
      const things = [...hold.radius.resources, ...hold.radius.backups]
      if (goesWith(row.id, row, new Set(things.map(resourceKey)))) return hold.id
    }
  return null
}

/** A point goes with itself and with whatever its store lies on. */
function goesWith(point: string, row: RecoveryPointRow | null, keys: ReadonlySet<string>): boolean {
  const named = [...keys].some((key) => key.endsWith(`/${pointType}/${point}`))
  return named || storeOn(row).some((key) => keys.has(key))
}

function storeOn(row: RecoveryPointRow | null): readonly string[] {
  const on = row !== null && isObject(row.detail) ? row.detail['on'] : null
  return Array.isArray(on) ? on.map(String) : []
}
