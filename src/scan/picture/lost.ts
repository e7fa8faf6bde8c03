/** What can go by any of the credentials that were found; and what only after a person's yes. */
import { bareOf, goneWith, lostTo } from '../radius.ts'
import type { Graph } from '../graph.ts'
import type { Tone } from './layered.ts'

/** Ids of nodes; what is bare has no copy that would stay. */
export interface Lost {
  readonly gone: ReadonlySet<string>
  readonly bare: ReadonlySet<string>
  /** What no operation destroys but those that wait for a person. */
  readonly held: ReadonlySet<string>
}

export function lostIn(graph: Graph): Lost {
  const unasked = {
    ...graph,
    nodes: graph.nodes.filter((node) => node.kind !== 'operation' || node.isHeld !== true),
  }
  const credentials = graph.nodes.filter(({ kind }) => kind === 'credential')
  const gone = new Set(credentials.flatMap(({ id }) => goneBy(unasked, id)))
  return {
    gone,
    bare: new Set(
      credentials.flatMap(({ id }) => bareOf(unasked, id).map(({ id: thing }) => thing)),
    ),
    held: new Set(
      credentials.flatMap(({ id }) => goneBy(graph, id).filter((each) => !gone.has(each))),
    ),
  }
}

const goneBy = (graph: Graph, credential: string): readonly string[] => [
  ...lostTo(graph, credential).map(({ id }) => id),
  ...[...goneWith(graph, credential)].filter((id) => id.startsWith('backup:')),
]

export function toneOf({ gone, bare, held }: Lost, id: string): Tone {
  if (bare.has(id)) return 'bare'
  if (gone.has(id)) return 'gone'
  return held.has(id) ? 'held' : 'plain'
}
