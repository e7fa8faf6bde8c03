/** Mutations of volumes and their backups: the ones that lose data for good. */
import {
  projectOf,
  reachBackup,
  reachEnvironment,
  reachInstance,
  reachProject,
  reachService,
  reachVolume,
} from './access.ts'
import { bag, maybeText, text, texts, type Args } from './args.ts'
import {
  isoNow,
  placeOf,
  problem,
  type Change,
  type Context,
  type Ground,
  type Mutate,
} from './ground.ts'
import { loseBackup, loseInstance, loseVolume } from './lose.ts'
import type { BackupRow, ScheduleKind, VolumeInstanceRow, VolumeState } from './rows.ts'

const defaultSizeMB = 5_000

export const volumeChanges: Readonly<Record<string, Mutate>> = {
  /** Without an environment the volume gets an instance in each of them. */
  volumeCreate: (args, context) => {
    const { ground } = context
    const input = bag(args, 'input')
    const only = maybeText(input, 'environmentId')
    const need = only === null ? 'change' : 'see'
    const project = reachProject(context, text(input, 'projectId'), need)
    const serviceId = maybeText(input, 'serviceId')
    if (only !== null) reachEnvironment(context, only)
    if (serviceId !== null) reachService(context, serviceId, need)
    const now = isoNow(ground)
    const volumeId = ground.newId('volume')
    const volume = ground.world.volumes.put({
      id: volumeId,
      createdAt: now,
      projectId: project.id,
      name: `volume-${volumeId.slice(0, 6)}`,
    })
    const environments = ground.world.environments.where(
      (row) => row.projectId === project.id && (only === null || row.id === only),
    )
    for (const { id: environmentId } of environments)
      addInstance(ground, {
        id: ground.newId('volumeInstance'),
        createdAt: now,
        volumeId,
        environmentId,
        serviceId,
        mountPath: text(input, 'mountPath'),
        region: maybeText(input, 'region'),
        sizeMB: defaultSizeMB,
        state: 'READY',
      })
    return { value: volume, place: placeOf(ground, project.id, only) }
  },
  volumeUpdate: (args, context) => {
    const { ground } = context
    const before = reachVolume(context, text(args, 'volumeId'))
    const name = maybeText(bag(args, 'input'), 'name') ?? before.name
    const value = ground.world.volumes.put({ ...before, name })
    return { value, place: placeOf(ground, before.projectId) }
  },
  /** Takes no environment: every instance goes, and the backups in each. */
  volumeDelete: (args, context) => {
    const { id, projectId } = reachVolume(context, text(args, 'volumeId'))
    loseVolume(context.ground, id)
    return { value: true, place: placeOf(context.ground, projectId) }
  },
  /** Without an environment all instances change; without a service they are detached. */
  volumeInstanceUpdate: (args, context) => {
    const { ground } = context
    const environmentId = maybeText(args, 'environmentId')
    const instances = instancesFor(context, text(args, 'volumeId'), environmentId)
    const input = bag(args, 'input')
    const serviceId = maybeText(input, 'serviceId')
    if (serviceId !== null) reachService(context, serviceId, 'see')
    const place = placeOf(
      ground,
      projectOf(ground, instances[0]?.environmentId ?? ''),
      environmentId,
    )
    for (const row of instances) updateInstance(ground, row, input)
    return { value: true, place }
  },
  volumeInstanceBackupCreate: (args, context) => {
    const { ground } = context
    const instance = reachInstance(context, text(args, 'volumeInstanceId'))
    const id = ground.newId('backup')
    ground.disk.backUp(instance.id, id)
    ground.world.backups.put({
      id,
      createdAt: isoNow(ground),
      volumeInstanceId: instance.id,
      name: maybeText(args, 'name') ?? 'Manual',
      expiresAt: null,
      scheduleId: null,
      creatorId: context.caller?.id ?? null,
    })
    return worked(ground, instance)
  },
  /** A locked backup goes as well: locking only takes its expiry away. */
  volumeInstanceBackupDelete: (args, context) => {
    const { instance, backup } = backupFor(args, context)
    loseBackup(context.ground, backup.id)
    return worked(context.ground, instance)
  },
  volumeInstanceBackupLock: (args, context) => {
    const { instance, backup } = backupFor(args, context)
    context.ground.world.backups.put({ ...backup, expiresAt: null })
    return { ...worked(context.ground, instance), value: true }
  },
  /** The data is overwritten, backups newer than the restored one go, and so do the named services' volumes. */
  volumeInstanceBackupRestore: (args, context) => {
    const { ground } = context
    const { instance, backup } = backupFor(args, context)
    ground.disk.restore(instance.id, backup.id)
    const newer = ground.world.backups.where(
      (row) => row.volumeInstanceId === instance.id && row.createdAt > backup.createdAt,
    )
    for (const { id } of newer) loseBackup(ground, id)
    for (const serviceId of texts(args, 'wipeServiceIds'))
      for (const other of siblings(ground, instance, serviceId)) ground.disk.wipe(other.id)
    return worked(ground, instance)
  },
  volumeInstanceBackupScheduleUpdate: (args, context) => {
    const { ground } = context
    const instance = reachInstance(context, text(args, 'volumeInstanceId'))
    const wanted = texts(args, 'kinds')
    const own = ground.world.schedules.where(
      ({ volumeInstanceId }) => volumeInstanceId === instance.id,
    )
    for (const { id, kind } of own) if (!wanted.includes(kind)) ground.world.schedules.remove(id)
    for (const kind of scheduleKinds)
      if (wanted.includes(kind) && !own.some((row) => row.kind === kind))
        ground.world.schedules.put({
          id: ground.newId('schedule'),
          createdAt: isoNow(ground),
          volumeInstanceId: instance.id,
          kind,
        })
    return { ...worked(ground, instance), value: true }
  },
}

