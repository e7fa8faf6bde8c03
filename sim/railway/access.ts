/**
 * Who may do what. As on the real platform there is no scope per operation: an account token or a workspace
 * token that was made for domains can delete volumes. Only a project token is kept to one environment.
 */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { problem, type Context, type Ground } from './ground.ts'
import type {
  BackupRow,
  EnvironmentRow,
  ProjectRow,
  ServiceRow,
  TokenRow,
  VolumeInstanceRow,
  VolumeRow,
  WorkspaceRow,
} from './rows.ts'
import type { World } from './world.ts'

/** Seeing is open to a project token in its project; changing all of a project is not. */
export type Need = 'see' | 'change'

/** The token that the headers show, or null. A project token counts only in its own header. */
export function callerOf(headers: IncomingHttpHeaders, world: World): TokenRow | null {
  const shown = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const own = headers['project-access-token']
  if (typeof own === 'string') return find(world, own, ({ kind }) => kind === 'project')
  return shown === undefined ? null : find(world, shown, ({ kind }) => kind !== 'project')
}

/** The account itself: account tokens only. */
export function reachAccount({ caller }: Context): TokenRow {
  if (caller?.kind !== 'account') throw problem('Not Authorized')
  return caller
}

/** Any token that is known. */
export function reachAnything({ caller }: Context): TokenRow {
  if (caller === null) throw problem('Not Authorized')
  return caller
}

export function reachWorkspace(context: Context, id: string): WorkspaceRow {
  const { caller, ground } = context
  const allowed =
    caller?.kind === 'account' || (caller?.kind === 'workspace' && caller.workspaceId === id)
  return found(allowed, ground.world.workspaces.get(id), 'Workspace')
}

export function reachProject(context: Context, id: string, need: Need): ProjectRow {
  const project = context.ground.world.projects.get(id)
  return found(mayProject(context, id, need), project, 'Project')
}

export function reachEnvironment(context: Context, id: string): EnvironmentRow {
  const environment = context.ground.world.environments.get(id)
  const allowed =
    context.caller?.kind === 'project'
      ? context.caller.environmentId === id
      : mayProject(context, environment?.projectId ?? '', 'change')
  return found(allowed, environment, 'Environment')
}

export function reachService(context: Context, id: string, need: Need): ServiceRow {
  const service = context.ground.world.services.get(id)
  return found(mayProject(context, service?.projectId ?? '', need), service, 'Service')
}

export function reachVolume(context: Context, id: string): VolumeRow {
  const volume = context.ground.world.volumes.get(id)
  return found(mayProject(context, volume?.projectId ?? '', 'change'), volume, 'Volume')
}

export function reachInstance(context: Context, id: string): VolumeInstanceRow {
  const instance = context.ground.world.volumeInstances.get(id)
  const known = found<VolumeInstanceRow>(context.caller !== null, instance, 'Volume instance')
  reachEnvironment(context, known.environmentId)
  return known
}

/** The backup, which must be one of that very instance. */
export function reachBackup(context: Context, instanceId: string, id: string): BackupRow {
  const instance = reachInstance(context, instanceId)
  const backup = context.ground.world.backups.get(id)
  return found(true, backup?.volumeInstanceId === instance.id ? backup : null, 'Volume backup')
}

/** Whether the caller may see or change the project as a whole. */
export function mayProject({ caller, ground }: Context, id: string, need: Need): boolean {
  switch (caller?.kind) {
    case 'account':
      return true
    case 'workspace':
      return ground.world.projects.get(id)?.workspaceId === caller.workspaceId
    case 'project':
      return need === 'see' && caller.projectId === id
    case undefined:
      return false
  }
}

/** Whether the caller may see an environment of the ground: what lists are cut down to. */
export function mayEnvironment(context: Context, environment: EnvironmentRow): boolean {
  return context.caller?.kind === 'project'
    ? context.caller.environmentId === environment.id
    : mayProject(context, environment.projectId, 'see')
}

/** The project of an environment that is known to exist. */
export function projectOf(ground: Ground, environmentId: string): string {
  return ground.world.environments.get(environmentId)?.projectId ?? ''
}

function found<T>(allowed: boolean, row: T | null, what: string): T {
  if (!allowed) throw problem('Not Authorized')
  if (row === null) throw problem(`${what} not found`, 'NOT_FOUND')
  return row
}

function find(world: World, secret: string, fits: (token: TokenRow) => boolean): TokenRow | null {
  return world.tokens.where((token) => fits(token) && same(token.secret, secret))[0] ?? null
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
