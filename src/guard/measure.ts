/** The measured action: what the inventory says would go, in the words that scope and policy judge. */
import type { Action } from '../core/action.ts'
import { united } from '../base/distinct.ts'
import { noRadius } from '../core/blast-radius.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import { resourceKey } from '../core/resource.ts'
import type { Resource, ResourceRef } from '../core/resource.ts'
import type { Finding } from '../core/verdict.ts'
import type { House } from './house.ts'
import type { Asked, Measured, Question } from './ports.ts'

export interface MeasuredAction {
  readonly action: Action
  readonly radius: BlastRadius
  /** True where the platform said some of it seconds ago, to an earlier request. */
  readonly kept: boolean
}

/** Asks the inventory, unless all of it only reads. The operations come back exact: the digest binds those. */
export function measure(
  house: House,
  asked: Asked,
  how: 'measure' | 'measureFresh' = 'measure',
): MeasuredAction | Promise<MeasuredAction> {
  const { operations } = asked
  if (operations.every(({ effect }) => effect === 'read'))
    return exactly(asked, { operations, radius: noRadius, kept: false })
  const measured = house.inventory[how](asked.target, operations)
  return measured instanceof Promise
    ? measured.then((later) => exactly(asked, later))
    : exactly(asked, measured)
}

function exactly(
  { principal, target, key }: Asked,
  { operations, radius, kept }: Measured,
): MeasuredAction {
  const { name, root } = principal
  return { action: { principal: name, root, target, key, operations }, radius, kept }
}

/** Why the grant does not reach this: the first finding, `scope` before `separation`; null where it reaches. */
export function outside(
  house: House,
  principal: Principal,
  measured: MeasuredAction,
): Finding | null {
  const { action, radius } = measured
  const { name } = house.environments(action.target)
  const found = action.operations.map((operation) => {
    const ids = environmentIds(operation, radius)
    return house.admits(principal.scope, {
      target: action.target,
      operation: operation.name,
      effect: operation.effect,
      environments: ids.map(name),
      environmentsKnown: operation.effect === 'read' || radius.known,
      nowhere: operation.environments.length === 0,
      resources: operation.names,
    })
  })
  const findings = found.filter((finding) => finding !== null)
  return findings.find((finding) => finding.rule === 'scope') ?? findings[0] ?? null
}

/** The facts of one operation for the policy; what is not known counts as the worst. */
export function question(
  house: House,
  operation: Operation,
  measured: MeasuredAction,
  platform: string,
): Question {
  const { action, radius } = measured
  const { name, isProtected } = house.environments(action.target)
  const ids = environmentIds(operation, radius)
  const isLifeline = (thing: ResourceRef): boolean => house.isLifeline(resourceKey(thing))
  const unsure =
    operation.effect !== 'read' && (!radius.known || operation.environments.length === 0)
  return {
    principal: action.principal,
    target: action.target,
    platform,
    operation: operation.name,
    effect: operation.effect,
    kinds: operation.kinds,
    environments: ids.map(name),
    protected: unsure || ids.some(isProtected),
    radiusKnown: radius.known,
    lifeline: operation.names.some(isLifeline) || radius.resources.some(isLifeline),
    bytes: radius.resources.reduce((sum, resource) => sum + Math.round(resource.bytes ?? 0), 0),
    rows: radius.rows ?? -1,
    backupsLost: radius.backups.length,
    backupsLeft: fewestLeft(radius),
  }
}

/**
 * How many ways back stay for the thing that keeps the fewest, of those that lose one and stay themselves: another
 * thing's backups, in the same action, are no way back for this one.
 */
function fewestLeft({ resources, backups, left }: BlastRadius): number {
  if (backups.length === 0) return left.length
  const gone = new Set(resources.map(resourceKey))
  const losing = new Set(backups.map(protectedBy).filter((key) => !gone.has(key)))
  const counts = [...losing].map((key) => left.filter((one) => protectedBy(one) === key).length)
  return counts.length === 0 ? left.length : Math.min(...counts)
}

/** What a way back is for; those that say nothing are for one and the same. */
function protectedBy({ protects }: Resource): string {
  return protects === null ? '' : resourceKey(protects)
}

/** True for what must be written down before it runs. */
export function isGrave(action: Action): boolean {
  return action.operations.some(({ effect }) => effect !== 'read' && effect !== 'write')
}

/** True for what counts as a destructive attempt: a destroy, other than a mere outage. */
export function isDestructive(action: Action): boolean {
  return destroys(action) > 0
}

/** How many destructive attempts it is: each of its operations is one, so that a batch hides none. */
export function destroys({ operations }: Action): number {
  return operations.filter(({ kinds }) => kinds.some((kind) => kind !== 'outage')).length
}

function environmentIds(operation: Operation, radius: BlastRadius): readonly string[] {
  return united(operation.environments, radius.environments)
}
