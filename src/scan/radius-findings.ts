/** What is wrong with the whole: findings over the graph, each with a sentence and the fix. */
import { plain } from '../base/plain.ts'
import { knownOf } from './graph-known.ts'
import { isBareTo, copiesOf, environmentsOf, goneWith, lostTo } from './loss.ts'
import { resourceId } from './graph-ids.ts'
import type { BackupNode, CredentialNode, Graph, Outcome, ResourceNode } from './graph.ts'
import type { Held } from './radius.ts'
import { together } from './radius-together.ts'
import { count, isProduction, listed, nameOf } from './radius-words.ts'

/** Stable: tests, `.firebreak-ignore` and SARIF cite them. */
export type RadiusRule = keyof typeof fixes

const fixes = {
  'blanket-authority':
    'give agents a `firebreak grant` for what they do, keep this one with `firebreak custody`, and revoke what lies about',
  'mints-keys':
    'revoke it, then look through the keys that the account has: one may have been made with it',
  'secret-in-history':
    'revoke it: a commit that brought a secret in cannot be called back from those who have it',
  'backup-in-reach':
    'keep a copy where this credential does not reach: `firebreak vault` on another account',
  together:
    'keep a copy that none of these reaches, or revoke one of them: each by itself leaves a copy',
  'shared-resource': 'give each environment its own, and move the data of one of them',
  'backup-inside': 'keep a copy outside: what is deleted takes what lies in it along',
  'backup-same-account': 'keep a copy in another account, or `firebreak vault` with a second place',
  'no-copy': 'take one now: `firebreak protect`',
  'no-immutable-copy': 'keep a copy under a lock that nobody can shorten (`docs/vault.md`)',
  'no-tested-restore': 'try one: `firebreak drill`',
  'three-two-one': 'three copies, in two places, one of them elsewhere: `firebreak vault`',
} as const

export interface RadiusFinding {
  readonly rule: RadiusRule
  /** What the id is made of: the same thing keeps its id. Not for show. */
  readonly subject: string
  /** The finding of the scan that it is about; null for one about things. */
  readonly finding: string | null
  /** The worst that a credential that was found can do to what it is about; null where none can destroy it. */
  readonly outcome: Outcome | null
  readonly isKnown: boolean
  readonly message: string
  readonly fix: string
}

/** True for an id of such a finding: it is met only where platforms were asked. */
export const isRadiusId = (id: string): boolean => id.replace(/-[0-9a-f]{12}$/, '') in fixes

/** The worst first, by outcome, then by the order of the rules above; never by a number. `inHistory`: findings that stand in commits alone or too. */
export function radiusFindings(
  graph: Graph,
  held: readonly Held[],
  inHistory: ReadonlySet<string>,
): readonly RadiusFinding[] {
  const credentials = graph.nodes.filter((node) => node.kind === 'credential')
  const data = dataOf(graph)
  const groups = groupsOf(graph, data)
  const all = [
    ...credentials.flatMap((node) => aboutCredential(graph, node, { held, inHistory })),
    ...aboutThings(graph, credentials, { data, groups }),
    ...together(graph, groups).map((one) => ({ ...one, fix: fixes.together })),
  ]
  const rules = Object.keys(fixes)
  return all.toSorted((a, b) => byOutcome(a, b) || rules.indexOf(a.rule) - rules.indexOf(b.rule))
}

const order = ['A', 'B', 'C', 'D', null] as const

interface Ranked {
  readonly outcome: Outcome | null
  readonly isKnown: boolean
}

/** A before D; what is known to be A before what only counts as it. */
export function byOutcome(a: Ranked, b: Ranked): number {
  return (
    order.indexOf(a.outcome) - order.indexOf(b.outcome) || Number(b.isKnown) - Number(a.isKnown)
  )
}

interface Around {
  readonly held: readonly Held[]
  readonly inHistory: ReadonlySet<string>
}

function aboutCredential(
  graph: Graph,
  node: CredentialNode,
  { held, inHistory }: Around,
): readonly RadiusFinding[] {
  if (node.outcome === null) return []
  const reach = held.find(({ finding }) => finding === node.finding)?.reach
  const told = (rule: RadiusRule, message: string): RadiusFinding => ({
    rule,
    subject: node.id,
    finding: node.finding,
    outcome: node.outcome,
    isKnown: node.isKnown,
    message: `${plain(node.label)}: ${message}`,
    fix: fixes[rule],
  })
  const found: RadiusFinding[] = []
  if (reach?.kind === 'told') {
    const mints = reach.powers.filter(({ does }) => does === 'mints')
    if (reach.isBlanket)
      found.push(told('blanket-authority', `it may do all that ${plain(reach.who)} may`))
    if (mints.length > 0)
      found.push(
        told(
          'mints-keys',
          `it can make keys (${listed(mints.map(({ operation }) => plain(operation)))})`,
        ),
      )
    const taken = copiesTaken(graph, node.id)
    if (taken.length > 0)
      found.push(
        told(
          'backup-in-reach',
          `it can delete data and ${count(taken.length, 'backup')} of it that lie apart from it`,
        ),
      )
  }
  if (inHistory.has(node.finding))
    found.push(told('secret-in-history', 'it stands in a commit, and works still'))
  return found
}

