/** What operations would take, asked of the platform by reads: the radius of each, and each made exact. */
import { messageOf } from '../../base/error.ts'
import { noRadius, widestRadius } from '../../core/blast-radius.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Operation } from '../../core/operation.ts'
import type { Resource } from '../../core/resource.ts'
import type { AskGraphql, Surveyed } from '../platform.ts'
import { joined, thingResource, touching } from './radius.ts'
import type { Found } from './radius.ts'
import { surveyContainer } from './survey-container.ts'
import { surveyOverwrite } from './survey-overwrite.ts'
import { surveyPatch } from './survey-patch.ts'
import { surveyReach } from './survey-reach.ts'
import { surveyVolume } from './survey-volume.ts'
import { World } from './world.ts'

/**
 * Every operation with its radius. INVARIANT (no answer is the widest): what the platform does not
 * say leaves the radius unknown, with the reason; nothing that is asked changes anything.
 */
export async function surveyed(
  target: string,
  operations: readonly Operation[],
  ask: AskGraphql,
): Promise<Surveyed> {
  const world = new World(target, ask)
  const found: Found[] = []
  for (const operation of operations) found.push(await surveyOne(world, operation))
  return {
    operations: found.map(placed),
    radius: joined(found.map(({ radius }) => radius)),
  }
}

/** INVARIANT (each its own place): an operation that stands nowhere does not stand where its neighbours in one request do. */
function placed({ operation, radius }: Found): Operation {
  const environments = [...new Set([...operation.environments, ...radius.environments])]
  return operation.effect === 'read' ? operation : { ...operation, environments }
}

async function surveyOne(world: World, operation: Operation): Promise<Found> {
  if (operation.effect === 'read') return { operation, radius: noRadius }
  try {
    const special =
      (await surveyVolume(world, operation)) ??
      (await surveyPatch(world, operation)) ??
      (await surveyContainer(world, operation)) ??
      (await surveyOverwrite(world, operation)) ??
      (await surveyReach(world, operation))
    return special ?? { operation, radius: await around(world, operation) }
  } catch (thrown) {
    // One thing that cannot be found must not hide what the other operations take.
    const why = `\`${operation.name}\`: ${messageOf(thrown)}`
    const radius = { ...widestRadius(why), environments: operation.environments }
    return { operation, radius }
  }
}

/**
 * The environments that an operation touches: those it names, and those of each thing that has a place of its own,
 * since nobody knows which of the two the platform goes by. What loses data and cannot be looked up goes as it is named.
 */
async function around(world: World, operation: Operation): Promise<BlastRadius> {
  const environments = [...operation.environments]
  const isNamed = environments.length > 0
  for (const { type, id } of operation.names)
    if (!isNamed || inOne.has(type))
      environments.push(...((await environmentsOf(world, type, id)) ?? []))
  return { ...touching(environments), resources: lost(world, operation, environments[0] ?? null) }
}

/** Things that stand in one environment, whichever the call names beside them. */
const inOne: ReadonlySet<string> = new Set([
  'customDomain',
  'deployment',
  'serviceDomain',
  'volumeInstance',
])

/** Things that hold others and are told by their own surveys. */
const holders: ReadonlySet<string> = new Set(['environment', 'project', 'service', 'workspace'])

function lost(world: World, operation: Operation, environment: string | null): readonly Resource[] {
  const { kinds, name, names } = operation
  if (!kinds.some((kind) => ['data', 'container', 'overwrite'].includes(kind))) return []
  const things = names
    .filter(({ type }) => !holders.has(type))
    .map(({ type, id }) => thingResource(world.target, type, { id, name: id }, environment))
  // What is written over and has no name in the call must not look like nothing at all.
  const state = thingResource(world.target, 'state', { id: name, name }, environment)
  return things.length === 0 && kinds.includes('overwrite') ? [state] : things
}

async function environmentsOf(
  world: World,
  type: string,
  id: string,
): Promise<readonly string[] | null> {
  switch (type) {
    case 'volume':
      return (await world.volume(id)).map(({ environmentId }) => environmentId)
    case 'volumeInstance':
      return [(await world.instance(id)).environmentId]
    case 'deployment':
      return [(await world.deployment(id)).environmentId]
    case 'service':
      return await ofProject(world, (await world.service(id)).projectId)
    case 'project':
      return await ofProject(world, id)
    case 'bucket':
      return await ofBucket(world, id)
    case 'customDomain':
    case 'serviceDomain':
      return [await ofDomain(world, id)]
    default:
      return null
  }
}

async function ofProject(world: World, projectId: string): Promise<readonly string[]> {
  return (await world.environments(projectId)).map(({ id }) => id)
}

async function ofBucket(world: World, bucketId: string): Promise<readonly string[]> {
  for await (const projectId of world.projects())
    if ((await world.buckets(projectId)).some(({ id }) => id === bucketId))
      return await ofProject(world, projectId)
  throw world.notFound('bucket')
}

async function ofDomain(world: World, domainId: string): Promise<string> {
  for await (const projectId of world.projects())
    for (const { id } of await world.environments(projectId))
      if (await world.hasDomain(id, domainId)) return id
  throw world.notFound('domain')
}
