/** The graph of what was said of all credentials, and of each the worst that can come of it. */
import { credentialId, environmentId, backupId, operationId, resourceId } from './graph-ids.ts'
import { homesOf, reaching, standingOf } from './graph-reach.ts'
import type { Owned } from './graph-reach.ts'
import { bareOf, lostTo } from './loss.ts'
import type { CredentialNode, Edge, Graph, GraphNode, Outcome } from './graph.ts'
import type { Copy, Reach } from './reach/reach.ts'

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
  const standing = standingOf([...nodes.values()], [...edges.values()])
  for (const told of owned) {
    const reached = reaching(told, standing)
    for (const { operation, does, on } of told.powers) {
      const id = operationId(told.finding, does, operation)
      add({ kind: 'operation', id, label: operation, does })
      join('may', credentialId(told.finding), id)
      for (const target of reached(on)) join('reaches', id, target)
    }
  }
  const bare = { nodes: [...nodes.values()], edges: [...edges.values()] }
  const credentials = held.map((one) => credentialNode(one, bare))
  return { nodes: [...credentials, ...bare.nodes], edges: bare.edges }
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
  const home = homesOf(told)
  for (const copy of copies)
    if (isThing.has(copy.of)) addCopy({ home: home(copy.of), copy }, { add, join })
}

function addCopy(
  { home, copy }: { readonly home: string; readonly copy: Copy },
  { add, join }: Drawing,
): void {
  const { id, name, type, of, environment, lies, isImmutable, isTested } = copy
  const own = backupId(home, id)
  add({
    kind: 'backup',
    id: own,
    label: name,
    type,
    home,
    environment,
    lies,
    isImmutable,
    isTested,
  })
  join('copied', resourceId(home, of), own)
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
