/** The blast radius in five columns: credential → operation → resource → environment → backup. What goes is told from what stays by a person's eye in a second. */
import type { Edge, Graph, GraphNode } from '../graph.ts'
import { knownOf } from '../graph-known.ts'
import { credentialGroups, everything, operationGroups, unsaidOf } from './acts.ts'
import { linesBetween, roomFor } from './groups.ts'
import type { Layered, Line, Tone } from './layered.ts'
import { environmentsOf } from '../loss.ts'
import { lostIn, toneOf } from './lost.ts'
import type { Lost } from './lost.ts'
import { backupGroups, environmentGroups, resourceGroups } from './things.ts'

export const heads = ['Credentials, worst first', 'may', 'Things', 'Environments', 'Backups']

export function layeredOf(graph: Graph): Layered {
  const lost = lostIn(graph)
  const alive = graph.nodes.filter((node) => node.kind === 'credential' && node.outcome !== null)
  const groups = [
    ...roomFor(credentialGroups(graph)),
    ...roomFor(operationGroups(graph)),
    ...roomFor(resourceGroups(graph, lost)),
    ...roomFor(environmentGroups(graph, lost)),
    ...roomFor(backupGroups(graph, lost)),
  ]
  const lines = linesOf(graph, lost, new Set(alive.map(({ id }) => id)))
  return {
    heads,
    boxes: groups.map(({ box }) => box),
    lines: linesBetween(groups, lines),
  }
}

function linesOf(graph: Graph, lost: Lost, alive: ReadonlySet<string>): readonly Line[] {
  const { node } = knownOf(graph)
  const implied = impliedIn(graph)
  const own = graph.edges.flatMap((edge): readonly Line[] => {
    const { kind, from, to } = edge
    switch (kind) {
      case 'may':
        return alive.has(from) ? [{ from, to, tone: actTone(node(to)) }] : []
      case 'reaches':
        return implied(edge) ? [] : [{ from, to, tone: actTone(node(from)) }]
      case 'in':
        return [{ from, to, tone: toneOf(lost, from) }]
      case 'copied':
        return copied(graph, edge, lost)
    }
  })
  const unsaid = unsaidOf(graph).map((from): Line => ({ from, to: everything, tone: 'unsaid' }))
  return [...own, ...unsaid]
}

function actTone(node: GraphNode | undefined): Tone {
  if (node?.kind !== 'operation' || node.does !== 'destroys') return 'plain'
  return node.isHeld === true ? 'held' : 'gone'
}

/** A backup of what the same operation's credential reaches already is found by the way over the thing: a second line says nothing more. */
function impliedIn(graph: Graph): (edge: Edge) => boolean {
  const { node, owner } = knownOf(graph)
  const by = (operation: string): string => owner('may', operation) ?? ''
  const reached = new Set(
    graph.edges.flatMap(({ kind, from, to }) => (kind === 'reaches' ? [`${by(from)} ${to}`] : [])),
  )
  return ({ from, to }) =>
    node(to)?.kind === 'backup' && reached.has(`${by(from)} ${owner('copied', to) ?? ''}`)
}

/** From the environment whose state it has, where that is one of the thing's; else from the thing. */
function copied(graph: Graph, { from, to }: Edge, lost: Lost): readonly Line[] {
  const node = knownOf(graph).node(to)
  const tone = lost.gone.has(to) ? 'gone' : 'stays'
  const named = environmentsOf(graph, from).find(
    ({ label }) => node?.kind === 'backup' && label === node.environment,
  )
  return [{ from: named?.id ?? from, to, tone }]
}
