/** Things that hold others: services, environments, projects, workspaces; and what a deployment stands for. */
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Operation } from '../../core/operation.ts'
import type { Resource } from '../../core/resource.ts'
import { judgedAgain } from './judge.ts'
import { joined, thingResource, touching, withBackups, withRadius } from './radius.ts'
import { replaced } from './survey-overwrite.ts'
import { reached } from './survey-reach.ts'
import { text } from './row.ts'
import type { Found } from './radius.ts'
import type { EnvironmentFacts, World } from './world.ts'

/** The radius of an operation on a container; null for any other operation. */
export function surveyContainer(world: World, operation: Operation): Promise<Found> | null {
  const { name, parameters: args } = operation
  switch (name) {
    case 'serviceDelete':
      return withRadius(operation, service(world, text(args['id']), args['environmentId']))
    case 'environmentDelete':
      return withRadius(operation, environment(world, text(args['id'])))
    case 'projectDelete':
    case 'projectScheduleDelete':
    case 'projectScheduleDeleteForce':
      return withRadius(operation, project(world, text(args['id'])))
    case 'workspaceDelete':
      return withRadius(operation, workspace(world, text(args['id'])))
    case 'userDelete':
      return withRadius(operation, everything(world))
    case 'templateRevert':
      return withRadius(operation, environment(world, operation.environments[0] ?? ''))
    case 'deploymentRedeploy':
      return redeploy(world, operation)
    default:
      return null
  }
}

async function workspace(world: World, id: string): Promise<BlastRadius> {
  return await projects(world, await world.projectsOf(id))
}

async function service(
  world: World,
  id: string,
  named: Operation['parameters'][string] | undefined,
): Promise<BlastRadius> {
  const facts = await world.service(id)
  const environments = await reached(world, facts.projectId, named)
  const within = new Set(environments.map((one) => one.id))
  const instances = (await world.instances(facts.projectId)).filter(
    (one) => one.serviceId === id && within.has(one.environmentId),
  )
  const radius = await withBackups(world, instances)
  const own = environments.map((one) => thingResource(world.target, 'service', facts, one.id))
  return {
    ...radius,
    environments: [...within],
    resources: [...own, ...radius.resources],
  }
}

async function environment(world: World, id: string): Promise<BlastRadius> {
  const facts = await world.environment(id)
  return await held(world, facts.projectId, [facts])
}

async function project(world: World, id: string): Promise<BlastRadius> {
  return await held(world, id, await world.environments(id))
}

/** Everything that some environments of a project hold. */
async function held(
  world: World,
  projectId: string,
  environments: readonly EnvironmentFacts[],
): Promise<BlastRadius> {
  const within = new Set(environments.map(({ id }) => id))
  const instances = await world.instances(projectId)
  const radius = await withBackups(
    world,
    instances.filter(({ environmentId }) => within.has(environmentId)),
  )
  const services = await world.services(projectId)
  const buckets = await world.buckets(projectId)
  const things = environments.flatMap((one): readonly Resource[] => [
    thingResource(world.target, 'environment', one, one.id),
    ...services.map((thing) => thingResource(world.target, 'service', thing, one.id)),
    ...buckets.map((thing) => thingResource(world.target, 'bucket', thing, one.id)),
  ])
  return { ...radius, environments: [...within], resources: [...things, ...radius.resources] }
}

async function projects(world: World, ids: readonly string[]): Promise<BlastRadius> {
  const radii: BlastRadius[] = []
  for (const id of ids) radii.push(await project(world, id))
  return joined(radii)
}

async function everything(world: World): Promise<BlastRadius> {
  const ids: string[] = []
  for await (const id of world.projects()) ids.push(id)
  const radius = await projects(world, ids)
  return world.sawAll
    ? radius
    : { ...radius, known: false, unknown: [...radius.unknown, 'not every project is listed'] }
}

/** A deployment that is not the latest one brings older code back. */
async function redeploy(world: World, operation: Operation): Promise<Found> {
  const deployment = await world.deployment(text(operation.parameters['id']))
  const radius = touching([deployment.environmentId])
  if (deployment.id === (await world.latestDeployment(deployment))) return { operation, radius }
  const older = {
    effect: 'destroy',
    kinds: ['overwrite'],
    rule: 'older-code',
    why: 'deploys another code than the one that runs, perhaps an older one',
    instead: ['redeploy the latest deployment'],
  } as const
  return { operation: judgedAgain(operation, [older]), radius: await replaced(world, deployment) }
}
