/** A blast radius, put together from what the platform said. */
import { distinct } from '../../base/distinct.ts'
import { noRadius } from '../../core/blast-radius.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Operation } from '../../core/operation.ts'
import type { Resource } from '../../core/resource.ts'
import type { BackupFacts, InstanceFacts, ThingFacts, World } from './world.ts'

/** One operation, made exact, with its radius. */
export interface Found {
  readonly operation: Operation
  readonly radius: BlastRadius
}

export async function withRadius(
  operation: Operation,
  radius: Promise<BlastRadius>,
): Promise<Found> {
  return { operation, radius: await radius }
}

/** Nothing goes, and these environments are touched. */
export async function within(
  operation: Operation,
  environments: Promise<readonly string[]>,
): Promise<Found> {
  return { operation, radius: touching(await environments) }
}

/** Only availability or settings are at stake in these environments: nothing goes. */
export function touching(environments: readonly string[]): BlastRadius {
  return { ...noRadius, environments: distinct(environments) }
}

/** Volume instances go, and with each the backups that live inside it. */
export async function withBackups(
  world: World,
  instances: readonly InstanceFacts[],
): Promise<BlastRadius> {
  const backups: Resource[] = []
  for (const instance of instances)
    for (const backup of await world.backups(instance.id))
      backups.push(backupResource(world.target, backup, instance))
  return {
    ...touching(instances.map(({ environmentId }) => environmentId)),
    resources: instances.map((instance) => instanceResource(world.target, instance)),
    backups,
  }
}

/** Several radii as one: known only where each is. */
export function joined(radii: readonly BlastRadius[]): BlastRadius {
  return {
    known: radii.every((radius) => radius.known),
    environments: distinct(radii.flatMap((radius) => radius.environments)),
    resources: unique(radii.flatMap((radius) => radius.resources)),
    backups: unique(radii.flatMap((radius) => radius.backups)),
    rows: null,
    left: stays(radii),
    unknown: radii.flatMap((radius) => radius.unknown),
  }
}

/** What one operation leaves, another may take. */
function stays(radii: readonly BlastRadius[]): readonly Resource[] {
  const left = unique(radii.flatMap((radius) => radius.left))
  if (left.length === 0) return left
  const gone = new Set(radii.flatMap((radius) => radius.backups).map(keyOf))
  return left.filter((one) => !gone.has(keyOf(one)))
}

function unique(resources: readonly Resource[]): readonly Resource[] {
  if (resources.length < 2) return resources
  return [...new Map(resources.map((resource) => [keyOf(resource), resource])).values()]
}

/** One key for a thing in one place: a bucket or service counts once for each environment. */
function keyOf(resource: Resource): string {
  return `${resource.type}/${resource.id}/${resource.environment ?? ''}`
}

export function instanceResource(target: string, instance: InstanceFacts): Resource {
  return {
    target,
    type: 'volumeInstance',
    id: instance.id,
    name: instance.volumeName,
    environment: instance.environmentId,
    bytes: instance.bytes,
    protects: null,
  }
}

export function backupResource(
  target: string,
  backup: BackupFacts,
  instance: InstanceFacts,
): Resource {
  return {
    target,
    type: 'backup',
    id: backup.id,
    name: backup.name,
    environment: instance.environmentId,
    bytes: backup.bytes,
    protects: { target, type: 'volumeInstance', id: instance.id },
  }
}

export function thingResource(
  target: string,
  type: string,
  thing: ThingFacts,
  environment: string | null,
): Resource {
  return { target, type, id: thing.id, name: thing.name, environment, bytes: null, protects: null }
}
