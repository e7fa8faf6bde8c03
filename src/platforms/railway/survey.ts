/** What operations would take, asked of the platform by reads: the radius of each, and each made exact. */
import { united } from '../../base/distinct.ts'
import { messageOf } from '../../base/error.ts'
import { noRadius, widestRadius } from '../../core/blast-radius.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Operation } from '../../core/operation.ts'
import type { Resource, ResourceRef } from '../../core/resource.ts'
import type { AskGraphql, Surveyed } from '../platform.ts'
import { joined, thingResource, touching, withRadius } from './radius.ts'
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
export function surveyed(
  target: string,
  operations: readonly Operation[],
  ask: AskGraphql,
): Surveyed | Promise<Surveyed> {
  const world = new World(target, ask)
  const found: Found[] = []
  for (const operation of operations) {
    const one = surveyOne(world, operation)
    if (one instanceof Promise)
      return withRest(world, { found, one, rest: operations.slice(found.length + 1) })
    found.push(one)
  }
  return together(found)
}

interface Begun {
  readonly found: readonly Found[]
  readonly one: Promise<Found>
  readonly rest: readonly Operation[]
}

/** One after another: each may use what the platform said to those before it. */
async function withRest(world: World, { found, one, rest }: Begun): Promise<Surveyed> {
  const all = [...found, await one]
  for (const operation of rest) all.push(await surveyOne(world, operation))
  return together(all)
}

function together(found: readonly Found[]): Surveyed {
  return {
    operations: found.map(placed),
    radius: joined(found.map(({ radius }) => radius)),
  }
}

/** INVARIANT (each its own place): an operation that stands nowhere does not stand where its neighbours in one request do. */
function placed({ operation, radius }: Found): Operation {
  if (operation.effect === 'read') return operation
  const environments = united(operation.environments, radius.environments)
  return { ...operation, environments }
}

/** At once where the platform need not be asked: most operations name their one environment and take nothing. */
function surveyOne(world: World, operation: Operation): Found | Promise<Found> {
  if (operation.effect === 'read') return { operation, radius: noRadius }
  try {
    const special =
      surveyVolume(world, operation) ??
      surveyPatch(world, operation) ??
      surveyContainer(world, operation) ??
      surveyOverwrite(world, operation) ??
      surveyReach(world, operation)
    const one = special ?? around(world, operation)
    return one instanceof Promise ? one.catch((thrown: unknown) => widest(operation, thrown)) : one
  } catch (thrown) {
    return widest(operation, thrown)
  }
}

/** One thing that cannot be found must not hide what the other operations take. */
function widest(operation: Operation, thrown: unknown): Found {
  const why = `\`${operation.name}\`: ${messageOf(thrown)}`
  return { operation, radius: { ...widestRadius(why), environments: operation.environments } }
}

/**
 * The environments that an operation touches: those it names, and those of each thing that has a place of its own,
 * since nobody knows which of the two the platform goes by. What loses data and cannot be looked up goes as it is named.
 */
function around(world: World, operation: Operation): Found | Promise<Found> {
  const isNamed = operation.environments.length > 0
  const things = operation.names.filter(({ type }) => !isNamed || inOne.has(type))
  if (things.length === 0)
    return { operation, radius: taken(world, operation, operation.environments) }
  return withRadius(operation, lookedUp(world, operation, things))
}

async function lookedUp(
  world: World,
  operation: Operation,
  things: readonly ResourceRef[],
): Promise<BlastRadius> {
  const environments = [...operation.environments]
  for (const { type, id } of things)
    environments.push(...((await environmentsOf(world, type, id)) ?? []))
  return taken(world, operation, environments)
}

function taken(world: World, operation: Operation, environments: readonly string[]): BlastRadius {
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
