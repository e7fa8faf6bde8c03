/** What a credential can do, in one sentence that a founder understands. */
import { plain } from '../base/plain.ts'
import { bareOf, copiesOf, environmentsOf, goneWith, lostTo } from './loss.ts'
import { credentialId } from './graph-ids.ts'
import { knownOf } from './graph-known.ts'
import type { BackupNode, CredentialNode, EnvironmentNode, Graph, ResourceNode } from './graph.ts'
import type { Held } from './radius.ts'

/** `token`, `key` or `password`, by the rule that found it. */
export function nounOf(rule: string): string {
  if (/password|url$|pgpass|login|netrc|git-credentials/.test(rule)) return 'password'
  return /key|secret/.test(rule) ? 'key' : 'token'
}

/** True for a name that production goes by: what is told first. */
export const isProduction = (name: string): boolean =>
  /(?:^|[/_.\s-])(?:prod(?:uction)?|live|main|prd)(?:$|[/_.\s-])/i.test(name)

/** `A`, `A?` where the platform did not say all, `-` for what is dead. */
export const classOf = ({
  outcome,
  isKnown,
}: Pick<CredentialNode, 'outcome' | 'isKnown'>): string => `${outcome ?? '-'}${isKnown ? '' : '?'}`

/** What it is about by its id: an environment by its name, a thing by its type too. */
export function nameOf(graph: Graph, id: string): string {
  const node = knownOf(graph).node(id)
  const label = plain(node?.label ?? '')
  return node?.kind === 'resource' ? `${plain(node.type)} ${label}` : label
}

/** `this token can delete production and its 3 backups`. */
export function sentenceOf(graph: Graph, { finding, reach }: Held, noun: string): string {
  const self = `this ${noun}`
  if (reach.kind === 'dead') return `${self} is dead: ${plain(reach.why)}`
  if (reach.kind === 'silent')
    return `nobody could say what ${self} can do: count it as everything (${plain(reach.why)})`
  const id = credentialId(finding)
  const lost = lostTo(graph, id)
  if (lost.length > 0) return `${self} can delete ${lossOf(graph, id, lost)}`
  if (reach.unknown.length > 0)
    return `nobody could say all that ${self} can do: count it as everything (${plain(reach.unknown[0] ?? '')})`
  const does = new Set(reach.powers.map((power) => power.does))
  if (does.has('destroys') || does.has('changes'))
    return `${self} can change or stop things, and deletes no data that is known`
  if (does.has('mints')) return `${self} can make keys, and deletes no data that is known`
  return does.has('reads') ? `${self} can only read` : `${self} can do nothing that is known`
}

function lossOf(graph: Graph, id: string, lost: readonly ResourceNode[]): string {
  const environments = placesOf(graph, lost)
  const [first, ...others] = environments
  const here =
    first === undefined
      ? lost
      : lost.filter((one) => environmentsOf(graph, one.id).some((each) => each.id === first.id))
  const copies = copiesIn(graph, here, first ?? null)
  const gone = goneWith(graph, id)
  const taken = copies.filter((copy) => gone.has(copy.id))
  const left = copies.length - taken.length
  const what = first === undefined ? thingsOf(lost) : plain(first.label)
  const many = first === undefined && lost.length > 1
  const parts = [
    taken.length === 0
      ? what
      : `${what} and ${many ? 'their' : 'its'} ${count(taken.length, 'backup')}`,
    ...(others.length === 0 ? [] : [`and ${listed(others.map(({ label }) => plain(label)))} too`]),
  ]
  const isBare = bareOf(graph, id).some((one) => here.includes(one))
  const after =
    left > 0 && !isBare
      ? `; ${count(left, 'copy', 'copies')} would be left`
      : copies.length === 0
        ? '; no backup of it is known'
        : ''
  return `${parts.join(', ')}${after}`
}

/** Those that lose something, what production goes by first. */
function placesOf(graph: Graph, lost: readonly ResourceNode[]): readonly EnvironmentNode[] {
  const all = new Map(
    lost.flatMap(({ id }) => environmentsOf(graph, id)).map((each) => [each.id, each]),
  )
  return [...all.values()].toSorted(
    (a, b) => Number(isProduction(b.label)) - Number(isProduction(a.label)),
  )
}

function copiesIn(
  graph: Graph,
  things: readonly ResourceNode[],
  environment: EnvironmentNode | null,
): readonly BackupNode[] {
  const all = things.flatMap(({ id }) => copiesOf(graph, id))
  return environment === null
    ? all
    : all.filter((copy) => copy.environment === null || copy.environment === environment.label)
}

function thingsOf(things: readonly ResourceNode[]): string {
  return listed(things.map(({ type, label }) => `${plain(type)} ${plain(label)}`))
}

/** Two by name, the rest by number. */
export function listed(names: readonly string[]): string {
  const [first = '', second] = names
  if (second === undefined) return first
  const more = names.length - 2
  return more === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more} more`
}

/** `1 backup`, `3 backups`. */
export const count = (many: number, one: string, several = `${one}s`): string =>
  `${many} ${many === 1 ? one : several}`

/** `2.1 GB`, in powers of ten. */
export function sizeOf(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? 'B'}`
}
