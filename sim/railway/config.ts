/** An environment as one document, and what committing a patch of that document does: it can delete without saying delete. */
import { asBag, bag, maybeFlag, maybeText, type Args } from './args.ts'
import { isoNow, type Ground } from './ground.ts'
import { loseBucketInstance, loseInstance, loseServiceInstance } from './lose.ts'
import type { EnvironmentRow, VariableRow } from './rows.ts'
import { dropVariable, putVariable } from './variable.ts'

/** The whole document: services with their settings, variables and mounts; volumes; buckets; shared variables. */
export function configOf(ground: Ground, environmentId: string): Args {
  const { world } = ground
  const here = (row: { readonly environmentId: string }): boolean =>
    row.environmentId === environmentId
  const instances = world.volumeInstances.where(here)
  const services = world.serviceInstances.where(here).map(({ serviceId, settings }) => [
    serviceId,
    {
      deploy: settings,
      variables: values(world.variables.where((row) => here(row) && row.serviceId === serviceId)),
      volumeMounts: Object.fromEntries(
        instances
          .filter((instance) => instance.serviceId === serviceId)
          .map(({ volumeId, mountPath }) => [volumeId, { mountPath }]),
      ),
    },
  ])
  return {
    services: Object.fromEntries(services),
    volumes: Object.fromEntries(
      instances.map(({ volumeId, sizeMB, region }) => [volumeId, { sizeMB, region }]),
    ),
    buckets: Object.fromEntries(
      world.bucketInstances.where(here).map(({ bucketId }) => [bucketId, {}]),
    ),
    sharedVariables: values(world.variables.where((row) => here(row) && row.serviceId === null)),
  }
}

/** Applies a patch to one environment at once. What it does not know it ignores, as the platform does. */
export function applyConfig(ground: Ground, environment: EnvironmentRow, patch: Args): void {
  for (const [id, change] of entries(patch, 'volumes'))
    patchVolume(ground, environment.id, id, change)
  for (const [id, change] of entries(patch, 'buckets'))
    patchBucket(ground, environment.id, id, change)
  for (const [id, change] of entries(patch, 'services'))
    patchService(ground, environment, id, change)
  patchVariables(ground, environment, null, bag(patch, 'sharedVariables'))
}

/** Two patches as one; where both name a leaf the later wins. */
export function mergeConfig(left: Args, right: Args): Args {
  const merged = Object.entries(right).map(([name, value]): readonly [string, unknown] => {
    const before = asBag(left[name])
    const after = asBag(value)
    const both = Object.keys(before).length > 0 && Object.keys(after).length > 0
    return [name, both ? mergeConfig(before, after) : value]
  })
  return { ...left, ...Object.fromEntries(merged) }
}

function patchVolume(ground: Ground, environmentId: string, volumeId: string, change: Args): void {
  const [instance] = ground.world.volumeInstances.where(
    (row) => row.volumeId === volumeId && row.environmentId === environmentId,
  )
  if (instance === undefined) return
  if (maybeFlag(change, 'isDeleted') === true) loseInstance(ground, instance.id)
}

function patchBucket(ground: Ground, environmentId: string, bucketId: string, change: Args): void {
  const [instance] = ground.world.bucketInstances.where(
    (row) => row.bucketId === bucketId && row.environmentId === environmentId,
  )
  if (instance === undefined) return
  if (maybeFlag(change, 'isDeleted') === true) loseBucketInstance(ground, instance.id)
}

function patchService(
  ground: Ground,
  environment: EnvironmentRow,
  serviceId: string,
  change: Args,
): void {
  const [instance] = ground.world.serviceInstances.where(
    (row) => row.serviceId === serviceId && row.environmentId === environment.id,
  )
  if (instance === undefined) return
  if (maybeFlag(change, 'isDeleted') === true)
    return loseServiceInstance(ground, serviceId, environment.id)
  const settings = { ...instance.settings, ...bag(change, 'source'), ...bag(change, 'deploy') }
  ground.world.serviceInstances.put({ ...instance, settings, updatedAt: isoNow(ground) })
  patchVariables(ground, environment, serviceId, bag(change, 'variables'))
}

function patchVariables(
  ground: Ground,
  environment: EnvironmentRow,
  serviceId: string | null,
  changes: Args,
): void {
  const owner = { projectId: environment.projectId, environmentId: environment.id, serviceId }
  for (const [name, change] of Object.entries(changes)) {
    const value = maybeText(asBag(change), 'value')
    if (value === null) dropVariable(ground, owner, name)
    else putVariable(ground, owner, name, value)
  }
}

function entries(patch: Args, name: string): readonly (readonly [string, Args])[] {
  return Object.entries(bag(patch, name)).map(([id, change]) => [id, asBag(change)] as const)
}

function values(rows: readonly VariableRow[]): Args {
  return Object.fromEntries(rows.map(({ name, value }) => [name, { value }]))
}
