/** The root query fields: what can be read, and with which token. */
import {
  mayEnvironment,
  reachAccount,
  reachAnything,
  reachEnvironment,
  reachInstance,
  reachProject,
  reachService,
  reachWorkspace,
} from './access.ts'
import { bag, maybeFlag, maybeText, text, texts, type Args } from './args.ts'
import { domainsOf, environmentsOf, projectsOf } from './fields.ts'
import { isoNow, problem, type Ask, type Context } from './ground.ts'
import { page } from './page.ts'
import type { AuditRow, BucketInstanceRow, DeploymentRow, PatchRow } from './rows.ts'
import { variablesOf } from './variable.ts'

const same = <T>(row: T): T => row

export const queries: Readonly<Record<string, Ask>> = {
  me: (_, context) => {
    reachAccount(context)
    return context.ground.world.users.all()[0] ?? null
  },
  workspace: (args, context) => reachWorkspace(context, text(args, 'workspaceId')),
  projects: (args, context) => {
    reachAnything(context)
    const workspaceId = maybeText(args, 'workspaceId')
    const rows = projectsOf(context).filter(
      (row) => workspaceId === null || row.workspaceId === workspaceId,
    )
    return page(rows, args, same)
  },
  projectsByIds: (args, context) =>
    texts(args, 'ids').map((id) => reachProject(context, id, 'see')),
  project: (args, context) => reachProject(context, text(args, 'id'), 'see'),
  environments: (args, context) => {
    const { id } = reachProject(context, text(args, 'projectId'), 'see')
    return page(environmentsOf(context, id, args), args, same)
  },
  environment: (args, context) => reachEnvironment(context, text(args, 'id')),
  environmentStagedChanges: (args, context) =>
    stagedOf(context, reachEnvironment(context, text(args, 'environmentId')).id),
  environmentPatches: (args, context) => {
    const { id } = reachEnvironment(context, text(args, 'environmentId'))
    const rows = context.ground.world.patches.where(
      (row) => row.environmentId === id && row.status === 'COMMITTED',
    )
    return page(rows.toReversed(), args, same)
  },
  environmentPatch: (args, context) => {
    reachAnything(context)
    const patch = context.ground.world.patches.get(text(args, 'id'))
    if (patch === null) throw problem('Environment patch not found', 'NOT_FOUND')
    reachEnvironment(context, patch.environmentId)
    return patch
  },
  service: (args, context) => reachService(context, text(args, 'id'), 'see'),
  serviceInstance: (args, context) => {
    const environment = reachEnvironment(context, text(args, 'environmentId'))
    const [instance] = context.ground.world.serviceInstances.where(
      (row) => row.serviceId === text(args, 'serviceId') && row.environmentId === environment.id,
    )
    if (instance === undefined) throw problem('ServiceInstance not found', 'NOT_FOUND')
    return instance
  },
  deployments: (args, context) => {
    reachAnything(context)
    return page(deploymentsFor(context, bag(args, 'input')), args, same)
  },
  deployment: (args, context) => {
    reachAnything(context)
    const deployment = context.ground.world.deployments.get(text(args, 'id'))
    if (deployment === null) throw problem('Deployment not found', 'NOT_FOUND')
    reachEnvironment(context, deployment.environmentId)
    return deployment
  },
  variables: (args, context) => {
    const environment = reachEnvironment(context, text(args, 'environmentId'))
    const owner = {
      projectId: environment.projectId,
      environmentId: environment.id,
      serviceId: maybeText(args, 'serviceId'),
    }
    return Object.fromEntries(
      variablesOf(context.ground, owner).map((row) => [row.name, row.value]),
    )
  },
  variablesForServiceDeployment: (args, context) => {
    const environment = reachEnvironment(context, text(args, 'environmentId'))
    const [projectId, environmentId] = [environment.projectId, environment.id]
    const owners = [null, text(args, 'serviceId')].map((serviceId) => ({
      projectId,
      environmentId,
      serviceId,
    }))
    const rows = owners.flatMap((owner) => variablesOf(context.ground, owner))
    return Object.fromEntries(rows.map((row) => [row.name, row.value]))
  },
  domains: (args, context) => {
    const { id } = reachEnvironment(context, text(args, 'environmentId'))
    return domainsOf(context.ground, text(args, 'serviceId'), id)
  },
  customDomain: (args, context) => {
    reachAnything(context)
    const domain = context.ground.world.domains.get(text(args, 'id'))
    if (domain === null) throw problem('Custom domain not found', 'NOT_FOUND')
    reachEnvironment(context, domain.environmentId)
    return domain
  },
  customDomainAvailable: available,
  serviceDomainAvailable: available,
  volumeInstance: (args, context) => reachInstance(context, text(args, 'id')),
  volumeInstanceBackupList: (args, context) => {
    const { id } = reachInstance(context, text(args, 'volumeInstanceId'))
    return context.ground.world.backups.where((row) => row.volumeInstanceId === id)
  },
  volumeInstanceBackupScheduleList: (args, context) => {
    const { id } = reachInstance(context, text(args, 'volumeInstanceId'))
    return context.ground.world.schedules.where((row) => row.volumeInstanceId === id)
  },
  workflowStatus: (args, context) => {
    reachAnything(context)
    const workflow = context.ground.world.workflows.get(text(args, 'workflowId'))
    return workflow ?? { status: 'NotFound', error: null }
  },
  bucketS3Credentials: (args, context) => {
    const instance = bucketInstance(args, context)
    return instance === null ? [] : [s3Credentials(context, instance)]
  },
  bucketInstanceDetails: (args, context) => {
    const instance = bucketInstance(args, context)
    if (instance === null) return null
    const { objects, bytes } = context.ground.disk.bucketContents(instance.id)
    return { objectCount: objects, sizeBytes: bytes }
  },
  apiToken: (_, context) => {
    const caller = reachAnything(context)
    if (caller.kind === 'project') throw problem('Not Authorized')
    const rows = context.ground.world.workspaces.all()
    return {
      workspaces: rows.filter(({ id }) => caller.kind === 'account' || caller.workspaceId === id),
    }
  },
  apiTokens: (args, context) => {
    reachAccount(context)
    const rows = context.ground.world.tokens.where(({ kind }) => kind !== 'project')
    return page(rows, args, same)
  },
  projectToken: (_, { caller }) => {
    if (caller?.kind !== 'project') throw problem('Project Token not found', 'NOT_FOUND')
    return caller
  },
  projectTokens: (args, context) => {
    const { id } = reachProject(context, text(args, 'projectId'), 'change')
    const rows = context.ground.world.tokens.where((row) => row.projectId === id)
    return page(rows, args, same)
  },
  auditLogs: (args, context) => {
    const { id } = reachWorkspace(context, text(args, 'workspaceId'))
    const rows = context.ground.world.audit.where(
      (row) => row.workspaceId === id && matches(row, bag(args, 'filter')),
    )
    return page(maybeText(args, 'sort') === 'asc' ? rows : rows.toReversed(), args, same)
  },
  auditLog: (args, context) => {
    const { id } = reachWorkspace(context, text(args, 'workspaceId'))
    const row = context.ground.world.audit.get(text(args, 'id'))
    if (row?.workspaceId !== id) throw problem('Audit log not found', 'NOT_FOUND')
    return row
  },
}

