/** Mutations of projects: made, changed, scheduled for deletion, gone. */
import { reachProject, reachWorkspace } from './access.ts'
import { bag, maybeFlag, maybeText, text, type Args } from './args.ts'
import { isoNow, placeOf, problem, type Change, type Context, type Mutate } from './ground.ts'
import { loseProject } from './lose.ts'
import type { ProjectRow } from './rows.ts'

const graceMs = 48 * 3_600_000

export const projectChanges: Readonly<Record<string, Mutate>> = {
  projectCreate: (args, context) => {
    const { ground } = context
    const input = bag(args, 'input')
    const workspaceId = workspaceFor(context, maybeText(input, 'workspaceId'))
    const [now, id, environmentId] = [
      isoNow(ground),
      ground.newId('project'),
      ground.newId('environment'),
    ]
    const project = ground.world.projects.put({
      id,
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
      workspaceId,
      name: text(input, 'name'),
      description: maybeText(input, 'description'),
      isPublic: maybeFlag(input, 'isPublic') ?? false,
      prDeploys: maybeFlag(input, 'prDeploys') ?? false,
      baseEnvironmentId: environmentId,
    })
    ground.world.environments.put({
      id: environmentId,
      createdAt: now,
      updatedAt: now,
      projectId: id,
      name: maybeText(input, 'defaultEnvironmentName') ?? 'production',
      isEphemeral: false,
      sourceEnvironmentId: null,
    })
    return { value: project, place: placeOf(ground, id) }
  },
  projectUpdate: (args, context) => {
    const input = bag(args, 'input')
    return changed(args, context, (project) => ({
      ...project,
      name: maybeText(input, 'name') ?? project.name,
      description: maybeText(input, 'description') ?? project.description,
      isPublic: maybeFlag(input, 'isPublic') ?? project.isPublic,
      prDeploys: maybeFlag(input, 'prDeploys') ?? project.prDeploys,
      baseEnvironmentId: maybeText(input, 'baseEnvironmentId') ?? project.baseEnvironmentId,
    }))
  },
  projectDelete: deleted,
  projectScheduleDelete: (args, context) => {
    const deletedAt = new Date(context.ground.now() + graceMs).toISOString()
    return { ...changed(args, context, (project) => ({ ...project, deletedAt })), value: true }
  },
  projectScheduleDeleteCancel: (args, context) => ({
    ...changed(args, context, (project) => ({ ...project, deletedAt: null })),
    value: true,
  }),
  projectScheduleDeleteForce: deleted,
}

function deleted(args: Args, context: Context): Change {
  const { id } = reachProject(context, text(args, 'id'), 'change')
  const place = placeOf(context.ground, id)
  loseProject(context.ground, id)
  return { value: true, place }
}

function changed(args: Args, context: Context, next: (row: ProjectRow) => ProjectRow): Change {
  const { ground } = context
  const before = reachProject(context, text(args, 'id'), 'change')
  const value = ground.world.projects.put({ ...next(before), updatedAt: isoNow(ground) })
  return { value, place: placeOf(ground, before.id) }
}

function workspaceFor(context: Context, asked: string | null): string {
  const { caller, ground } = context
  const own = asked ?? caller?.workspaceId ?? ground.world.workspaces.all()[0]?.id
  if (own === undefined) throw problem('Not Authorized')
  return reachWorkspace(context, own).id
}
