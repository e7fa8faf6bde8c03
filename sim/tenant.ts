/** The sample tenant: Kestrel Cars, whose staging and production share one volume id, with the backups inside it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { namedId } from './ids.ts'
import type { Ground } from './railway/ground.ts'
import { startRailway, type RailwayOptions, type RehearsalRailway } from './railway/railway.ts'
import type { TokenRow } from './railway/rows.ts'
import { putVariable } from './railway/variable.ts'
import { writeShop, type ShopSize } from './shop.ts'

export { rows } from './shop.ts'

const id = (name: string): string => namedId(`kestrel/${name}`)

/** Ids of everything in the tenant; the same in every run. */
export const kestrel = {
  workspaceId: id('workspace'),
  userId: id('user'),
  projectId: id('project'),
  productionId: id('environment/production'),
  stagingId: id('environment/staging'),
  databaseId: id('service/postgres'),
  webId: id('service/web'),
  /** One id in both environments: deleting it takes both instances. */
  volumeId: id('volume/shop'),
  productionInstanceId: id('instance/shop/production'),
  stagingInstanceId: id('instance/shop/staging'),
  /** A second volume that only staging has: harmless work on volumes exists. */
  scratchVolumeId: id('volume/scratch'),
  scratchInstanceId: id('instance/scratch/staging'),
  newestBackupId: id('backup/1'),
  olderBackupId: id('backup/2'),
  oldestBackupId: id('backup/3'),
  bucketId: id('bucket/photos'),
  customDomainId: id('domain/book'),
  scheduleId: id('schedule/daily'),
  deploymentId: id('deployment/web/production'),
  /** Names of the tokens, for `token(name)`. The first was made to manage domains and can do everything. */
  tokens: {
    domains: 'domains-script',
    founder: 'founder-laptop',
    workspace: 'ci-workspace',
    staging: 'staging-deploy',
  },
} as const

const full: ShopSize = { customers: 800, vehicles: 140, bookings: 2_400 }
const small: ShopSize = { customers: 40, vehicles: 12, bookings: 120 }
const lastDay = '2026-04-24T00:00:00.000Z'
const daysBefore = (days: number): string =>
  new Date(Date.parse(lastDay) - days * 86_400_000).toISOString()
/** Name, id and age in days of each backup; all of them lie inside production's instance. */
const backups = [
  ['daily', kestrel.newestBackupId, 1],
  ['weekly', kestrel.olderBackupId, 6],
  ['before the move', kestrel.oldestBackupId, 90],
] as const

/** Starts the platform with the tenant in it (or carries on what is in `dir`). */
export function startKestrel(options: Omit<RailwayOptions, 'seed'>): Promise<RehearsalRailway> {
  return startRailway({ ...options, seed: seedKestrel })
}

/** Fills an empty platform with the tenant: rows, and bytes on disk. */
export function seedKestrel(ground: Ground): void {
  const { world } = ground
  const made = { createdAt: daysBefore(400), updatedAt: daysBefore(400) }
  const { workspaceId, projectId } = kestrel
  world.users.put({ id: kestrel.userId, ...made, name: 'Robin', email: 'robin@kestrel.example' })
  world.workspaces.put({ id: workspaceId, ...made, name: 'Kestrel Cars' })
  world.projects.put({
    id: projectId,
    ...made,
    name: 'kestrel-cars',
    description: 'bookings, vehicles, customers, payments',
    workspaceId,
    isPublic: false,
    prDeploys: false,
    baseEnvironmentId: kestrel.productionId,
    deletedAt: null,
  })
  for (const [name, environmentId] of environments)
    world.environments.put({
      id: environmentId,
      ...made,
      projectId,
      name,
      isEphemeral: false,
      sourceEnvironmentId: name === 'staging' ? kestrel.productionId : null,
    })
  seedServices(ground)
  seedVolumes(ground)
  seedBucket(ground)
  seedTokens(ground)
}

const environments = [
  ['production', kestrel.productionId],
  ['staging', kestrel.stagingId],
] as const

function seedServices(ground: Ground): void {
  const { world } = ground
  const { projectId } = kestrel
  const made = { createdAt: daysBefore(400), updatedAt: daysBefore(30) }
  const services = [
    ['postgres', kestrel.databaseId, 'postgres:16'],
    ['web', kestrel.webId, 'registry.example/kestrel/web:1.41'],
  ] as const
  for (const [name, serviceId, image] of services) {
    world.services.put({ id: serviceId, ...made, projectId, name, icon: null })
    for (const [environment, environmentId] of environments) {
      const at = { ...made, serviceId, environmentId }
      world.serviceInstances.put({
        id: id(`serviceInstance/${name}/${environment}`),
        ...at,
        settings: { image },
      })
      world.deployments.put({
        id: id(`deployment/${name}/${environment}`),
        ...at,
        projectId,
        status: 'SUCCESS',
        stopped: false,
        image,
      })
    }
  }
  for (const [environment, environmentId] of environments) {
    const secret = (name: string): string => namedId(`kestrel/secret/${environment}/${name}`)
    const owner = { projectId, environmentId, serviceId: kestrel.databaseId }
    putVariable(ground, owner, 'POSTGRES_PASSWORD', secret('postgres'))
    const web = { ...owner, serviceId: kestrel.webId }
    putVariable(ground, web, 'DATABASE_URL', `postgres://kestrel:${secret('postgres')}@db/kestrel`)
    putVariable(ground, web, 'STRIPE_SECRET_KEY', `not-a-key-${secret('stripe')}`)
    putVariable(ground, web, 'LOG_LEVEL', 'info')
  }
  world.domains.put({
    id: kestrel.customDomainId,
    ...made,
    kind: 'custom',
    domain: 'book.kestrel.example',
    projectId,
    environmentId: kestrel.productionId,
    serviceId: kestrel.webId,
    targetPort: 8080,
  })
}