/** The one staged patch of an environment; an empty one where nothing is staged. */
export function stagedOf({ ground }: Context, environmentId: string): PatchRow {
  const [staged] = ground.world.patches.where(
    (row) => row.environmentId === environmentId && row.status === 'STAGED',
  )
  const now = isoNow(ground)
  return (
    staged ?? {
      id: ground.newId('patch'),
      createdAt: now,
      updatedAt: now,
      environmentId,
      patch: {},
      status: 'STAGED',
      message: null,
      appliedAt: null,
    }
  )
}

/** The keys of a bucket in one environment, as a client of it needs them. */
export function s3Credentials({ ground }: Context, instance: BucketInstanceRow): unknown {
  const { accessKeyId, secretAccessKey, createdAt, bucketId } = instance
  return {
    accessKeyId,
    secretAccessKey,
    createdAt,
    bucketName: ground.world.buckets.get(bucketId)?.name ?? bucketId,
    endpoint: 'https://storage.rehearsal.example',
    region: 'auto',
    urlStyle: 'virtual',
  }
}

/** The bucket in the environment that the arguments name, or null. */
export function bucketInstance(args: Args, context: Context): BucketInstanceRow | null {
  const environment = reachEnvironment(context, text(args, 'environmentId'))
  const bucketId = text(args, 'bucketId')
  const rows = context.ground.world.bucketInstances.where(
    (row) => row.bucketId === bucketId && row.environmentId === environment.id,
  )
  return rows[0] ?? null
}

function available(args: Args, context: Context): unknown {
  reachAnything(context)
  const domain = text(args, 'domain').toLowerCase()
  const taken = context.ground.world.domains.where((row) => row.domain === domain).length > 0
  return { available: !taken, message: taken ? 'Domain is taken' : 'Domain is available' }
}

function deploymentsFor(context: Context, input: Args): readonly DeploymentRow[] {
  const wanted = (name: 'projectId' | 'environmentId' | 'serviceId', row: DeploymentRow): boolean =>
    maybeText(input, name) === null || maybeText(input, name) === row[name]
  return context.ground.world.deployments.where((row) => {
    const environment = context.ground.world.environments.get(row.environmentId)
    const may = environment !== null && mayEnvironment(context, environment)
    const listed = row.status !== 'REMOVED' || maybeFlag(input, 'includeDeleted') === true
    const fits =
      wanted('projectId', row) && wanted('environmentId', row) && wanted('serviceId', row)
    return may && listed && fits && hasStatus(row, bag(input, 'status'))
  })
}

function hasStatus({ status }: DeploymentRow, filter: Args): boolean {
  const wanted = texts(filter, 'in')
  return (
    (wanted.length === 0 || wanted.includes(status)) && !texts(filter, 'notIn').includes(status)
  )
}

function matches(row: AuditRow, filter: Args): boolean {
  const types = texts(filter, 'eventTypes')
  const [from, to] = [maybeText(filter, 'startDate'), maybeText(filter, 'endDate')]
  const at = Date.parse(row.createdAt)
  const scope = (['projectId', 'environmentId'] as const).every(
    (name) => maybeText(filter, name) === null || maybeText(filter, name) === row[name],
  )
  const inTime = (from === null || at >= Date.parse(from)) && (to === null || at <= Date.parse(to))
  return scope && inTime && (types.length === 0 || types.includes(row.eventType))
}
