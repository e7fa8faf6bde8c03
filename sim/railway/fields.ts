/** The fields that are more than a column of their row: what hangs on a project, an environment, a service, a volume. */
import { createHash } from 'node:crypto'
import { mayEnvironment, mayProject } from './access.ts'
import { maybeFlag, maybeText, type Args } from './args.ts'
import { configOf } from './config.ts'
import { problem, type Context, type Ground } from './ground.ts'
import { page } from './page.ts'
import type {
  AuditRow,
  BackupRow,
  BucketRow,
  DeploymentRow,
  DomainRow,
  EnvironmentRow,
  PatchRow,
  ProjectRow,
  ScheduleKind,
  ScheduleRow,
  ServiceInstanceRow,
  ServiceRow,
  TokenRow,
  UserRow,
  VolumeInstanceRow,
  VolumeRow,
  WorkspaceRow,
} from './rows.ts'

/** Resolvers of one type; any other is the row's own column, or null. */
export type Fields<T> = Readonly<Record<string, (row: T, args: Args, context: Context) => unknown>>

const same = <T>(row: T): T => row
const megabytes = (bytes: number): number => bytes / 1_000_000

export const userFields: Fields<UserRow> = {
  username: ({ email }) => email.split('@')[0],
  isAdmin: () => false,
  workspaces: (_, __, { ground }) => ground.world.workspaces.all(),
  projects: (_, args, { ground }) => page(ground.world.projects.all(), args, same),
}

export const workspaceFields: Fields<WorkspaceRow> = {
  plan: () => 'PRO',
  updatedAt: ({ createdAt }) => createdAt,
  projects: ({ id }, args, { ground }) =>
    page(
      ground.world.projects.where(({ workspaceId }) => workspaceId === id),
      args,
      same,
    ),
}

export const projectFields: Fields<ProjectRow> = {
  workspace: ({ workspaceId }, _, { caller, ground }) =>
    caller?.kind === 'project' ? null : ground.world.workspaces.get(workspaceId),
  environments: ({ id }, args, context) => page(environmentsOf(context, id, args), args, same),
  services: ({ id }, args, { ground }) =>
    page(
      ground.world.services.where(({ projectId }) => projectId === id),
      args,
      same,
    ),
  volumes: ({ id }, args, { ground }) =>
    page(
      ground.world.volumes.where(({ projectId }) => projectId === id),
      args,
      same,
    ),
  buckets: ({ id }, args, { ground }) =>
    page(
      ground.world.buckets.where(({ projectId }) => projectId === id),
      args,
      same,
    ),
}

/** The environments of a project that the caller may see. */
export function environmentsOf(
  context: Context,
  projectId: string,
  args: Args,
): readonly EnvironmentRow[] {
  const ephemeral = maybeFlag(args, 'isEphemeral')
  const rows = context.ground.world.environments.where(
    (row) =>
      row.projectId === projectId &&
      mayEnvironment(context, row) &&
      (ephemeral === null || row.isEphemeral === ephemeral),
  )
  return maybeText(args, 'sort') === 'desc' ? rows.toReversed() : rows
}

export const environmentFields: Fields<EnvironmentRow> = {
  config: ({ id }, _, { ground }) => configOf(ground, id),
  configEtag: ({ id }, _, { ground }) => etagOf(ground, id),
  sourceEnvironment: ({ sourceEnvironmentId }, _, { ground }) =>
    ground.world.environments.get(sourceEnvironmentId ?? ''),
  serviceInstances: ({ id }, args, { ground }) =>
    page(ground.world.serviceInstances.where(inEnvironment(id)), args, same),
  volumeInstances: ({ id }, args, { ground }) =>
    page(ground.world.volumeInstances.where(inEnvironment(id)), args, same),
  variables: ({ id }, args, { ground }) =>
    page(ground.world.variables.where(inEnvironment(id)), args, (row) => ({
      ...row,
      isSealed: false,
    })),
  deployments: ({ id }, args, { ground }) =>
    page(ground.world.deployments.where(inEnvironment(id)), args, same),
  unmergedChangesCount: ({ id }, _, { ground }) =>
    ground.world.patches.where((row) => row.environmentId === id && row.status === 'STAGED').length,
}