function seedVolumes(ground: Ground): void {
  const { world, disk } = ground
  const { projectId } = kestrel
  const createdAt = daysBefore(400)
  world.volumes.put({ id: kestrel.volumeId, createdAt, projectId, name: 'shop-data' })
  world.volumes.put({ id: kestrel.scratchVolumeId, createdAt, projectId, name: 'scratch' })
  const instances = [
    [kestrel.productionInstanceId, kestrel.volumeId, kestrel.productionId, kestrel.databaseId],
    [kestrel.stagingInstanceId, kestrel.volumeId, kestrel.stagingId, kestrel.databaseId],
    [kestrel.scratchInstanceId, kestrel.scratchVolumeId, kestrel.stagingId, kestrel.webId],
  ] as const
  for (const [instanceId, volumeId, environmentId, serviceId] of instances) {
    disk.makeVolume(instanceId)
    world.volumeInstances.put({
      id: instanceId,
      createdAt,
      volumeId,
      environmentId,
      serviceId,
      mountPath: volumeId === kestrel.volumeId ? '/var/lib/postgresql/data' : '/scratch',
      region: 'europe-west4',
      sizeMB: 50_000,
      state: 'READY',
    })
  }
  for (const [name, backupId, age] of backups.toReversed()) {
    writeShop(disk.volumePath(kestrel.productionInstanceId), full, new Date(daysBefore(age)))
    disk.backUp(kestrel.productionInstanceId, backupId)
    world.backups.put({
      id: backupId,
      createdAt: daysBefore(age),
      volumeInstanceId: kestrel.productionInstanceId,
      name,
      expiresAt: null,
      scheduleId: name === 'daily' ? kestrel.scheduleId : null,
      creatorId: null,
    })
  }
  world.schedules.put({
    id: kestrel.scheduleId,
    createdAt,
    volumeInstanceId: kestrel.productionInstanceId,
    kind: 'DAILY',
  })
  writeShop(disk.volumePath(kestrel.productionInstanceId), full, new Date(lastDay))
  writeShop(disk.volumePath(kestrel.stagingInstanceId), small, new Date(lastDay))
  writeFileSync(join(disk.volumePath(kestrel.scratchInstanceId), 'notes.txt'), 'nothing to keep\n')
}

function seedBucket({ world, disk }: Ground): void {
  const made = { createdAt: daysBefore(200), updatedAt: daysBefore(200) }
  const { bucketId, projectId } = kestrel
  world.buckets.put({ id: bucketId, ...made, projectId, name: 'vehicle-photos' })
  for (const [environment, environmentId] of environments) {
    const instanceId = id(`bucketInstance/photos/${environment}`)
    disk.makeBucket(instanceId)
    mkdirSync(join(disk.bucketPath(instanceId), 'vehicles'), { recursive: true })
    writeFileSync(join(disk.bucketPath(instanceId), 'vehicles', 'V100.txt'), `${environment}\n`)
    world.bucketInstances.put({
      id: instanceId,
      createdAt: made.createdAt,
      bucketId,
      environmentId,
      accessKeyId: id(`accessKey/${environment}`),
      secretAccessKey: id(`secretKey/${environment}`),
    })
  }
}

function seedTokens({ world }: Ground): void {
  const { tokens, workspaceId, projectId, stagingId } = kestrel
  const nowhere = { workspaceId: null, projectId: null, environmentId: null }
  const rows: readonly Pick<
    TokenRow,
    'kind' | 'name' | 'workspaceId' | 'projectId' | 'environmentId'
  >[] = [
    { ...nowhere, kind: 'account', name: tokens.domains },
    { ...nowhere, kind: 'account', name: tokens.founder },
    { ...nowhere, kind: 'workspace', name: tokens.workspace, workspaceId },
    {
      kind: 'project',
      name: tokens.staging,
      workspaceId: null,
      projectId,
      environmentId: stagingId,
    },
  ]
  for (const row of rows)
    world.tokens.put({
      ...row,
      id: id(`token/${row.name}`),
      createdAt: daysBefore(120),
      secret: id(`secret/${row.name}`),
    })
}
