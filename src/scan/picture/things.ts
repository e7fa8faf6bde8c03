/** The boxes of what can go and what would be left: things, environments and backups. */
import { count, listed } from '../radius-words.ts'
import type { BackupNode, Edge, Graph, ResourceNode } from '../graph.ts'
import { knownOf } from '../graph-known.ts'
import { grouped } from './groups.ts'
import type { Group } from './groups.ts'
import type { Tone } from './layered.ts'
import { toneOf } from './lost.ts'
import type { Lost } from './lost.ts'

/** Things that the same reach, in the same environments, are one box where they are many. */
const mostAlike = 3

export function resourceGroups(graph: Graph, lost: Lost): readonly Group[] {
  const nodes = graph.nodes.filter((node): node is ResourceNode => node.kind === 'resource')
  const around = edgeKeys(graph.edges)
  const alike = Map.groupBy(nodes, keyOf)
  const sharers = Map.groupBy(nodes, sharedId)
  return grouped(nodes, (node) =>
    (alike.get(keyOf(node))?.length ?? 0) > mostAlike ? keyOf(node) : node.id,
  ).map(([id, group]) => {
    const [{ type, label }] = group
    const names = group.map((node) => node.label)
    return {
      ids: group.map((node) => node.id),
      box: {
        id: group.length > 1 ? `things ${id}` : id,
        column: 2,
        mark: '',
        text: group.length > 1 ? count(group.length, type) : label,
        sub: group.length > 1 ? listed(names) : isShared(group[0]) ? `${type}, id shared` : type,
        tone: toneOf(lost, group[0].id),
        full: `${type}: ${names.join(', ')}`,
      },
    }
  })

  /** Another thing goes by the same id, so an act on the one is an act on both. */
  function isShared(node: ResourceNode): boolean {
    return node.shared !== null && (sharers.get(sharedId(node))?.length ?? 0) > 1
  }

  function keyOf({ id, type, account, holds }: ResourceNode): string {
    return [type, account, holds, toneOf(lost, id), around(id)].join('\n')
  }
}

const sharedId = ({ id, home, shared }: ResourceNode): string =>
  shared === null ? id : `${home} ${shared.id}`

/** What hangs on a node, in one text; of backups that some have and others have not. */
function edgeKeys(edges: readonly Edge[]): (id: string) => string {
  const known = new Map<string, Set<string>>()
  const add = (id: string, word: string): void =>
    void known.set(id, (known.get(id) ?? new Set()).add(word))
  for (const { kind, from, to } of edges)
    if (kind === 'in') add(from, to)
    else if (kind === 'copied') add(from, 'copied')
    else if (kind === 'reaches') add(to, from)
  const texts = new Map(
    [...known].map(([id, words]) => [id, [...words].toSorted().join(' ')] as const),
  )
  return (id) => texts.get(id) ?? ''
}

export function environmentGroups(graph: Graph, lost: Lost): readonly Group[] {
  const nodes = graph.nodes.filter((node) => node.kind === 'environment')
  const tones = new Map<string, Set<Tone>>()
  for (const { kind, from, to } of graph.edges)
    if (kind === 'in') tones.set(to, (tones.get(to) ?? new Set()).add(toneOf(lost, from)))
  return nodes.map((node) => {
    const own = tones.get(node.id)
    const tone = (['bare', 'gone', 'held'] as const).find((one) => own?.has(one)) ?? 'plain'
    const { id, label, account, platform } = node
    const full = `${label}, ${account}`
    const box = { id, column: 3, mark: '', text: label, sub: platform, full }
    return { ids: [id], box: { ...box, tone } as const }
  })
}

const lies: Readonly<Record<BackupNode['lies'], string>> = {
  inside: 'in the thing itself',
  account: 'in the same account',
  apart: 'elsewhere',
}

export function backupGroups(graph: Graph, lost: Lost): readonly Group[] {
  const nodes = graph.nodes.filter((node): node is BackupNode => node.kind === 'backup')
  return grouped(nodes, (node) =>
    [
      knownOf(graph).owner('copied', node.id) ?? '',
      node.environment ?? '',
      node.lies,
      node.isImmutable,
      node.isTested,
      lost.gone.has(node.id),
    ].join('\n'),
  ).map(([id, group]) => {
    const [{ type, label, lies: where, isImmutable, isTested }] = group
    const more = [...(isImmutable ? ['locked'] : []), ...(isTested ? ['tried'] : [])]
    return {
      ids: group.map((node) => node.id),
      box: {
        id: `backups ${id}`,
        column: 4,
        mark: '',
        text: group.length === 1 ? label : count(group.length, type),
        sub: [lies[where], ...more].join(', '),
        tone: lost.gone.has(group[0].id) ? 'gone' : 'stays',
        full: group.map((node) => node.label).join(', '),
      },
    }
  })
}
