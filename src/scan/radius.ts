/** The blast radius as a graph: credential → operation → resource → environment, and resource → backup. Plain data, for words and pictures alike. */
import type { Copy, Does, Reach, Thing, Told } from './reach/reach.ts'

/** What can come of it. A: data and every known copy go. B: data goes, a copy stays. C: what goes can be made anew. D: it is only read. */
export type Outcome = 'A' | 'B' | 'C' | 'D'

export interface CredentialNode {
  readonly kind: 'credential'
  readonly id: string
  /** The finding of the scan. */
  readonly finding: string
  readonly provider: string
  readonly label: string
  /** Where it lies: file and line. */
  readonly place: string
  /** Null: it is dead. */
  readonly outcome: Outcome | null
  /** False where the platform did not say all: it is then counted as A. */
  readonly isKnown: boolean
  /** It is one of Firebreak's own, and what destroys by it waits for a person. Left out: it is a raw one. */
  readonly isHeld?: boolean
}
export interface OperationNode {
  readonly kind: 'operation'
  readonly id: string
  readonly label: string
  readonly does: Does
  /** A person is asked first. */
  readonly isHeld?: boolean
}
export interface ResourceNode {
  readonly kind: 'resource'
  readonly id: string
  readonly label: string
  readonly type: string
  readonly account: string
  readonly holds: Thing['holds']
  readonly shared: Thing['shared']
}
export interface EnvironmentNode {
  readonly kind: 'environment'
  readonly id: string
  readonly label: string
  readonly account: string
  /** Whose it is, as people call the platform. */
  readonly platform: string
}
export interface BackupNode {
  readonly kind: 'backup'
  readonly id: string
  readonly label: string
  readonly type: string
  readonly environment: string | null
  readonly lies: Copy['lies']
  readonly isImmutable: boolean
  readonly isTested: boolean
}
export type GraphNode = CredentialNode | OperationNode | ResourceNode | EnvironmentNode | BackupNode

/** `may`: credential → operation. `reaches`: operation → resource or backup. `in`: resource → environment. `copied`: resource → backup. */
export interface Edge {
  readonly kind: 'may' | 'reaches' | 'in' | 'copied'
  readonly from: string
  readonly to: string
}

export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly Edge[]
}

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
  readonly account: string
}

export const credentialId = (finding: string): string => `credential:${finding}`
export const resourceId = (account: string, id: string): string => `resource:${account}/${id}`
export const environmentId = (account: string, name: string): string =>
  `environment:${account}/${name}`
const backupId = (account: string, id: string): string => `backup:${account}/${id}`
const operationId = (finding: string, does: Does, operation: string): string =>
  `operation:${finding}/${does}/${operation}`

/** Each node and edge once, in the order in which they were told. Things of one account are the same for all its credentials. */
export function graphOf(held: readonly Held[], kept: readonly Kept[] = []): Graph {
  const nodes = new Map<string, GraphNode>()
  const edges = new Map<string, Edge>()
  const add = (node: GraphNode): void => void (nodes.has(node.id) || nodes.set(node.id, node))
  const join = (kind: Edge['kind'], from: string, to: string): void =>
    void edges.set(`${kind} ${from} ${to}`, { kind, from, to })

  const owned = held.flatMap(ownedOf)
  for (const { told, provider } of owned) addThings(told, provider, { add, join })
  for (const copy of kept)
    if (nodes.has(resourceId(copy.account, copy.of))) addCopy(copy.account, copy, add, join)
  const known = { nodes: [...nodes.values()], edges: [...edges.values()] }
  for (const { finding, told } of owned)
    for (const { operation, does, on } of told.powers) {
      const id = operationId(finding, does, operation)
      add({ kind: 'operation', id, label: operation, does })
      join('may', credentialId(finding), id)
      for (const target of reachedBy(told, on, known)) join('reaches', id, target)
    }
  const bare = { nodes: [...nodes.values()], edges: [...edges.values()] }
  const credentials = held.map((one) => credentialNode(one, bare))
  return { nodes: [...credentials, ...bare.nodes], edges: bare.edges }
}

interface Owned extends Told {
  readonly account: string
}

/** Of what nobody said whose it is, each credential has an account of its own: two owners' things are not one. */
function ownedOf({ finding, provider, reach }: Held): readonly {
  readonly finding: string
  readonly provider: string
  readonly told: Owned
}[] {
  if (reach.kind !== 'told') return []
  const account = reach.account ?? `${provider} by ${finding}`
  return [{ finding, provider, told: { ...reach, account } }]
}

type Add = (node: GraphNode) => void
type Join = (kind: Edge['kind'], from: string, to: string) => void

function addThings(
  { account, things, copies }: Owned,
  platform: string,
  { add, join }: { readonly add: Add; readonly join: Join },
): void {
  for (const { id, name, type, environments, holds, shared } of things) {
    const own = resourceId(account, id)
    add({ kind: 'resource', id: own, label: name, type, account, holds, shared })
    for (const environment of environments) {
      const at = environmentId(account, environment)
      add({ kind: 'environment', id: at, label: environment, account, platform })
      join('in', own, at)
    }
  }
  for (const copy of copies) addCopy(account, copy, add, join)
}

function addCopy(account: string, copy: Copy, add: Add, join: Join): void {
  const { id, name, type, of, environment, lies, isImmutable, isTested } = copy
  const own = backupId(account, id)
  add({ kind: 'backup', id: own, label: name, type, environment, lies, isImmutable, isTested })
  join('copied', resourceId(account, of), own)
}

/** Ids of nodes. What lies inside a thing goes with it; `all` is what the account has, but for what can go no sooner than its time. */
function reachedBy(
  { account }: Owned,
  on: readonly string[] | 'all',
  { nodes, edges }: Graph,
): readonly string[] {
  const inAccount = nodes.filter(
    (node) =>
      (node.kind === 'resource' && node.account === account) ||
      (node.kind === 'backup' && node.id.startsWith(backupId(account, ''))),
  )
  const named = inAccount.filter((node) =>
    on === 'all'
      ? node.kind !== 'backup' || node.lies !== 'apart'
      : on.some((id) => node.id === resourceId(account, id) || node.id === backupId(account, id)),
  )
  const ids = new Set(named.map(({ id }) => id))
  const inside = new Set(
    nodes.flatMap((node) => (node.kind === 'backup' && node.lies === 'inside' ? [node.id] : [])),
  )
  for (const { kind, from, to } of edges)
    if (kind === 'copied' && ids.has(from) && inside.has(to)) ids.add(to)
  return [...ids]
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
