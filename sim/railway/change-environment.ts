/** Mutations of environments, their staged changes and their patches included. */
import { reachEnvironment, reachProject } from './access.ts'
import { asBag, bag, maybeFlag, maybeText, text, type Args } from './args.ts'
import { applyConfig, mergeConfig } from './config.ts'
import {
  isoNow,
  placeOf,
  problem,
  type Change,
  type Context,
  type Ground,
  type Mutate,
} from './ground.ts'
import { loseEnvironment } from './lose.ts'
import { stagedOf } from './queries.ts'
import type { EnvironmentRow, PatchRow } from './rows.ts'

export const environmentChanges: Readonly<Record<string, Mutate>> = {
  environmentCreate: (args, context) => {
    const { ground } = context
    const input = bag(args, 'input')
    const project = reachProject(context, text(input, 'projectId'), 'change')
    const source = maybeText(input, 'sourceEnvironmentId')
    const now = isoNow(ground)
    if (source !== null) reachEnvironment(context, source)
    const environment = ground.world.environments.put({
      id: ground.newId('environment'),
      createdAt: now,
      updatedAt: now,
      projectId: project.id,
      name: text(input, 'name'),
      isEphemeral: maybeFlag(input, 'ephemeral') ?? false,
      sourceEnvironmentId: source,
    })
    if (source !== null) fork(ground, source, environment.id)
    return { value: environment, place: placeOf(ground, project.id, environment.id) }
  },
  environmentRename: (args, context) => {
    const { ground } = context
    const before = reachEnvironment(context, text(args, 'id'))
    const name = text(bag(args, 'input'), 'name')
    const value = ground.world.environments.put({ ...before, name, updatedAt: isoNow(ground) })
    return { value, place: placeOf(ground, before.projectId, before.id) }
  },
  environmentDelete: (args, context) => {
    const { id, projectId } = reachEnvironment(context, text(args, 'id'))
    const place = placeOf(context.ground, projectId, id)
    loseEnvironment(context.ground, id)
    return { value: true, place }
  },
  environmentStageChanges: (args, context) => {
    const { ground } = context
    const environment = reachEnvironment(context, text(args, 'environmentId'))
    const before = stagedOf(context, environment.id)
    const input = bag(args, 'input')
    const patch = maybeFlag(args, 'merge') === true ? mergeConfig(before.patch, input) : input
    const value = ground.world.patches.put({ ...before, patch, updatedAt: isoNow(ground) })
    return { value, place: placeOf(ground, environment.projectId, environment.id) }
  },
  environmentPatchCommit: (args, context) => {
    const environment = reachEnvironment(context, text(args, 'environmentId'))
    const patch = bag(args, 'patch')
    return committed(context, environment, { ...freshPatch(context, environment), patch }, args)
  },
  environmentPatchCommitStaged: (args, context) => {
    const environment = reachEnvironment(context, text(args, 'environmentId'))
    const staged = stagedOf(context, environment.id)
    if (Object.keys(staged.patch).length === 0) throw problem('No patch to apply')
    return committed(context, environment, staged, args)
  },
  environmentApplyChangeSet: (args, context) => {
    const environment = reachEnvironment(context, text(args, 'environmentId'))
    const patch = asBag(args['input'])
    const { value, place } = committed(
      context,
      environment,
      { ...freshPatch(context, environment), patch },
      args,
    )
    const answer = {
      id: value,
      status: 'COMPLETED',
      deploymentId: null,
      stagedPatchId: null,
      diagnostics: [],
    }
    return { value: answer, place }
  },
}

function freshPatch({ ground }: Context, environment: EnvironmentRow): PatchRow {
  const now = isoNow(ground)
  return {
    id: ground.newId('patch'),
    createdAt: now,
    updatedAt: now,
    environmentId: environment.id,
    patch: {},
    status: 'STAGED',
    message: null,
    appliedAt: null,
  }
}

function committed(
  context: Context,
  environment: EnvironmentRow,
  row: PatchRow,
  args: Args,
): Change {
  const { ground } = context
  const now = isoNow(ground)
  applyConfig(ground, environment, row.patch)
  ground.world.patches.put({
    ...row,
    status: 'COMMITTED',
    message: maybeText(args, 'commitMessage'),
    appliedAt: now,
    updatedAt: now,
  })
  return { value: row.id, place: placeOf(ground, environment.projectId, environment.id) }
}

/** A fork shares its source's volumes by id, each with an empty instance of its own. */
function fork(ground: Ground, source: string, environmentId: string): void {
  const { world, disk, newId } = ground
  const createdAt = isoNow(ground)
  const fresh = (what: string): { readonly id: string; readonly createdAt: string } => ({
    id: newId(what),
    createdAt,
  })
  const here = (row: { readonly environmentId: string }): boolean => row.environmentId === source
  for (const row of world.serviceInstances.where(here))
    world.serviceInstances.put({ ...row, ...fresh('serviceInstance'), environmentId })
  for (const row of world.variables.where(here))
    world.variables.put({ ...row, ...fresh('variable'), environmentId })
  for (const row of world.volumeInstances.where(here)) {
    const instance = { ...row, ...fresh('volumeInstance'), environmentId }
    disk.makeVolume(instance.id)
    world.volumeInstances.put(instance)
  }
}
