/** Volumes, their backups and buckets: what each mutation does to data and to the ways back. */
import type { JsonObject } from '../../base/json.ts'
import { given, items, lacks, member, when } from './row.ts'
import type { Reason, Rows } from './row.ts'

const keepIt = [
  'ask with preflight what the volume holds and in which environments',
  'detach the volume from its service, which keeps the data, and let a person delete it',
  'take a backup outside the volume first: its own backups are deleted with it',
] as const

/** A volume that leaves its service: the data stays, the service goes on with an empty disk. */
export const detached: Reason = {
  effect: 'destroy',
  kinds: ['guard', 'outage'],
  rule: 'volume-detached',
  why: 'takes the volume away from its service, which goes on with an empty disk whose content the next deploy throws away',
  instead: ['name the service that the volume belongs to in `serviceId`'],
}

export const moved: Reason = {
  effect: 'destroy',
  kinds: ['outage'],
  rule: 'volume-mount-moved',
  why: 'mounts the volume at another path, where the service may look for its data in vain',
}

export const volumeRows: Rows = {
  volumeCreate: { effect: 'write', why: 'makes a new, empty volume' },
  volumeUpdate: { effect: 'write', why: 'renames the volume and nothing else' },
  volumeDelete: {
    effect: 'destroy',
    kinds: ['data', 'backup'],
    why: 'deletes the volume in every environment at once, and the backups that live inside it',
    instead: keepIt,
  },
  volumeInstanceUpdate: {
    effect: 'write',
    why: 'changes where the volume is mounted',
    more: volumeInstance,
  },
  volumeInstanceBackupCreate: { effect: 'write', why: 'takes one more backup' },
  volumeInstanceBackupDelete: {
    effect: 'destroy',
    kinds: ['backup'],
    why: 'deletes a backup of a volume',
    instead: ['let the backup expire by its schedule'],
  },
  volumeInstanceBackupLock: {
    effect: 'write',
    why: 'takes the expiry off a backup, so it stays longer',
  },
  volumeInstanceBackupRestore: {
    effect: 'destroy',
    kinds: ['overwrite', 'backup'],
    why: 'puts an old state over the volume and removes the backups that are newer than it',
    instead: [
      'restore to a new service with `volumeInstancePITRRestore`, which leaves the source as it is',
      'take a backup of the present state first',
    ],
    more: (args) =>
      when(
        [
          items(member(args, 'wipeServiceIds')).length > 0,
          {
            effect: 'destroy',
            kinds: ['data', 'backup'],
            rule: 'volumes-wiped',
            why: 'replaces the volumes of further services by empty ones',
            instead: ['leave `wipeServiceIds` out'],
          },
        ],
        [
          items(member(args, 'replicaServiceIds')).length > 0,
          {
            effect: 'destroy',
            kinds: ['overwrite', 'backup'],
            rule: 'replicas-overwritten',
            why: 'puts the old state over the volumes of the replicas as well',
          },
        ],
      ),
  },
  volumeInstanceBackupScheduleUpdate: {
    effect: 'write',
    why: 'sets which backups are taken',
    more: (args) => when([items(member(args, 'kinds')).length === 0, schedulesEnded]),
  },
  volumeInstancePITRRestore: {
    effect: 'write',
    why: 'makes a new service from the archive and leaves the source as it is',
  },
  bucketCreate: { effect: 'write', why: 'makes a new bucket' },
  bucketUpdate: { effect: 'write', why: 'renames the bucket', id: 'bucket' },
  bucketCredentialsReset: {
    effect: 'destroy',
    kinds: ['key'],
    why: 'makes the credentials of the bucket worthless for whoever uses them',
    instead: ['redeploy with the credentials that the bucket has'],
    also: [
      {
        effect: 'expose',
        rule: 'bucket-credentials-shown',
        why: 'answers with new credentials that read and write the whole bucket',
      },
    ],
  },
}

export const schedulesEnded: Reason = {
  effect: 'destroy',
  kinds: ['guard'],
  rule: 'backup-schedule-ended',
  why: 'ends backups that are taken by schedule',
  instead: ['keep every kind that is scheduled today in `kinds`'],
}

/** The platform reads a `serviceId` that was left out as "no service", and a state as a command. */
function volumeInstance(args: JsonObject): readonly Reason[] {
  const input = member(args, 'input')
  const state = member(input, 'state')
  const everywhere = lacks(args, 'environmentId') ? ', in every environment' : ''
  const reasons = when(
    [
      state === 'DELETED' || state === 'DELETING',
      {
        effect: 'destroy',
        kinds: ['data', 'backup'],
        rule: 'volume-state-deleted',
        why: 'sets the volume to deleted, with the backups that live inside it',
        instead: keepIt,
      },
    ],
    [
      typeof state === 'string' && !['READY', 'DELETED', 'DELETING'].includes(state),
      {
        effect: 'unread',
        rule: 'volume-state-forced',
        why: 'forces a state that only the platform sets, with an outcome that is not known',
      },
    ],
    [lacks(input, 'serviceId'), detached],
    [given(input, 'mountPath'), moved],
  )
  return reasons.map((reason) => ({ ...reason, why: `${reason.why}${everywhere}` }))
}
