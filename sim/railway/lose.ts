/** Losing things: each function takes one thing away with everything that hangs on it, rows and bytes, at once. */
import type { Ground } from './ground.ts'

/** The instance, its bytes, and the backups inside it; the volume too when that was its last instance. */
export function loseInstance(ground: Ground, id: string): void {
  const { world, disk } = ground
  const volumeId = world.volumeInstances.get(id)?.volumeId
  disk.dropVolume(id)
  world.volumeInstances.remove(id)
  world.backups.removeWhere((backup) => backup.volumeInstanceId === id)
  world.schedules.removeWhere((schedule) => schedule.volumeInstanceId === id)
  const left = world.volumeInstances.where((instance) => instance.volumeId === volumeId)
  if (volumeId !== undefined && left.length === 0) world.volumes.remove(volumeId)
}

/** The volume in every environment. */
export function loseVolume(ground: Ground, id: string): void {
  const { world } = ground
  for (const instance of world.volumeInstances.where(({ volumeId }) => volumeId === id))
    loseInstance(ground, instance.id)
  world.volumes.remove(id)
}

export function loseBackup(ground: Ground, id: string): void {
  const backup = ground.world.backups.get(id)
  if (backup === null) return
  ground.disk.dropBackup(backup.volumeInstanceId, id)
  ground.world.backups.remove(id)
}

/** A bucket's objects in one environment; the bucket too when that was its last. */
export function loseBucketInstance(ground: Ground, id: string): void {
  const { world, disk } = ground
  const bucketId = world.bucketInstances.get(id)?.bucketId
  disk.dropBucket(id)
  world.bucketInstances.remove(id)
  const left = world.bucketInstances.where((instance) => instance.bucketId === bucketId)
  if (bucketId !== undefined && left.length === 0) world.buckets.remove(bucketId)
}

/** The service in one environment: variables, domains, deployments. Its volumes stay, detached. */
export function loseServiceInstance(
  ground: Ground,
  serviceId: string,
  environmentId: string,
): void {
  const { world } = ground
  const here = (row: { serviceId: string | null; environmentId: string }): boolean =>
    row.serviceId === serviceId && row.environmentId === environmentId
  for (const instance of world.volumeInstances.where(here))
    world.volumeInstances.put({ ...instance, serviceId: null })
  world.serviceInstances.removeWhere(here)
  world.variables.removeWhere(here)
  world.domains.removeWhere(here)
  world.deployments.removeWhere(here)
  const left = world.serviceInstances.where((instance) => instance.serviceId === serviceId)
  if (left.length === 0) world.services.remove(serviceId)
}

/** The service in every environment. */
export function loseService(ground: Ground, id: string): void {
  const { world } = ground
  for (const instance of world.serviceInstances.where(({ serviceId }) => serviceId === id))
    loseServiceInstance(ground, id, instance.environmentId)
  world.services.remove(id)
}

/** The environment with its volume instances, buckets, services, variables and project tokens. */
export function loseEnvironment(ground: Ground, id: string): void {
  const { world } = ground
  const here = (row: { environmentId: string | null }): boolean => row.environmentId === id
  for (const instance of world.volumeInstances.where(here)) loseInstance(ground, instance.id)
  for (const instance of world.bucketInstances.where(here)) loseBucketInstance(ground, instance.id)
  for (const instance of world.serviceInstances.where(here))
    loseServiceInstance(ground, instance.serviceId, id)
  world.variables.removeWhere(here)
  world.patches.removeWhere(here)
  world.tokens.removeWhere(here)
  world.environments.remove(id)
}

/** The project with everything in it. */
export function loseProject(ground: Ground, id: string): void {
  const { world } = ground
  const here = (row: { projectId: string | null }): boolean => row.projectId === id
  for (const environment of world.environments.where(here)) loseEnvironment(ground, environment.id)
  for (const volume of world.volumes.where(here)) loseVolume(ground, volume.id)
  world.services.removeWhere(here)
  world.buckets.removeWhere(here)
  world.tokens.removeWhere(here)
  world.projects.remove(id)
}

/** The workspace, its projects and its tokens. */
export function loseWorkspace(ground: Ground, id: string): void {
  const { world } = ground
  for (const project of world.projects.where(({ workspaceId }) => workspaceId === id))
    loseProject(ground, project.id)
  world.tokens.removeWhere(({ workspaceId }) => workspaceId === id)
  world.workspaces.remove(id)
}

/** The account: every workspace and every token. */
export function loseAccount(ground: Ground): void {
  const { world } = ground
  for (const workspace of world.workspaces.all()) loseWorkspace(ground, workspace.id)
  world.tokens.removeWhere(() => true)
  world.users.removeWhere(() => true)
}

/** Carries out the scheduled deletions whose 48 hours are over; tells how many there were. */
export function loseExpired(ground: Ground): number {
  const due = ground.world.projects.where(
    ({ deletedAt }) => deletedAt !== null && Date.parse(deletedAt) <= ground.now(),
  )
  for (const project of due) loseProject(ground, project.id)
  return due.length
}
