/** What is written over: the code that runs, the variables that stand there. It is named, so that a way back can be asked for. */
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Operation } from '../../core/operation.ts'
import type { Resource } from '../../core/resource.ts'
import { joined, thingResource, touching, withBackups, withRadius } from './radius.ts'
import type { Found } from './radius.ts'
import { lacks, member, text } from './row.ts'
import { reached } from './survey-reach.ts'
import type { DeploymentFacts, World } from './world.ts'

/** The radius of an operation that writes over what is there; null for any other operation. */
export function surveyOverwrite(world: World, operation: Operation): Promise<Found> | null {
  if (!operation.kinds.includes('overwrite')) return null
  const { name, parameters: args } = operation
  switch (name) {
    case 'deploymentRollback':
      return withRadius(operation, rolledBack(world, text(args['id'])))
    case 'variableCollectionUpsert':
      return withRadius(operation, variables(world, operation))
    case 'templateDeploy':
    case 'templateDeployV2':
      return withRadius(operation, takenOver(world, operation))
    default:
      return null
  }
}

async function rolledBack(world: World, id: string): Promise<BlastRadius> {
  return await replaced(world, await world.deployment(id))
}

/** The code that runs where another deployment takes its place. */
export async function replaced(world: World, deployment: DeploymentFacts): Promise<BlastRadius> {
  const { environmentId, serviceId } = deployment
  const latest = await world.latestDeployment(deployment)
  if (latest === null || serviceId === null) throw world.notFound('running deployment')
  const { name } = await world.service(serviceId)
  const running = thingResource(world.target, 'deployment', { id: latest, name }, environmentId)
  return { ...touching([environmentId]), resources: [running] }
}

/** The variables of a service in one environment, or those that all services of it share; never what they hold. */
async function variables(world: World, operation: Operation): Promise<BlastRadius> {
  const input = operation.parameters['input']
  const environmentId = text(member(input, 'environmentId'))
  const shared = lacks(input, 'serviceId')
  const serviceId = text(member(input, 'serviceId'))
  const thing = shared
    ? { id: environmentId, name: `shared by ${(await world.environment(environmentId)).name}` }
    : { id: `${serviceId}/${environmentId}`, name: (await world.service(serviceId)).name }
  const set = thingResource(world.target, 'variables', thing, environmentId)
  return { ...touching(operation.environments), resources: [set] }
}

/** A service that a template rebuilds: the code that runs in it, and the volumes that are mounted to it. */
async function takenOver(world: World, operation: Operation): Promise<BlastRadius> {
  const input = operation.parameters['input']
  const id = text(member(input, 'existingRootServiceId'))
  const service = await world.service(id)
  const environments = await reached(world, service.projectId, member(input, 'environmentId'))
  const within = new Set([...operation.environments, ...environments.map((one) => one.id)])
  const mounted = (await world.instances(service.projectId)).filter(
    ({ serviceId, environmentId }) => serviceId === id && within.has(environmentId),
  )
  const code = [...within].map((environmentId): Resource =>
    thingResource(
      world.target,
      'deployment',
      { ...service, id: `${id}/${environmentId}` },
      environmentId,
    ),
  )
  return joined([{ ...touching([...within]), resources: code }, await withBackups(world, mounted)])
}