/** Names the state of an environment's configuration; any change of it gives another. */
export function etagOf(ground: Ground, environmentId: string): string {
  return createHash('sha256')
    .update(JSON.stringify(configOf(ground, environmentId)))
    .digest('hex')
}

export const patchFields: Fields<PatchRow> = {
  environment: ({ environmentId }, _, { ground }) => ground.world.environments.get(environmentId),
}

export const serviceFields: Fields<ServiceRow> = {
  project: ({ projectId }, _, { ground }) => ground.world.projects.get(projectId),
  serviceInstances: ({ id }, args, context) =>
    page(
      context.ground.world.serviceInstances.where(
        (row) => row.serviceId === id && seen(context, row),
      ),
      args,
      same,
    ),
  deployments: ({ id }, args, context) =>
    page(
      context.ground.world.deployments.where((row) => row.serviceId === id && seen(context, row)),
      args,
      same,
    ),
}

export const serviceInstanceFields: Fields<ServiceInstanceRow> = {
  service: ({ serviceId }, _, { ground }) => ground.world.services.get(serviceId),
  serviceName: ({ serviceId }, _, { ground }) => ground.world.services.get(serviceId)?.name,
  source: ({ settings }) => ({
    image: maybeText(settings, 'image'),
    repo: maybeText(settings, 'repo'),
  }),
  startCommand: ({ settings }) => maybeText(settings, 'startCommand'),
  buildCommand: ({ settings }) => maybeText(settings, 'buildCommand'),
  preDeployCommand: ({ settings }) => settings['preDeployCommand'] ?? null,
  cronSchedule: ({ settings }) => maybeText(settings, 'cronSchedule'),
  numReplicas: ({ settings }) => settings['numReplicas'] ?? 1,
  region: ({ settings }) => maybeText(settings, 'region'),
  restartPolicyType: ({ settings }) => settings['restartPolicyType'] ?? 'ON_FAILURE',
  restartPolicyMaxRetries: ({ settings }) => settings['restartPolicyMaxRetries'] ?? 10,
  domains: ({ serviceId, environmentId }, _, { ground }) =>
    domainsOf(ground, serviceId, environmentId),
  latestDeployment: ({ serviceId, environmentId }, _, { ground }) =>
    ground.world.deployments
      .where((row) => row.serviceId === serviceId && row.environmentId === environmentId)
      .at(-1) ?? null,
}

/** Custom and service domains of a service in one environment. */
export function domainsOf(ground: Ground, serviceId: string, environmentId: string): unknown {
  const rows = ground.world.domains.where(
    (row) => row.serviceId === serviceId && row.environmentId === environmentId,
  )
  return {
    customDomains: rows.filter(({ kind }) => kind === 'custom'),
    serviceDomains: rows.filter(({ kind }) => kind === 'service'),
  }
}

export const serviceDomainFields: Fields<DomainRow> = {
  syncStatus: () => 'ACTIVE',
  suffix: () => 'up.rehearsal.example',
}

export const customDomainFields: Fields<DomainRow> = {
  syncStatus: () => 'ACTIVE',
  status: ({ domain }) => ({
    verified: true,
    certificateStatus: 'CERTIFICATE_STATUS_TYPE_VALID',
    verificationToken: null,
    dnsRecords: [
      {
        fqdn: domain,
        hostlabel: domain.split('.')[0],
        zone: domain.split('.').slice(1).join('.'),
        recordType: 'DNS_RECORD_TYPE_CNAME',
        requiredValue: 'edge.rehearsal.example',
        currentValue: 'edge.rehearsal.example',
        purpose: 'DNS_RECORD_PURPOSE_TRAFFIC_ROUTE',
        status: 'DNS_RECORD_STATUS_PROPAGATED',
      },
    ],
  }),
}

