/** Volumes and their backups: which instances go, in which environments, and which ways back stay. */
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Operation } from '../../core/operation.ts'
import { listAt, textAt } from './answers.ts'
import { judgedAgain } from './judge.ts'
import { questions } from './questions.ts'
import { backupResource, instanceResource, touching, withBackups, withRadius } from './radius.ts'
import { items, lacks, member, text } from './row.ts'
import type { Found } from './radius.ts'
import { detached, schedulesEnded } from './volume-rows.ts'
import type { InstanceFacts, World } from './world.ts'

/** The radius of an operation on a volume; null for any other operation. */
export function surveyVolume(world: World, operation: Operation): Promise<Found> | null {
  switch (operation.name) {
    case 'volumeDelete':
      return withRadius(operation, deletion(world, text(operation.parameters['volumeId'])))
    case 'volumeInstanceUpdate':
      return instanceUpdate(world, operation)
    case 'volumeInstanceBackupDelete':
      return withRadius(operation, backupDelete(world, operation))
    case 'volumeInstanceBackupRestore':
      return withRadius(operation, backupRestore(world, operation))
    case 'volumeInstanceBackupScheduleUpdate':
      return scheduleUpdate(world, operation)
    default:
      return null
  }
}

async function deletion(world: World, volumeId: string): Promise<BlastRadius> {
  return await everywhere(world, await withBackups(world, await world.volume(volumeId)))
}

/** Which instances: those of the named environment, or all. A volume that belongs to another service is taken from it. */
async function instanceUpdate(world: World, operation: Operation): Promise<Found> {
  const args = operation.parameters
  const all = await world.volume(text(args['volumeId']))
  const named = text(args['environmentId'])
  const instances = lacks(args, 'environmentId')
    ? all
    : all.filter(({ environmentId }) => environmentId === named)
  if (instances.length === 0) throw world.notFound('volume instance')
  const deletes = operation.kinds.includes('data')
  const radius = deletes
    ? await withBackups(world, instances)
    : touching(instances.map(({ environmentId }) => environmentId))
  return {
    operation: takenAway(operation, instances),
    radius: lacks(args, 'environmentId') ? await everywhere(world, radius) : radius,
  }
}

/** What takes a volume in every environment is not known by a credential that sees one of them. */
async function everywhere(world: World, radius: BlastRadius): Promise<BlastRadius> {
  if (await world.seesEverywhere()) return radius
  const why =
    'the credential in custody is shown one environment, and the volume may stand in others'
  return { ...radius, known: false, unknown: [...radius.unknown, why] }
}

function takenAway(operation: Operation, instances: readonly InstanceFacts[]): Operation {
  const service = text(member(operation.parameters['input'], 'serviceId'))
  const taken = instances.some(({ serviceId }) => serviceId !== null && serviceId !== service)
  return service !== '' && taken ? judgedAgain(operation, [detached]) : operation
}

async function backupDelete(world: World, operation: Operation): Promise<BlastRadius> {
  const args = operation.parameters
  const instance = await world.instance(text(args['volumeInstanceId']))
  const backups = await world.backups(instance.id)
  const id = text(args['volumeInstanceBackupId'])
  const shown = backups.map((backup) => backupResource(world.target, backup, instance))
  if (shown.every((backup) => backup.id !== id)) throw world.notFound('backup')
  return {
    ...touching([instance.environmentId]),
    backups: shown.filter((backup) => backup.id === id),
    left: shown.filter((backup) => backup.id !== id),
  }
}

/** The present state goes, and the backups that are newer than the one that comes back. */
async function backupRestore(world: World, operation: Operation): Promise<BlastRadius> {
  const args = operation.parameters
  const instance = await world.instance(text(args['volumeInstanceId']))
  const backups = await world.backups(instance.id)
  const restored = backups.find(({ id }) => id === args['volumeInstanceBackupId'])
  if (restored === undefined) throw world.notFound('backup')
  const isNewer = (createdAt: string): boolean => createdAt > restored.createdAt
  const shown = (newer: boolean): BlastRadius['backups'] =>
    backups
      .filter(({ createdAt }) => isNewer(createdAt) === newer)
      .map((backup) => backupResource(world.target, backup, instance))
  const services = [...items(args['wipeServiceIds']), ...items(args['replicaServiceIds'])]
  const others = (await world.instances(instance.projectId)).filter(
    (other) =>
      other.id !== instance.id &&
      other.environmentId === instance.environmentId &&
      other.serviceId !== null &&
      services.includes(other.serviceId),
  )
  const along = await withBackups(world, others)
  return {
    ...touching([instance.environmentId]),
    resources: [instanceResource(world.target, instance), ...along.resources],
    backups: [...shown(true), ...along.backups],
    left: shown(false),
  }
}

/** A kind that is scheduled today and is not in the new set ends. */
async function scheduleUpdate(world: World, operation: Operation): Promise<Found> {
  const args = operation.parameters
  const instance = await world.instance(text(args['volumeInstanceId']))
  const answer = await world.ask(questions.schedules, { id: instance.id })
  const kept = items(args['kinds'])
  const ends = listAt(answer, 'volumeInstanceBackupScheduleList').some(
    (schedule) => !kept.includes(textAt(schedule, 'kind')),
  )
  const narrows = ends && !operation.kinds.includes('guard')
  return {
    operation: narrows ? judgedAgain(operation, [schedulesEnded]) : operation,
    radius: touching([instance.environmentId]),
  }
}
