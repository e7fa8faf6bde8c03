/** What no credential can do by itself and some can together: destroy data and every copy of it. */
import { plain } from '../base/plain.ts'
import { copiesOf, goneWith } from './loss.ts'
import type { CredentialNode, Graph, ResourceNode } from './graph.ts'
import { count, nameOf } from './radius-words.ts'

/** A finding, but for what to do about it. */
interface Together {
  readonly rule: 'together'
  readonly subject: string
  readonly finding: null
  readonly outcome: 'A'
  readonly isKnown: true
  readonly message: string
}

/**
 * `groups`: what stands and falls as one, by the id that a finding of it keeps. Only what platforms told counts, so each is known; what
 * one credential destroys alone is told of that one.
 */
export function together(
  graph: Graph,
  groups: ReadonlyMap<string, readonly ResourceNode[]>,
): readonly Together[] {
  const credentials = graph.nodes
    .filter((node) => node.kind === 'credential')
    .filter(({ outcome }) => outcome !== null)
    .map((node) => ({ node, gone: goneWith(graph, node.id) }))
  return [...groups].flatMap(([subject, things]) => {
    const all = wholeOf(graph, things)
    const some = fewest(credentials, all)
    if (some.length < 2) return []
    const copies = all.length - things.length
    const label = nameOf(graph, subject)
    const who = some.map(({ label: each }) => plain(each)).join(' and ')
    const what = copies === 0 ? 'all that it holds' : `all ${count(copies, 'backup')} of it`
    return [
      {
        rule: 'together' as const,
        subject,
        finding: null,
        outcome: 'A' as const,
        isKnown: true,
        message: `${label}: together these ${some.length} can destroy it and ${what}: ${who}`,
      },
    ]
  })
}

/** Ids of the things and of every copy of them. */
const wholeOf = (graph: Graph, things: readonly ResourceNode[]): readonly string[] => [
  ...new Set([
    ...things.map(({ id }) => id),
    ...things.flatMap(({ id }) => copiesOf(graph, id).map((copy) => copy.id)),
  ]),
]

interface Reacher {
  readonly node: CredentialNode
  readonly gone: ReadonlySet<string>
}

/** Who reaches most of what is left comes next, until nothing is; none where some of it is out of everybody's reach. */
function fewest(
  credentials: readonly Reacher[],
  all: readonly string[],
): readonly CredentialNode[] {
  let left = all
  const some: CredentialNode[] = []
  while (left.length > 0) {
    const [next] = credentials
      .map(({ node, gone }) => ({ node, after: left.filter((id) => !gone.has(id)) }))
      .toSorted((a, b) => a.after.length - b.after.length)
    if (next === undefined || next.after.length === left.length) return []
    some.push(next.node)
    left = next.after
  }
  return some
}
