/** Mutations of tokens, buckets, limits and the account itself. */
import {
  reachAccount,
  reachAnything,
  reachEnvironment,
  reachProject,
  reachWorkspace,
} from './access.ts'
import { bag, maybeNumber, maybeText, text } from './args.ts'
import { isoNow, placeOf, problem, type Ground, type Mutate, type Place } from './ground.ts'
import { loseAccount, loseWorkspace } from './lose.ts'
import { bucketInstance, s3Credentials } from './queries.ts'
import type { TokenRow } from './rows.ts'

export const accountChanges: Readonly<Record<string, Mutate>> = {
  /** Without a workspace the new token has the whole account. */
  apiTokenCreate: (args, context) => {
    const { ground } = context
    reachAccount(context)
    const input = bag(args, 'input')
    const workspaceId = maybeText(input, 'workspaceId')
    if (workspaceId !== null) reachWorkspace(context, workspaceId)
    const kind = workspaceId === null ? 'account' : 'workspace'
    const nowhere = { projectId: null, environmentId: null }
    const token = addToken(ground, { kind, name: text(input, 'name'), workspaceId, ...nowhere })
    return { value: token.secret, place: accountPlace(ground, workspaceId) }
  },
  apiTokenDelete: (args, context) => {
    const { ground } = context
    reachAccount(context)
    const token = ground.world.tokens.get(text(args, 'id'))
    if (token === null || token.kind === 'project') throw problem('Token not found', 'NOT_FOUND')
    ground.world.tokens.remove(token.id)
    return { value: true, place: accountPlace(ground, token.workspaceId) }
  },
  projectTokenCreate: (args, context) => {
    const { ground } = context
    const input = bag(args, 'input')
    const project = reachProject(context, text(input, 'projectId'), 'change')
    const environment = reachEnvironment(context, text(input, 'environmentId'))
    const token = addToken(ground, {
      kind: 'project',
      name: text(input, 'name'),
      workspaceId: null,
      projectId: project.id,
      environmentId: environment.id,
    })
    return { value: token.secret, place: placeOf(ground, project.id, environment.id) }
  },
  projectTokenDelete: (args, context) => {
    const { ground } = context
    reachAnything(context)
    const token = ground.world.tokens.get(text(args, 'id'))
    if (token?.kind !== 'project') throw problem('Project Token not found', 'NOT_FOUND')
    const project = reachProject(context, token.projectId ?? '', 'change')
    ground.world.tokens.remove(token.id)
    return { value: true, place: placeOf(ground, project.id, token.environmentId) }
  },
  bucketCreate: (args, context) => {
    const { ground } = context
    const input = bag(args, 'input')
    const only = maybeText(input, 'environmentId')
    const project = reachProject(
      context,
      text(input, 'projectId'),
      only === null ? 'change' : 'see',
    )
    if (only !== null) reachEnvironment(context, only)
    const now = isoNow(ground)
    const id = ground.newId('bucket')
    const bucket = ground.world.buckets.put({
      id,
      createdAt: now,
      updatedAt: now,
      projectId: project.id,
      name: maybeText(input, 'name') ?? `bucket-${id.slice(0, 6)}`,
    })
    const environments = ground.world.environments.where(
      (row) => row.projectId === project.id && (only === null || row.id === only),
    )
    for (const { id: environmentId } of environments) {
      const instance = {
        id: ground.newId('bucketInstance'),
        createdAt: now,
        bucketId: id,
        environmentId,
        accessKeyId: ground.newId('accessKey'),
        secretAccessKey: ground.newId('secretKey'),
      }
      ground.disk.makeBucket(instance.id)
      ground.world.bucketInstances.put(instance)
    }
    return { value: bucket, place: placeOf(ground, project.id, only) }
  },
  bucketUpdate: (args, context) => {
    const { ground } = context
    reachAnything(context)
    const before = ground.world.buckets.get(text(args, 'id'))
    if (before === null) throw problem('Bucket not found', 'NOT_FOUND')
    reachProject(context, before.projectId, 'change')
    const name = text(bag(args, 'input'), 'name')
    const value = ground.world.buckets.put({ ...before, name, updatedAt: isoNow(ground) })
    return { value, place: placeOf(ground, before.projectId) }
  },
  bucketCredentialsReset: (args, context) => {
    const { ground } = context
    const before = bucketInstance(args, context)
    if (before === null) throw problem('Bucket not found', 'NOT_FOUND')
    const fresh = ground.world.bucketInstances.put({
      ...before,
      accessKeyId: ground.newId('accessKey'),
      secretAccessKey: ground.newId('secretKey'),
    })
    const { projectId } = reachEnvironment(context, before.environmentId)
    const place = placeOf(ground, projectId, before.environmentId)
    return { value: s3Credentials(context, fresh), place }
  },
  usageLimitSet: (args, context) => {
    const { ground } = context
    reachAccount(context)
    const input = bag(args, 'input')
    ground.world.limits.put({
      id: text(input, 'customerId'),
      createdAt: isoNow(ground),
      softDollars: maybeNumber(input, 'softLimitDollars') ?? 0,
      hardDollars: maybeNumber(input, 'hardLimitDollars'),
    })
    return { value: true, place: accountPlace(ground, null) }
  },
  usageLimitRemove: (args, context) => {
    reachAccount(context)
    context.ground.world.limits.remove(text(bag(args, 'input'), 'customerId'))
    return { value: true, place: accountPlace(context.ground, null) }
  },
  workspaceDelete: (args, context) => {
    reachAccount(context)
    const { id } = reachWorkspace(context, text(args, 'id'))
    loseWorkspace(context.ground, id)
    return { value: true, place: { workspaceId: id, projectId: null, environmentId: null } }
  },
  userDelete: (_, context) => {
    reachAccount(context)
    loseAccount(context.ground)
    return { value: true, place: accountPlace(context.ground, null) }
  },
}

function addToken(ground: Ground, row: Omit<TokenRow, 'id' | 'createdAt' | 'secret'>): TokenRow {
  return ground.world.tokens.put({
    ...row,
    id: ground.newId('token'),
    createdAt: isoNow(ground),
    secret: ground.newId('secret'),
  })
}

/** What is done to the account shows in its first workspace, where nothing names another. */
function accountPlace({ world }: Ground, workspaceId: string | null): Place {
  const shown = workspaceId ?? world.workspaces.all()[0]?.id ?? null
  return { workspaceId: shown, projectId: null, environmentId: null }
}