/** Copies outside the thing that go by the same hand as the thing. */
function copiesTaken(graph: Graph, id: string): readonly BackupNode[] {
  const gone = goneWith(graph, id)
  return lostTo(graph, id)
    .flatMap((one) => copiesOf(graph, one.id))
    .filter((copy) => copy.lies !== 'inside' && gone.has(copy.id))
}

interface Grouped {
  readonly data: readonly ResourceNode[]
  /** By the environment that they are for, or the thing where there is none. */
  readonly groups: ReadonlyMap<string, readonly ResourceNode[]>
}

/** What can be said of things: shared ones each; backups by the environment that they are for, or the thing where there is none. */
function aboutThings(
  graph: Graph,
  credentials: readonly CredentialNode[],
  { data, groups }: Grouped,
): readonly RadiusFinding[] {
  const shared = [...sharedOf(data)].flatMap(([subject, things]) => {
    const [first] = things
    const all = new Set(things.flatMap(({ id }) => environmentsOf(graph, id)))
    if (first === undefined || all.size < 2) return []
    const type = plain(first.shared?.type ?? first.type)
    const names = listed([...all].map(({ label }) => plain(label)))
    const message = `${type} ${plain(first.label)} has one id for ${names}: what is done by it to one is done to all`
    return [about('shared-resource', subject, things, message)]
  })
  const hygiene = [...groups].flatMap(([subject, things]) =>
    aboutCopies(graph, subject, things).map(([rule, message]) =>
      about(rule, subject, things, message),
    ),
  )
  return [...shared, ...hygiene]

  function about(
    rule: RadiusRule,
    subject: string,
    things: readonly ResourceNode[],
    message: string,
  ): RadiusFinding {
    const worst = credentials
      .filter(({ id }) => things.some((one) => goneWith(graph, id).has(one.id)))
      .map(({ id, isKnown }): Ranked => ({
        outcome: things.some((one) => isBareTo(graph, id, one.id)) ? 'A' : 'B',
        isKnown,
      }))
      .toSorted(byOutcome)[0]
    const { outcome = null, isKnown = true } = worst ?? {}
    return { rule, subject, finding: null, outcome, isKnown, message, fix: fixes[rule] }
  }
}

const dataOf = (graph: Graph): readonly ResourceNode[] =>
  graph.nodes.filter(
    (node): node is ResourceNode => node.kind === 'resource' && node.holds === 'data',
  )

/** Things that go by one id. */
function sharedOf(data: readonly ResourceNode[]): ReadonlyMap<string, readonly ResourceNode[]> {
  return Map.groupBy(data, ({ id, home, shared }) =>
    shared === null ? id : resourceId(home, shared.id),
  )
}

/** Where an account has an environment that production goes by, the others' copies are nobody's sorrow. */
function groupsOf(
  graph: Graph,
  data: readonly ResourceNode[],
): ReadonlyMap<string, readonly ResourceNode[]> {
  const groups = new Map<string, readonly ResourceNode[]>()
  const live = new Set(
    graph.nodes.flatMap((node) =>
      node.kind === 'environment' && isProduction(node.label) ? [node.account] : [],
    ),
  )
  for (const one of data) {
    const places = environmentsOf(graph, one.id)
    const kept = live.has(one.account) ? places.filter(({ label }) => isProduction(label)) : places
    const subjects = places.length === 0 ? [one.id] : kept.map(({ id }) => id)
    for (const subject of subjects) groups.set(subject, [...(groups.get(subject) ?? []), one])
  }
  return groups
}

type Said = readonly (readonly [RadiusRule, string])[]

function aboutCopies(graph: Graph, subject: string, things: readonly ResourceNode[]): Said {
  const node = knownOf(graph).node(subject)
  const name = nameOf(graph, subject)
  const own = node?.kind === 'environment' ? node.label : null
  const copies = things
    .flatMap(({ id }) => copiesOf(graph, id))
    .filter(({ environment }) => own === null || environment === null || environment === own)
  const bare = things.filter(({ id }) => copiesOf(graph, id).length === 0)
  const missing: Said =
    bare.length === 0
      ? []
      : [
          [
            'no-copy',
            `${name}: no copy is known of ${listed(bare.map(({ label }) => plain(label)))}`,
          ],
        ]
  return copies.length === 0 ? missing : [...missing, ...aboutKept(name, copies)]
}

function aboutKept(name: string, copies: readonly BackupNode[]): Said {
  const said: (readonly [RadiusRule, string])[] = []
  const all = count(copies.length, 'backup')
  const outside = copies.filter(({ lies }) => lies !== 'inside')
  const apart = outside.filter(({ lies }) => lies === 'apart')
  if (outside.length === 0)
    said.push(['backup-inside', `${name}: its ${all} lie in the very thing that they are of`])
  else if (apart.length === 0)
    said.push(['backup-same-account', `${name}: its ${all} lie in the account of the thing itself`])
  if (copies.every(({ isImmutable }) => !isImmutable))
    said.push(['no-immutable-copy', `${name}: each of its ${all} can be deleted at once`])
  if (copies.every(({ isTested }) => !isTested))
    said.push(['no-tested-restore', `${name}: nobody has tried to restore one of its ${all}`])
  const places = new Set(copies.map(({ lies }) => lies)).add('inside').size
  if (copies.length < 2 || places < 2 || apart.length === 0)
    said.push([
      'three-two-one',
      `${name}: ${count(copies.length + 1, 'copy', 'copies')} with the original, in ${count(places, 'place')}, ${apart.length} of them elsewhere`,
    ])
  return said
}
