/** The account as it is asked for piece by piece: each thing at most once in one survey. */
import { FirebreakError } from '../../base/error.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { AskGraphql } from '../platform.ts'
import {
  allNodes,
  bytesAt,
  isLast,
  listAt,
  nodesOf,
  objectAt,
  textAt,
  textOrNull,
} from './answers.ts'
import { questions } from './questions.ts'
import { member } from './row.ts'

export interface EnvironmentFacts {
  readonly id: string
  readonly name: string
  readonly projectId: string
  /** True for a fork: what is done in it stays in it. */
  readonly isFork: boolean
}

export interface InstanceFacts {
  readonly id: string
  readonly volumeId: string
  readonly volumeName: string
  readonly projectId: string
  readonly environmentId: string
  readonly serviceId: string | null
  readonly bytes: number | null
  readonly isPendingDeletion: boolean
}

export interface BackupFacts {
  readonly id: string
  readonly name: string
  readonly createdAt: string
  readonly bytes: number | null
}

export interface DeploymentFacts {
  readonly id: string
  readonly environmentId: string
  readonly serviceId: string | null
}

export interface ThingFacts {
  readonly id: string
  readonly name: string
}

export class World {
  readonly target: string
  readonly #ask: AskGraphql
  #sawAll = false
  readonly #kept = new Map<string, Promise<readonly JsonObject[]>>()

  constructor(target: string, ask: AskGraphql) {
    this.target = target
    this.#ask = ask
  }

  async ask(query: string, variables: JsonObject): Promise<JsonObject> {
    return await this.#ask(query, variables)
  }

