/** Environments, projects and their patches: the things that hold everything else. */
import { changeSetReasons } from './change-set.ts'
import { patchReasons } from './patch.ts'
import { given, lacks, member, when } from './row.ts'
import type { Reason, Row, Rows } from './row.ts'

const preferStop = [
  'ask with preflight what it holds',
  'stop its deployments, which keeps the data, and let a person delete it',
] as const

const deleted: Pick<Row, 'effect' | 'kinds' | 'instead'> = {
  effect: 'destroy',
  kinds: ['container', 'data', 'backup', 'name'],
  instead: preferStop,
}

const noPatch: Reason = {
  effect: 'unread',
  rule: 'patch-missing',
  why: 'carries no patch, so what it would commit is not known',
}

export const environmentRows: Rows = {
  environmentCreate: {
    effect: 'write',
    why: 'makes a new environment',
    more: (args) =>
      when([
        given(member(args, 'input'), 'sourceEnvironmentId'),
        {
          effect: 'expose',
          rule: 'environment-copied',
          why: 'copies every variable of an environment into a new one, which nobody protects yet',
          instead: ['make an empty environment and set the variables that it needs'],
        },
      ]),
  },
  environmentRename: { effect: 'write', why: 'renames the environment', id: 'environment' },
  environmentDelete: {
    ...deleted,
    why: 'deletes the environment with its services, variables, volumes, backups and domains',
    id: 'environment',
  },
  environmentPatchCommit: {
    effect: 'write',
    why: 'changes the configuration at once, as the patch says',
    more: (args) =>
      lacks(args, 'patch') ? [noPatch] : patchReasons(member(args, 'patch') ?? null),
  },
  environmentStageChanges: {
    effect: 'write',
    why: 'prepares changes that one more call commits',
    more: (args) => patchReasons(member(args, 'input') ?? null),
  },
  environmentPatchCommitStaged: {
    effect: 'unread',
    why: 'commits changes that were staged before and are not in this call',
    instead: ['send the changes themselves with `environmentPatchCommit`'],
  },
  environmentApplyChangeSet: {
    effect: 'write',
    why: 'changes the configuration at once, as the change set says',
    more: (args) => changeSetReasons(member(args, 'input') ?? null),
  },
  environmentPreviewChangeSet: {
    effect: 'read',
    why: 'tells what a change set would do and does none of it',
  },
  environmentTriggersDeploy: { effect: 'write', why: 'deploys what is connected to the service' },
  environmentUnskipService: { effect: 'write', why: 'deploys a service that was left out' },
  baseEnvironmentOverride: {
    effect: 'write',
    why: 'says from which environment a trigger copies',
    id: 'deploymentTrigger',
  },
  canvasViewMerge: { effect: 'write', why: 'moves boxes on the canvas' },
  dockerComposeImport: {
    effect: 'unread',
    why: 'brings a compose file in, whose services, ports and commands are not read here',
    instead: ['make the services one by one with `serviceCreate`'],
  },
  projectCreate: {
    effect: 'write',
    why: 'makes a new project',
    more: (args) => when([member(member(args, 'input'), 'isPublic') === true, madePublic]),
  },
  projectUpdate: {
    effect: 'write',
    why: 'changes the name and settings of the project',
    id: 'project',
    more: (args) => when([member(member(args, 'input'), 'isPublic') === true, madePublic]),
  },
  projectDelete: {
    ...deleted,
    why: 'deletes the project with all environments, volumes, backups and domains',
    id: 'project',
  },
  projectScheduleDelete: {
    ...deleted,
    why: 'deletes the project with all it holds after 48 hours, a wait that one more call skips',
    id: 'project',
  },
  projectScheduleDeleteForce: {
    ...deleted,
    why: 'deletes the project with all it holds now, without the 48 hours of the platform',
    id: 'project',
  },
  projectScheduleDeleteCancel: {
    effect: 'write',
    why: 'calls off the deletion of the project',
    id: 'project',
  },
  projectFeatureFlagAdd: { effect: 'write', why: 'switches a feature of the platform on' },
  projectFeatureFlagRemove: { effect: 'write', why: 'switches a feature of the platform off' },
  disablePitrForHaCluster: {
    effect: 'destroy',
    kinds: ['guard', 'backup'],
    why: 'ends the archive that a point in time can be restored from',
    instead: ['leave the archive on'],
  },
  enablePitrForHaCluster: {
    effect: 'destroy',
    kinds: ['outage'],
    why: 'restarts the members of the cluster one by one to switch the archive on',
  },
  cancelPitrHaWorkflow: {
    effect: 'destroy',
    kinds: ['guard', 'outage'],
    why: 'breaks off the change of the archive halfway, with the cluster as it stands then',
    instead: ['let the workflow end'],
  },
  clearPitrHaWorkflowProgress: {
    effect: 'write',
    why: 'forgets the progress of a finished workflow',
  },
}

const madePublic: Reason = {
  effect: 'expose',
  rule: 'project-public',
  why: 'shows the project to everybody',
  instead: ['leave `isPublic` out'],
}
