/** How far an operation reaches that names one environment: sometimes into others, sometimes nobody can say. */
import type { Json } from '../../base/json.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Operation } from '../../core/operation.ts'
import { touching, within } from './radius.ts'
import type { Found } from './radius.ts'
import { lacks, member, text } from './row.ts'
import type { EnvironmentFacts, World } from './world.ts'

/** The radius of an operation whose named environment is not the whole of it; null for any other operation. */
export function surveyReach(world: World, operation: Operation): Promise<Found> | null {
  const { name, parameters: args } = operation
  switch (name) {
    case 'serviceCreate':
      return within(operation, created(world, args['input']))
    case 'serviceInstanceUpdate':
      return within(operation, settings(world, operation))
    case 'egressGatewayAssociationsClear':
    case 'egressGatewayRollbackFromHA':
    case 'egressGatewayUpgradeToHA':
      return within(operation, gateways(world, operation))
    case 'pluginDelete':
    case 'pluginReset':
      return Promise.resolve({ operation, radius: unseen(operation) })
    default:
      return null
  }
}

/** A service goes where it is named only if that environment is a fork; else from all that are none. */
export async function reached(
  world: World,
  projectId: string,
  named: Operation['parameters'][string] | undefined,
): Promise<readonly EnvironmentFacts[]> {
  const all = await world.environments(projectId)
  const roots = all.filter(({ isFork }) => !isFork)
  if (named === undefined || named === null) return roots
  const one = all.find(({ id }) => id === named)
  if (one === undefined) return all
  return one.isFork ? [one] : roots
}

/** Settings without a named environment reach as far as a deletion would. */
async function settings(world: World, operation: Operation): Promise<readonly string[]> {
  const args = operation.parameters
  const named = args['environmentId']
  const projectId = lacks(args, 'environmentId')
    ? (await world.service(text(args['serviceId']))).projectId
    : (await world.environment(text(named))).projectId
  return (await reached(world, projectId, named)).map(({ id }) => id)
}

/** A new service stands in the named environment only if that is a fork; else in all that are none. */
async function created(world: World, input: Json | undefined): Promise<readonly string[]> {
  const named = member(input, 'environmentId')
  return (await reached(world, text(member(input, 'projectId')), named)).map(({ id }) => id)
}

/** One flag makes the named environment stand for all of them. */
async function gateways(world: World, operation: Operation): Promise<readonly string[]> {
  const input = operation.parameters['input']
  if (lacks(input, 'allEnvironments') || member(input, 'allEnvironments') === false)
    return operation.environments
  const { projectId } = await world.service(text(member(input, 'serviceId')))
  return (await world.environments(projectId)).map(({ id }) => id)
}

/** A database of the old kind cannot be looked up, and the environment beside it is no more than said. */
function unseen({ environments, name }: Operation): BlastRadius {
  const why = `\`${name}\`: the platform does not say any more where a plugin stands`
  return { ...touching(environments), known: false, unknown: [why] }
}
