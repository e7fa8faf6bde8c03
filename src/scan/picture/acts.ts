/** The boxes of who may and what: credentials, the worst first, and their operations by what they do. */
import { byOutcome } from '../radius-findings.ts'
import type { CredentialNode, Graph, OperationNode } from '../graph.ts'
import type { Does } from '../reach/reach.ts'
import { classOf } from '../radius-words.ts'
import { knownOf } from '../graph-known.ts'
import { grouped } from './groups.ts'
import type { Group } from './groups.ts'
import type { Tone } from './layered.ts'

/** Where what nobody said leads. */
export const everything = 'not said'

/** Of one provider's that nobody could speak of, three stand for themselves. */
const mostSilent = 3

export function credentialGroups(graph: Graph): readonly Group[] {
  const all = graph.nodes
    .filter((node): node is CredentialNode => node.kind === 'credential' && node.outcome !== null)
    .toSorted(byOutcome)
  const speaking = new Set(graph.edges.flatMap(({ kind, from }) => (kind === 'may' ? [from] : [])))
  const silent = Map.groupBy(
    all.filter(({ id }) => !speaking.has(id)),
    ({ provider }) => provider,
  )
  return grouped(all, ({ id, provider }) =>
    !speaking.has(id) && (silent.get(provider)?.length ?? 0) > mostSilent ? provider : id,
  ).map(([id, nodes]) => {
    const [{ label, place, isHeld }] = nodes
    const many = nodes.length > 1
    // Of what waits for a person nobody can say yet what comes of it.
    const mark = isHeld === true ? '' : classOf(nodes[0])
    return {
      ids: nodes.map((node) => node.id),
      box: {
        id: many ? `credentials ${id}` : id,
        column: 0,
        mark,
        text: many
          ? `${nodes.length} × ${id}`
          : isHeld === undefined
            ? withoutPlace(label, place)
            : label,
        sub: many ? 'nobody could say' : place,
        tone: isHeld === true ? 'held' : outcomeTone(nodes[0]),
        full: nodes.map((node) => `${node.label} ${mark}`).join(', '),
      },
    }
  })
}

/** The place has a line of its own. */
const withoutPlace = (label: string, place: string): string => label.replace(` at ${place}`, '')

/** The colour of a class. */
export function outcomeTone({
  outcome,
  isKnown,
}: Pick<CredentialNode, 'outcome' | 'isKnown'>): Tone {
  if (!isKnown) return 'unsaid'
  return outcome === 'A' ? 'bare' : outcome === 'B' ? 'gone' : 'plain'
}

const words: Readonly<Record<Does, string>> = {
  destroys: 'destroys',
  changes: 'changes',
  reads: 'reads',
  mints: 'makes keys',
}

/** One box for all of one sort that one credential may do; reading is drawn where it is all there is. */
export function operationGroups(graph: Graph): readonly Group[] {
  const operations = graph.nodes.filter((node): node is OperationNode => node.kind === 'operation')
  const ownerOf = ({ id }: OperationNode): string => knownOf(graph).owner('may', id) ?? ''
  const doing = new Set(
    operations.flatMap((node) => (node.does === 'reads' ? [] : [ownerOf(node)])),
  )
  const groups = grouped(
    operations.filter((node) => node.does !== 'reads' || !doing.has(ownerOf(node))),
    (node) => `${ownerOf(node)} ${node.does} ${node.isHeld === true}`,
  ).map(([id, nodes]) => {
    const [{ does, isHeld }] = nodes
    const names = nodes.map(({ label }) => label)
    const [name = '', ...more] = names
    const tone: Tone = does === 'destroys' ? (isHeld === true ? 'held' : 'gone') : 'plain'
    return {
      ids: nodes.map((node) => node.id),
      box: {
        id: `operations ${id}`,
        column: 1,
        mark: '',
        text: more.length === 0 ? name : `${name} +${more.length}`,
        sub: isHeld === true ? `${words[does]}, after a person's yes` : words[does],
        tone,
        full: `${words[does]}: ${names.join(', ')}`,
      },
    }
  })
  const box = {
    id: everything,
    column: 1,
    mark: '',
    text: 'not said',
    sub: 'counts as everything',
    tone: 'unsaid' as const,
    full: 'nobody could say all that these can do: it counts as everything',
  }
  return unsaidOf(graph).length === 0 ? groups : [...groups, { ids: [everything], box }]
}

/** The credentials of which nobody could say all. */
export const unsaidOf = (graph: Graph): readonly string[] =>
  graph.nodes.flatMap((node) =>
    node.kind === 'credential' && node.outcome !== null && !node.isKnown ? [node.id] : [],
  )
