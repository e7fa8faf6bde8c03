/**
 * What a Railway token can do. The platform knows no rights per operation: a token of an account or workspace may do all that its owner may,
 * one of a project all that can be done in its environment (https://docs.railway.com/reference/public-api, and its schema).
 */
import { FirebreakError, messageOf } from '../../base/error.ts'
import { isObject, objectOf, textOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { AskGraphql } from '../../platforms/platform.ts'
import { questions } from '../../platforms/railway/questions.ts'
import { World } from '../../platforms/railway/world.ts'
import type { EnvironmentFacts, InstanceFacts } from '../../platforms/railway/world.ts'
import type { Ask, Heard } from './ask.ts'
import { accountOf, mostThings, objectsOf, refusal, toldOf, troubleOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import { silent } from './reach.ts'
import type { Copy, Power, Reach, Thing, Told } from './reach.ts'

const host = 'backboard.railway.com'
const tokenQuery = 'query { projectToken { projectId environmentId environment { name } } }'
const apiQuery = 'query { apiToken { workspaces { id name } } }'
const meQuery = 'query { me { id } }'
const mostProjects = 40

export const railway: Provider = {
  name: 'railway',
  hosts: () => [host],
  asks: 'its workspaces, projects, environments, services, volumes and their backups',
  reach: async ({ secret }, ask) => {
    const ofProject = { 'project-access-token': secret.reveal() }
    const bound = await said(ask, ofProject, tokenQuery)
    const token = objectOf(bound.data?.['projectToken'])
    if (typeof token['environmentId'] === 'string')
      return await inEnvironment(ask, ofProject, token)
    const ofAccount = { authorization: `Bearer ${secret.reveal()}` }
    const api = await said(ask, ofAccount, apiQuery)
    const me = await said(ask, ofAccount, meQuery)
    if (api.data === null && me.data === null) return lost(bound, api, me)
    const workspaces = objectsOf(objectOf(api.data?.['apiToken'])['workspaces'])
    const names = workspaces.map(({ name }) => wordOf(name))
    const ids = workspaces.map(({ id }) => wordOf(id))
    const myself = wordOf(objectOf(me.data?.['me'])['id'])
    const account = accountOf('railway', ...(myself === '' ? ids : [myself]))
    const who = me.data === null ? `workspace ${names.join(', ')}` : 'the whole account'
    return await inAccount(ask, ofAccount, { account, who, isAccount: me.data !== null })
  },
}

interface Said {
  readonly heard: Heard
  readonly data: JsonObject | null
}

async function said(
  ask: Ask,
  headers: Readonly<Record<string, string>>,
  query: string,
  variables: JsonObject = {},
): Promise<Said> {
  const heard = await ask({
    host,
    path: '/graphql/v2',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  const { data = null } = objectOf(heard.body)
  const isWhole = heard.status === 200 && objectOf(heard.body)['errors'] === undefined
  return { heard, data: isWhole && isObject(data) ? data : null }
}

/** Dead is what every question was refused to: the platform says so as an error in a 200, or as a 401. */
function lost(...all: readonly Said[]): Reach {
  const silentOne = all.find(({ heard }) => !isRefused(heard))
  return silentOne === undefined
    ? { kind: 'dead', why: `${host} refuses it` }
    : refusal(silentOne.heard, host)
}

function isRefused({ status, body }: Heard): boolean {
  const words = objectsOf(objectOf(body)['errors']).map(({ message }) => textOf(message))
  // Put off, or broken: whatever the words, nothing was decided.
  if (status === 429 || status >= 500) return false
  return status === 401 || words.some((word) => /not authorized|token not found/i.test(word))
}

const asGraphql =
  (ask: Ask, headers: Readonly<Record<string, string>>): AskGraphql =>
  async (query, variables) => {
    const { data, heard } = await said(ask, headers, query, variables)
    if (data === null) throw new FirebreakError('not_reachable', troubleOf(heard, host))
    return data
  }

/** Everything of one project, as far as it can be seen. */
interface Seen {
  readonly things: readonly Thing[]
  readonly copies: readonly Copy[]
}

interface Whose {
  readonly account: string | null
  readonly who: string
  readonly isAccount: boolean
}

async function inAccount(
  ask: Ask,
  headers: Readonly<Record<string, string>>,
  { account, who, isAccount }: Whose,
): Promise<Reach> {
  const graphql = asGraphql(ask, headers)
  const world = new World('railway', graphql)
  const ids: string[] = []
  const unknown: string[] = []
  try {
    for await (const id of world.projects()) if (!ids.includes(id)) ids.push(id)
  } catch (thrown) {
    unknown.push(`its projects: ${messageOf(thrown)}`)
  }
  if (ids.length > mostProjects) unknown.push(`${ids.length - mostProjects} more projects`)
  const seen: Seen[] = []
  for (const id of ids.slice(0, mostProjects))
    try {
      const { name } = objectOf((await graphql(questions.project, { id }))['project'])
      seen.push(await project(world, id, ids.length > 1 ? `${textOf(name)}/` : ''))
    } catch (thrown) {
      unknown.push(`project ${id}: ${messageOf(thrown)}`)
    }
  const all = seen.flatMap((one) => one.things)
  if (all.length > mostThings) unknown.push(`${all.length - mostThings} more things`)
  const things = all.slice(0, mostThings)
  const copies = seen.flatMap((one) => one.copies)
  return toldOf(account, who, {
    isBlanket: true,
    things,
    copies,
    unknown,
    powers: [...powers({ things, copies }), mints(isAccount)],
  })
}

const mints = (isAccount: boolean): Power => ({
  operation: isAccount ? 'apiTokenCreate' : 'projectTokenCreate',
  does: 'mints',
  on: [],
})

function powers({ things, copies }: Seen): readonly Power[] {
  const of = (type: string): readonly string[] =>
    things.filter((thing) => thing.type === type).map(({ id }) => id)
  return [
    { operation: 'volumeDelete', does: 'destroys', on: of('volumeInstance') },
    { operation: 'volumeInstanceBackupDelete', does: 'destroys', on: copies.map(({ id }) => id) },
    { operation: 'projectDelete', does: 'destroys', on: 'all' },
    { operation: 'variables', does: 'reads', on: of('service') },
  ]
}

async function project(world: World, id: string, prefix: string): Promise<Seen> {
  const environments = await world.environments(id)
  const named = new Map(environments.map((one) => [one.id, `${prefix}${one.name}`]))
  const instances = await world.instances(id)
  const copies: Copy[] = []
  for (const instance of instances) copies.push(...(await backups(world, instance, named)))
  const names = [...named.values()]
  const [services, buckets] = [await world.services(id), await world.buckets(id)]
  return {
    copies,
    things: [
      ...instances.map((one) => volume(one, named)),
      // A bucket has its own content in each environment.
      ...buckets.flatMap((one) =>
        names.map((name) =>
          thing('bucket', { id: `${one.id}/${name}`, name: one.name }, 'data', [name]),
        ),
      ),
      ...services.map((one) => thing('service', one, 'rest', names)),
    ],
  }
}

const thing = (
  type: string,
  { id, name }: Pick<EnvironmentFacts, 'id' | 'name'>,
  holds: Thing['holds'],
  environments: readonly string[],
): Thing => ({ id, type, name, environments, shared: null, holds, isGlobal: true })

/** A volume has one id for all environments, and a state of its own in each: deleted by that id, all go. */
const volume = (
  { id, volumeId, volumeName, environmentId }: InstanceFacts,
  named: ReadonlyMap<string, string>,
): Thing => ({
  ...thing(
    'volumeInstance',
    { id, name: volumeName },
    'data',
    named.has(environmentId) ? [named.get(environmentId) ?? ''] : [],
  ),
  shared: { id: volumeId, type: 'volume' },
})

async function backups(
  world: World,
  { id, environmentId }: InstanceFacts,
  named: ReadonlyMap<string, string>,
): Promise<readonly Copy[]> {
  const all = await world.backups(id)
  return all.map((backup) => ({
    id: backup.id,
    type: 'backup',
    name: backup.name,
    of: id,
    environment: named.get(environmentId) ?? null,
    // "Wiping a volume deletes all backups": https://docs.railway.com/reference/backups
    lies: 'inside',
    isImmutable: false,
    isTested: false,
  }))
}

/** A token of one environment sees its project and changes only there; what runs beside the data can delete it. */
async function inEnvironment(
  ask: Ask,
  headers: Readonly<Record<string, string>>,
  token: JsonObject,
): Promise<Reach> {
  const name = textOf(objectOf(token['environment'])['name'])
  const world = new World('railway', asGraphql(ask, headers))
  try {
    const seen = await project(world, textOf(token['projectId']), '')
    const own = seen.things.filter(({ environments }) => environments.includes(name))
    const ids = new Set(own.map(({ id }) => id))
    const copies = seen.copies.filter(({ of }) => ids.has(of))
    const data = own.filter(({ holds }) => holds === 'data').map(({ id }) => id)
    return toldOf(accountOf('railway', textOf(token['projectId'])), `environment ${name}`, {
      things: own,
      copies,
      powers: [
        { operation: 'serviceInstanceUpdate(preDeployCommand)', does: 'destroys', on: data },
        {
          operation: 'volumeInstanceBackupDelete',
          does: 'destroys',
          on: copies.map(({ id }) => id),
        },
        { operation: 'variables', does: 'reads', on: [...ids] },
      ],
    } satisfies Partial<Told>)
  } catch (thrown) {
    return silent(`environment ${name}: ${messageOf(thrown)}`)
  }
}