export const deploymentFields: Fields<DeploymentRow> = {
  canRedeploy: () => true,
  canRollback: () => true,
  deploymentStopped: ({ stopped }) => stopped,
  meta: ({ image }) => ({ image }),
}

export const volumeFields: Fields<VolumeRow> = {
  project: ({ projectId }, _, { ground }) => ground.world.projects.get(projectId),
  volumeInstances: ({ id }, args, context) =>
    page(
      context.ground.world.volumeInstances.where(
        (row) => row.volumeId === id && seen(context, row),
      ),
      args,
      same,
    ),
}

export const volumeInstanceFields: Fields<VolumeInstanceRow> = {
  volume: ({ volumeId }, _, { ground }) => ground.world.volumes.get(volumeId),
  environment: ({ environmentId }, _, { ground }) => ground.world.environments.get(environmentId),
  service: ({ serviceId }, _, { ground }) => {
    const service = ground.world.services.get(serviceId ?? '')
    if (service === null) throw problem('Service not found', 'NOT_FOUND')
    return service
  },
  externalId: ({ id }) => id,
  isPendingDeletion: () => false,
  currentSizeMB: ({ id }, _, { ground }) => megabytes(ground.disk.totalBytes(id)),
}

export const backupFields: Fields<BackupRow> = {
  externalId: ({ id }) => id,
  usedMB: (row, _, { ground }) => backupMegabytes(ground, row),
  referencedMB: (row, _, { ground }) => backupMegabytes(ground, row),
  volumeInstanceSizeMB: ({ volumeInstanceId }, _, { ground }) =>
    ground.world.volumeInstances.get(volumeInstanceId)?.sizeMB ?? null,
}

const schedules: Readonly<Record<ScheduleKind, readonly [string, number]>> = {
  DAILY: ['0 3 * * *', 6 * 86_400],
  WEEKLY: ['0 3 * * 1', 27 * 86_400],
  MONTHLY: ['0 3 1 * *', 89 * 86_400],
}

export const scheduleFields: Fields<ScheduleRow> = {
  name: ({ kind }) => kind.toLowerCase(),
  cron: ({ kind }) => schedules[kind][0],
  retentionSeconds: ({ kind }) => schedules[kind][1],
}

export const bucketFields: Fields<BucketRow> = {
  project: ({ projectId }, _, { ground }) => ground.world.projects.get(projectId),
}

export const apiTokenFields: Fields<TokenRow> = {
  displayToken: ({ secret }) => `****-${secret.slice(-4)}`,
}

export const projectTokenFields: Fields<TokenRow> = {
  displayToken: ({ secret }) => `****-${secret.slice(-4)}`,
  project: ({ projectId }, _, { ground }) => ground.world.projects.get(projectId ?? ''),
  environment: ({ environmentId }, _, { ground }) =>
    ground.world.environments.get(environmentId ?? ''),
}

export const auditFields: Fields<AuditRow> = {
  project: ({ projectId }, _, { ground }) => ground.world.projects.get(projectId ?? ''),
  environment: ({ environmentId }, _, { ground }) =>
    ground.world.environments.get(environmentId ?? ''),
}

/** Projects the caller may see. */
export function projectsOf(context: Context): readonly ProjectRow[] {
  return context.ground.world.projects.where(({ id }) => mayProject(context, id, 'see'))
}

function seen(context: Context, row: { readonly environmentId: string }): boolean {
  const environment = context.ground.world.environments.get(row.environmentId)
  return environment !== null && mayEnvironment(context, environment)
}

function inEnvironment(id: string): (row: { readonly environmentId: string }) => boolean {
  return ({ environmentId }) => environmentId === id
}

function backupMegabytes({ disk }: Ground, { volumeInstanceId, id }: BackupRow): number {
  return Math.ceil(megabytes(disk.backupBytes(volumeInstanceId, id)))
}
