/** Mutations of services, their instances and their deployments. */
import { reachAnything, reachEnvironment, reachProject, reachService } from './access.ts'
import { asBag, bag, maybeText, text, type Args } from './args.ts'
import { isoNow, placeOf, problem, type Context, type Ground, type Mutate } from './ground.ts'
import { loseService, loseServiceInstance } from './lose.ts'
import type { DeploymentRow, ServiceInstanceRow } from './rows.ts'
import { putVariable } from './variable.ts'

export const serviceChanges: Readonly<Record<string, Mutate>> = {
  serviceCreate: (args, context) => {
    const { ground } = context
    const input = bag(args, 'input')
    const project = reachProject(context, text(input, 'projectId'), 'change')
    const now = isoNow(ground)
    const service = ground.world.services.put({
      id: ground.newId('service'),
      createdAt: now,
      updatedAt: now,
      projectId: project.id,
      name: maybeText(input, 'name') ?? 'service',
      icon: maybeText(input, 'icon'),
    })
    const only = maybeText(input, 'environmentId')
    const environments = ground.world.environments.where(
      (row) => row.projectId === project.id && (only === null || row.id === only),
    )
    for (const { id: environmentId } of environments) {
      ground.world.serviceInstances.put({
        id: ground.newId('serviceInstance'),
        createdAt: now,
        updatedAt: now,
        serviceId: service.id,
        environmentId,
        settings: bag(input, 'source'),
      })
      const owner = { projectId: project.id, environmentId, serviceId: service.id }
      for (const [name, value] of Object.entries(bag(input, 'variables')))
        putVariable(ground, owner, name, String(value))
    }
    return { value: service, place: placeOf(ground, project.id, only) }
  },
  serviceUpdate: (args, context) => {
    const { ground } = context
    const before = reachService(context, text(args, 'id'), 'change')
    const input = bag(args, 'input')
    const value = ground.world.services.put({
      ...before,
      name: maybeText(input, 'name') ?? before.name,
      icon: maybeText(input, 'icon') ?? before.icon,
      updatedAt: isoNow(ground),
    })
    return { value, place: placeOf(ground, before.projectId) }
  },
  serviceDelete: (args, context) => {
    const environmentId = maybeText(args, 'environmentId')
    const need = environmentId === null ? 'change' : 'see'
    const { id, projectId } = reachService(context, text(args, 'id'), need)
    const place = placeOf(context.ground, projectId, environmentId)
    if (environmentId === null) loseService(context.ground, id)
    else loseServiceInstance(context.ground, id, reachEnvironment(context, environmentId).id)
    return { value: true, place }
  },
  serviceInstanceUpdate: (args, context) => {
    const { ground } = context
    const environmentId = maybeText(args, 'environmentId')
    const need = environmentId === null ? 'change' : 'see'
    const service = reachService(context, text(args, 'serviceId'), need)
    if (environmentId !== null) reachEnvironment(context, environmentId)
    const { source, ...input } = bag(args, 'input')
    for (const row of instancesOf(ground, service.id, environmentId))
      ground.world.serviceInstances.put({
        ...row,
        settings: { ...row.settings, ...asBag(source), ...input },
        updatedAt: isoNow(ground),
      })
    return { value: true, place: placeOf(ground, service.projectId, environmentId) }
  },
  serviceInstanceRedeploy: (args, context) => {
    const { ground } = context
    const environment = reachEnvironment(context, text(args, 'environmentId'))
    const [instance] = instancesOf(ground, text(args, 'serviceId'), environment.id)
    if (instance === undefined) throw problem('ServiceInstance not found', 'NOT_FOUND')
    deploy(ground, { ...instance, projectId: environment.projectId }, imageOf(instance))
    return { value: true, place: placeOf(ground, environment.projectId, environment.id) }
  },
  deploymentRedeploy: (args, context) => {
    const before = reachDeployment(args, context)
    const value = deploy(context.ground, before, before.image)
    return { value, place: placeOf(context.ground, before.projectId, before.environmentId) }
  },
  deploymentRestart: changeDeployment((row) => row),
  deploymentRollback: (args, context) => {
    const before = reachDeployment(args, context)
    deploy(context.ground, before, before.image)
    const place = placeOf(context.ground, before.projectId, before.environmentId)
    return { value: true, place }
  },
  deploymentStop: changeDeployment((row) => ({ ...row, stopped: true })),
  deploymentRemove: changeDeployment((row) => ({ ...row, stopped: true, status: 'REMOVED' })),
}

function instancesOf(
  ground: Ground,
  serviceId: string,
  environmentId: string | null,
): readonly ServiceInstanceRow[] {
  return ground.world.serviceInstances.where(
    (row) =>
      row.serviceId === serviceId &&
      (environmentId === null || row.environmentId === environmentId),
  )
}

function imageOf({ settings }: ServiceInstanceRow): string | null {
  return maybeText(settings, 'image')
}

function deploy(
  ground: Ground,
  at: { readonly projectId: string; readonly environmentId: string; readonly serviceId: string },
  image: string | null,
): DeploymentRow {
  const { projectId, environmentId, serviceId } = at
  const now = isoNow(ground)
  return ground.world.deployments.put({
    id: ground.newId('deployment'),
    createdAt: now,
    updatedAt: now,
    projectId,
    environmentId,
    serviceId,
    status: 'SUCCESS',
    stopped: false,
    image,
  })
}

function reachDeployment(args: Args, context: Context): DeploymentRow {
  reachAnything(context)
  const deployment = context.ground.world.deployments.get(text(args, 'id'))
  if (deployment === null) throw problem('Deployment not found', 'NOT_FOUND')
  reachEnvironment(context, deployment.environmentId)
  return deployment
}

function changeDeployment(next: (row: DeploymentRow) => DeploymentRow): Mutate {
  return (args, context) => {
    const { ground } = context
    const before = reachDeployment(args, context)
    ground.world.deployments.put({ ...next(before), updatedAt: isoNow(ground) })
    return { value: true, place: placeOf(ground, before.projectId, before.environmentId) }
  }
}
