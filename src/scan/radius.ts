/** The graph of what was said of all credentials, and what can be asked of it: what each can destroy, and what would be left. */
import type {
  BackupNode,
  CredentialNode,
  Edge,
  EnvironmentNode,
  Graph,
  GraphNode,
  Outcome,
  ResourceNode,
} from './graph.ts'
import type { Copy, Does, Reach, Told } from './reach/reach.ts'

/** A credential that lies about, with what was said of it. */
export interface Held {
  readonly finding: string
  readonly provider: string
  readonly label: string
  readonly place: string
  readonly reach: Reach
}

/** A copy that the platform knows nothing of, such as one of Firebreak's vault. */
export interface Kept extends Copy {
  /** The home of the thing: its platform, where ids are the platform's own, else its account. */
  readonly account: string
}

export const credentialId = (finding: string): string => `credential:${finding}`
export const resourceId = (account: string, id: string): string => `resource:${account}/${id}`
export const environmentId = (account: string, name: string): string =>
  `environment:${account}/${name}`
const backupId = (account: string, id: string): string => `backup:${account}/${id}`
const operationId = (finding: string, does: Does, operation: string): string =>
  `operation:${finding}/${does}/${operation}`

/** Each node and edge once, who told most of a platform first. Things of one account, or with an id of the platform's own, are the same for all. */
export function graphOf(held: readonly Held[], kept: readonly Kept[] = []): Graph {
  const nodes = new Map<string, GraphNode>()
  const edges = new Map<string, Edge>()
  const add = (node: GraphNode): void => void (nodes.has(node.id) || nodes.set(node.id, node))
  const join = (kind: Edge['kind'], from: string, to: string): void =>
    void edges.set(`${kind} ${from} ${to}`, { kind, from, to })

  const owned = held.flatMap(ownedOf)
  for (const told of widestFirst(owned)) {
    // Whoever told of a thing first said where it stands: another account calls the same place by another name.
    const isKnown = (id: string): boolean => {
      const node = nodes.get(id)
      return node?.kind === 'resource' && node.account !== told.account
    }
    addThings(told, { add, join, isKnown })
  }
  for (const copy of kept)
    if (nodes.has(resourceId(copy.account, copy.of)))
      addCopy({ home: copy.account, copy }, { add, join })
  const known = { nodes: [...nodes.values()], edges: [...edges.values()] }
  for (const told of owned)
    for (const { operation, does, on } of told.powers) {
      const id = operationId(told.finding, does, operation)
      add({ kind: 'operation', id, label: operation, does })
      join('may', credentialId(told.finding), id)
      for (const target of reachedBy(told, on, known)) join('reaches', id, target)
    }
  const bare = { nodes: [...nodes.values()], edges: [...edges.values()] }
  const credentials = held.map((one) => credentialNode(one, bare))
  return { nodes: [...credentials, ...bare.nodes], edges: bare.edges }
}

interface Owned extends Told {
  readonly finding: string
  readonly provider: string
  readonly account: string
}

/** Of what nobody said whose it is, each credential has an account of its own: two owners' things are not one. */
function ownedOf({ finding, provider, reach }: Held): readonly Owned[] {
  if (reach.kind !== 'told') return []
  const account = reach.account ?? `${provider} by ${finding}`
  return [{ ...reach, finding, provider, account }]
}

const widestFirst = (owned: readonly Owned[]): readonly Owned[] =>
  [...Map.groupBy(owned, ({ provider }) => provider).values()].flatMap((some) =>
    some.toSorted((a, b) => b.things.length - a.things.length),
  )

/** Where the ids of a thing, and of its copies, count. */
const homeOf = ({ provider, account, things }: Owned, id: string): string =>
  things.some((thing) => thing.id === id && thing.isGlobal === true) ? provider : account

interface Drawing {
  readonly add: (node: GraphNode) => void
  readonly join: (kind: Edge['kind'], from: string, to: string) => void
}

function addThings(
  told: Owned,
  { add, join, isKnown }: Drawing & { readonly isKnown: (id: string) => boolean },
): void {
  const { account, provider, things, copies } = told
  for (const { id, name, type, environments, holds, shared, isGlobal = false } of things) {
    const home = isGlobal ? provider : account
    const own = resourceId(home, id)
    if (isKnown(own)) continue
    add({ kind: 'resource', id: own, label: name, type, account, home, holds, shared })
    for (const environment of environments) {
      const at = environmentId(account, environment)
      add({ kind: 'environment', id: at, label: environment, account, platform: provider })
      join('in', own, at)
    }
  }
  // A copy of what is gone, or was not told, hangs on nothing.
  const isThing = new Set(things.map(({ id }) => id))
  for (const copy of copies)
    if (isThing.has(copy.of)) addCopy({ home: homeOf(told, copy.of), copy }, { add, join })
}

function addCopy(
  { home, copy }: { readonly home: string; readonly copy: Copy },
  { add, join }: Drawing,
): void {
  const { id, name, type, of, environment, lies, isImmutable, isTested } = copy
  const own = backupId(home, id)
  add({ kind: 'backup', id: own, label: name, type, environment, lies, isImmutable, isTested })
  join('copied', resourceId(home, of), own)
}