  /** Ids of all projects that the credential sees, its own first, then its workspaces'; throws where nothing lists any. */
  async *projects(): AsyncGenerator<string, void, void> {
    const own = await orNull(this.#ownProjects())
    yield* own ?? []
    const others = await orNull(this.#workspaceProjects())
    yield* (others ?? []).filter((id) => own === null || !own.includes(id))
    this.#sawAll = own !== null && others !== null
    if (own === null && others === null) yield* await this.#tokenProject()
  }

  /** True once `projects` has come to its end and every list had answered. */
  get sawAll(): boolean {
    return this.#sawAll
  }

  /** True where the credential is an account's or a workspace's: a project token is shown its own environment alone. */
  async seesEverywhere(): Promise<boolean> {
    return (await orNull(this.ask(questions.workspaces, {}))) !== null
  }

  async environments(projectId: string): Promise<readonly EnvironmentFacts[]> {
    const nodes = await this.#all(questions.environments, projectId, ['project', 'environments'])
    return nodes.map((node) => environmentFacts({ projectId, ...node }))
  }

  async environment(id: string): Promise<EnvironmentFacts> {
    return environmentFacts(objectAt(await this.ask(questions.environment, { id }), 'environment'))
  }

  /** Every instance of every volume of a project. */
  async instances(projectId: string): Promise<readonly InstanceFacts[]> {
    const volumes = await this.#all(questions.volumes, projectId, ['project', 'volumes'])
    return volumes.flatMap((volume) => {
      const connection = objectAt(volume, 'volumeInstances')
      if (!isLast(connection))
        throw new FirebreakError('not_reachable', 'a volume has more instances than were listed')
      return nodesOf(connection).map((node) => instanceFacts(node, volume, projectId))
    })
  }

  /** The instances of one volume, searched for in every project; throws where none is found. */
  async volume(id: string): Promise<readonly InstanceFacts[]> {
    for await (const projectId of this.projects()) {
      const found = await this.volumeIn(projectId, id)
      if (found !== null) return found
    }
    throw this.notFound('volume')
  }

  /** The instances of a volume, or null where the project does not have it. */
  async volumeIn(projectId: string, id: string): Promise<readonly InstanceFacts[] | null> {
    const volumes = await this.#all(questions.volumes, projectId, ['project', 'volumes'])
    if (volumes.every((volume) => textAt(volume, 'id') !== id)) return null
    const all = await this.instances(projectId)
    return all.filter(({ volumeId }) => volumeId === id)
  }

  async instance(id: string): Promise<InstanceFacts> {
    const answer = await this.ask(questions.volumeInstance, { id })
    const node = objectAt(answer, 'volumeInstance')
    const volume = objectAt(node, 'volume')
    return instanceFacts(node, volume, textAt(volume, 'projectId'))
  }

  async backups(instanceId: string): Promise<readonly BackupFacts[]> {
    const answer = await this.ask(questions.backups, { id: instanceId })
    return listAt(answer, 'volumeInstanceBackupList').map((node) => ({
      id: textAt(node, 'id'),
      name: textOrNull(node, 'name') ?? 'backup',
      createdAt: textAt(node, 'createdAt'),
      bytes: bytesAt(node, 'usedMB'),
    }))
  }

  async services(projectId: string): Promise<readonly ThingFacts[]> {
    return (await this.#all(questions.services, projectId, ['project', 'services'])).map(thing)
  }

  async buckets(projectId: string): Promise<readonly ThingFacts[]> {
    return (await this.#all(questions.buckets, projectId, ['project', 'buckets'])).map(thing)
  }

  async service(id: string): Promise<ThingFacts & { readonly projectId: string }> {
    const node = objectAt(await this.ask(questions.service, { id }), 'service')
    return { ...thing(node), projectId: textAt(node, 'projectId') }
  }

  async deployment(id: string): Promise<DeploymentFacts> {
    const node = objectAt(await this.ask(questions.deployment, { id }), 'deployment')
    return {
      id: textAt(node, 'id'),
      environmentId: textAt(node, 'environmentId'),
      serviceId: textOrNull(node, 'serviceId'),
    }
  }

  /** The id of the latest deployment where another one stands; null where that cannot be said. */
  async latestDeployment(deployment: DeploymentFacts): Promise<string | null> {
    const { environmentId, serviceId } = deployment
    if (serviceId === null) return null
    const answer = await this.ask(questions.latest, { environmentId, serviceId })
    return textAt(objectAt(answer, 'serviceInstance', 'latestDeployment'), 'id')
  }

  /** The fault of a search that found nothing. */
  notFound(what: string): FirebreakError {
    return new FirebreakError('not_found', `no ${what} of this id can be seen`)
  }

  /** True where a custom domain or a service's domain belongs to an environment. */
  async hasDomain(environmentId: string, domainId: string): Promise<boolean> {
    const path = ['environment', 'serviceInstances']
    const nodes = await this.#all(questions.domains, environmentId, path)
    return nodes.some((node) => {
      const domains = objectAt(node, 'domains')
      const all = [...listAt(domains, 'customDomains'), ...listAt(domains, 'serviceDomains')]
      return all.some((domain) => textAt(domain, 'id') === domainId)
    })
  }

  /** Ids of the projects of one workspace. */
  async projectsOf(workspaceId: string): Promise<readonly string[]> {
    const query = questions.workspaceProjects
    return ids(await allNodes(this.#ask, query, { workspaceId }, ['projects']))
  }

  async #all(query: string, id: string, path: readonly string[]): Promise<readonly JsonObject[]> {
    const key = `${query} ${id}`
    const nodes = this.#kept.get(key) ?? allNodes(this.#ask, query, { id }, path)
    this.#kept.set(key, nodes)
    return await nodes
  }

  async #ownProjects(): Promise<readonly string[]> {
    return ids(await allNodes(this.#ask, questions.projects, {}, ['projects']))
  }

  async #workspaceProjects(): Promise<readonly string[]> {
    const answer = await this.ask(questions.workspaces, {})
    const workspaces = listAt(objectAt(answer, 'apiToken'), 'workspaces')
    const lists: string[] = []
    for (const workspace of workspaces)
      lists.push(...(await this.projectsOf(textAt(workspace, 'id'))))
    return lists
  }

  async #tokenProject(): Promise<readonly string[]> {
    const answer = await this.ask(questions.tokenProject, {})
    return [textAt(objectAt(answer, 'projectToken'), 'projectId')]
  }
}

/** Not every credential may ask every list: a list that is refused is null. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch {
    return null
  }
}

function ids(nodes: readonly JsonObject[]): readonly string[] {
  return nodes.map((node) => textAt(node, 'id'))
}

function thing(node: JsonObject): ThingFacts {
  return { id: textAt(node, 'id'), name: textAt(node, 'name') }
}

function environmentFacts(node: JsonObject): EnvironmentFacts {
  const source: Json = member(node, 'sourceEnvironment') ?? null
  return {
    id: textAt(node, 'id'),
    name: textAt(node, 'name'),
    projectId: textAt(node, 'projectId'),
    isFork: source !== null,
  }
}

function instanceFacts(node: JsonObject, volume: JsonObject, projectId: string): InstanceFacts {
  return {
    id: textAt(node, 'id'),
    volumeId: textAt(volume, 'id'),
    volumeName: textAt(volume, 'name'),
    projectId,
    environmentId: textAt(node, 'environmentId'),
    serviceId: textOrNull(node, 'serviceId'),
    bytes: bytesAt(node, 'currentSizeMB'),
    isPendingDeletion: member(node, 'isPendingDeletion') === true,
  }
}
