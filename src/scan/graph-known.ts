/** A graph made ready to be asked: each question costs what its answer is long, however many credentials were found. */
import type { Edge, Graph, GraphNode } from './graph.ts'

export interface KnownGraph {
  readonly node: (id: string) => GraphNode | undefined
  /** Where edges of a kind lead from a node, in the order in which they were told. */
  readonly from: (kind: Edge['kind'], id: string) => readonly string[]
  /** Whence the last edge of a kind leads to a node; null where none does. */
  readonly owner: (kind: Edge['kind'], id: string) => string | null
  /** What each credential can destroy, as far as anybody has asked. */
  readonly gone: Map<string, ReadonlySet<string>>
}

const known = new WeakMap<Graph, KnownGraph>()

/** Made at the first question; a graph does not change. */
export function knownOf(graph: Graph): KnownGraph {
  const made = known.get(graph) ?? makeKnown(graph)
  known.set(graph, made)
  return made
}

function makeKnown({ nodes, edges }: Graph): KnownGraph {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const leading = new Map<string, string[]>()
  for (const { kind, from, to } of edges) {
    const key = `${kind} ${from}`
    const list = leading.get(key)
    if (list === undefined) leading.set(key, [to])
    else list.push(to)
  }
  const owners = new Map<Edge['kind'], ReadonlyMap<string, string>>()
  const ownersBy = (kind: Edge['kind']): ReadonlyMap<string, string> => {
    const made =
      owners.get(kind) ??
      new Map(edges.flatMap((edge) => (edge.kind === kind ? [[edge.to, edge.from] as const] : [])))
    owners.set(kind, made)
    return made
  }
  return {
    owner: (kind, id) => ownersBy(kind).get(id) ?? null,
    node: (id) => byId.get(id),
    from: (kind, id) => leading.get(`${kind} ${id}`) ?? [],
    gone: new Map(),
  }
}
