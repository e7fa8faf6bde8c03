/** What can be asked of the graph: what each credential can destroy, and what would be left. */
import { knownOf } from './graph-known.ts'
import type { BackupNode, EnvironmentNode, Graph, ResourceNode } from './graph.ts'

/** The data that a credential can destroy. */
export function lostTo(graph: Graph, credential: string): readonly ResourceNode[] {
  const { node } = knownOf(graph)
  return [...goneWith(graph, credential)].flatMap((id): readonly ResourceNode[] => {
    const one = node(id)
    return one?.kind === 'resource' && one.holds === 'data' ? [one] : []
  })
}

/** What of it has no copy that would stay. */
export function bareOf(graph: Graph, credential: string): readonly ResourceNode[] {
  return lostTo(graph, credential).filter(({ id }) => isBareTo(graph, credential, id))
}

/** It goes by this credential, and so does each copy of it. */
export function isBareTo(graph: Graph, credential: string, resource: string): boolean {
  const gone = goneWith(graph, credential)
  return (
    gone.has(resource) &&
    knownOf(graph)
      .from('copied', resource)
      .every((copy) => gone.has(copy))
  )
}

/** Ids of all that a credential can destroy. What nobody can delete before its time stays. */
export function goneWith(graph: Graph, credential: string): ReadonlySet<string> {
  const { node, from, gone } = knownOf(graph)
  const said = gone.get(credential)
  if (said !== undefined) return said
  const all = new Set<string>()
  for (const operation of from('may', credential)) {
    const act = node(operation)
    if (act?.kind !== 'operation' || act.does !== 'destroys') continue
    for (const id of from('reaches', operation)) if (!isSafe(node(id))) all.add(id)
  }
  gone.set(credential, all)
  return all
}

const isSafe = (node: Graph['nodes'][number] | undefined): boolean =>
  node?.kind === 'backup' && node.isImmutable && node.lies !== 'inside'

/** The known copies of a resource. */
export function copiesOf(graph: Graph, resource: string): readonly BackupNode[] {
  const { node, from } = knownOf(graph)
  return from('copied', resource).flatMap((id): readonly BackupNode[] => {
    const one = node(id)
    return one?.kind === 'backup' ? [one] : []
  })
}

/** The environments that use a resource. */
export function environmentsOf(graph: Graph, resource: string): readonly EnvironmentNode[] {
  const { node, from } = knownOf(graph)
  return from('in', resource).flatMap((id): readonly EnvironmentNode[] => {
    const one = node(id)
    return one?.kind === 'environment' ? [one] : []
  })
}