const scheduleKinds: readonly ScheduleKind[] = ['DAILY', 'WEEKLY', 'MONTHLY']
const states: readonly VolumeState[] = [
  'DELETED',
  'DELETING',
  'ERROR',
  'MIGRATING',
  'MIGRATION_PENDING',
  'READY',
  'RESTORING',
  'UPDATING',
]

function addInstance(ground: Ground, row: VolumeInstanceRow): void {
  ground.disk.makeVolume(row.id)
  ground.world.volumeInstances.put(row)
}

function instancesFor(
  context: Context,
  volumeId: string,
  environmentId: string | null,
): readonly VolumeInstanceRow[] {
  if (environmentId === null) reachVolume(context, volumeId)
  else reachEnvironment(context, environmentId)
  const rows = context.ground.world.volumeInstances.where(
    (row) =>
      row.volumeId === volumeId && (environmentId === null || row.environmentId === environmentId),
  )
  if (rows.length === 0) throw problem('Volume instance not found', 'NOT_FOUND')
  return rows
}

function updateInstance(ground: Ground, row: VolumeInstanceRow, input: Args): void {
  const asked = maybeText(input, 'state')
  const state = states.find((known) => known === asked) ?? row.state
  if (state === 'DELETED' || state === 'DELETING') return loseInstance(ground, row.id)
  ground.world.volumeInstances.put({
    ...row,
    state,
    mountPath: maybeText(input, 'mountPath') ?? row.mountPath,
    serviceId: maybeText(input, 'serviceId'),
  })
}

function backupFor(
  args: Args,
  context: Context,
): { readonly instance: VolumeInstanceRow; readonly backup: BackupRow } {
  const instance = reachInstance(context, text(args, 'volumeInstanceId'))
  const backup = reachBackup(context, instance.id, text(args, 'volumeInstanceBackupId'))
  return { instance, backup }
}

/** Volumes of another service in the same environment. */
function siblings(
  ground: Ground,
  instance: VolumeInstanceRow,
  serviceId: string,
): readonly VolumeInstanceRow[] {
  return ground.world.volumeInstances.where(
    (row) =>
      row.id !== instance.id &&
      row.environmentId === instance.environmentId &&
      row.serviceId === serviceId,
  )
}

function worked(ground: Ground, instance: VolumeInstanceRow): Change {
  const id = ground.newId('workflow')
  ground.world.workflows.put({ id, createdAt: isoNow(ground), status: 'Complete', error: null })
  const place = placeOf(ground, projectOf(ground, instance.environmentId), instance.environmentId)
  return { value: { workflowId: id }, place }
}