/** Ids of nodes. What lies inside a thing goes with it; `all` is what the account has, but for what can go no sooner than its time. */
function reachedBy(
  told: Owned,
  on: readonly string[] | 'all',
  { nodes, edges }: Graph,
): readonly string[] {
  const { account, things, copies } = told
  // By its own words: each of its ids leads to one node.
  const own = new Map([
    ...things.map(({ id }) => [id, resourceId(homeOf(told, id), id)] as const),
    ...copies.map(({ id, of }) => [id, backupId(homeOf(told, of), id)] as const),
  ])
  const named = new Set(
    on === 'all'
      ? own.values()
      : on.flatMap((id) => own.get(id) ?? [resourceId(account, id), backupId(account, id)]),
  )
  const lying = (where: Copy['lies']): ReadonlySet<string> =>
    new Set(nodes.flatMap((node) => (node.kind === 'backup' && node.lies === where ? node.id : [])))
  const [stays, inside] = [lying('apart'), lying('inside')]
  const isOfAccount = (node: GraphNode): boolean =>
    node.kind === 'resource' ? node.account === account : node.id.startsWith(backupId(account, ''))
  const ofAccount = new Set(
    nodes.filter((node) => on === 'all' && isOfAccount(node)).map(({ id }) => id),
  )
  const ids = new Set(nodes.map(({ id }) => id).filter((id) => named.has(id) || ofAccount.has(id)))
  for (const { kind, from, to } of edges)
    if (kind === 'copied' && ids.has(from) && (inside.has(to) || ofAccount.has(from))) ids.add(to)
  return on === 'all' ? [...ids].filter((id) => !stays.has(id)) : [...ids]
}

function credentialNode({ reach, ...held }: Held, graph: Graph): CredentialNode {
  const isTold = reach.kind === 'told' && reach.unknown.length === 0
  return {
    kind: 'credential',
    id: credentialId(held.finding),
    ...held,
    outcome: reach.kind === 'dead' ? null : outcomeOf(reach, credentialId(held.finding), graph),
    isKnown: reach.kind === 'dead' || isTold || (reach.kind === 'told' && isWorst(held, graph)),
  }
}

const isWorst = ({ finding }: Pick<Held, 'finding'>, graph: Graph): boolean =>
  bareOf(graph, credentialId(finding)).length > 0

/** INVARIANT (unknown is everything): what nobody could say is A, and said to be unknown. */
function outcomeOf(reach: Reach, id: string, graph: Graph): Outcome {
  if (reach.kind !== 'told' || reach.unknown.length > 0) return 'A'
  const lost = lostTo(graph, id)
  if (lost.length > 0) return bareOf(graph, id).length > 0 ? 'A' : 'B'
  return reach.powers.some(({ does }) => does !== 'reads') ? 'C' : 'D'
}

/** The data that a credential can destroy. */
export function lostTo(graph: Graph, credential: string): readonly ResourceNode[] {
  const gone = goneWith(graph, credential)
  return graph.nodes.filter(
    (node): node is ResourceNode =>
      node.kind === 'resource' && node.holds === 'data' && gone.has(node.id),
  )
}

/** What of it has no copy that would stay. */
export function bareOf(graph: Graph, credential: string): readonly ResourceNode[] {
  const gone = goneWith(graph, credential)
  return lostTo(graph, credential).filter(({ id }) =>
    copiesOf(graph, id).every((copy) => gone.has(copy.id)),
  )
}

/** Ids of all that a credential can destroy. What nobody can delete before its time stays. */
export function goneWith(graph: Graph, credential: string): ReadonlySet<string> {
  const operations = new Set(
    graph.edges.flatMap(({ kind, from, to }) =>
      kind === 'may' && from === credential ? [to] : [],
    ),
  )
  const destroying = new Set(
    graph.nodes.flatMap((node) =>
      node.kind === 'operation' && node.does === 'destroys' && operations.has(node.id)
        ? [node.id]
        : [],
    ),
  )
  const safe = new Set(
    graph.nodes.flatMap((node) =>
      node.kind === 'backup' && node.isImmutable && node.lies !== 'inside' ? [node.id] : [],
    ),
  )
  return new Set(
    graph.edges.flatMap(({ kind, from, to }) =>
      kind === 'reaches' && destroying.has(from) && !safe.has(to) ? [to] : [],
    ),
  )
}

/** The known copies of a resource. */
export function copiesOf(graph: Graph, resource: string): readonly BackupNode[] {
  const ids = new Set(
    graph.edges.flatMap(({ kind, from, to }) =>
      kind === 'copied' && from === resource ? [to] : [],
    ),
  )
  return graph.nodes.filter(
    (node): node is BackupNode => node.kind === 'backup' && ids.has(node.id),
  )
}

/** The environments that use a resource. */
export function environmentsOf(graph: Graph, resource: string): readonly EnvironmentNode[] {
  const ids = new Set(
    graph.edges.flatMap(({ kind, from, to }) => (kind === 'in' && from === resource ? [to] : [])),
  )
  return graph.nodes.filter(
    (node): node is EnvironmentNode => node.kind === 'environment' && ids.has(node.id),
  )
}
