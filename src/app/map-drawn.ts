/** The map as the scan's graph, so that both are drawn by one hand: a grant is a credential of Firebreak's own, and what it destroys waits for a person where the default rules hold it. */
import { layOut } from '../scan/picture/lay-out.ts'
import { layeredOf } from '../scan/picture/layers.ts'
import { credentialId, environmentId, resourceId } from '../scan/graph-ids.ts'
import type { Edge, Graph, GraphNode, Outcome } from '../scan/graph.ts'
import type { MapGrant, MapKnown, MapThing, Worst } from './map-known.ts'
import { sayMoment } from '../notices/news.ts'

/** Places of everything, as JSON. */
export function drawnOf(map: MapKnown) {
  const { heads, boxes, lines, ...size } = layOut(layeredOf(mapGraph(map)))
  return {
    ...size,
    heads: heads.map((head) => ({ ...head })),
    boxes: boxes.map((box) => ({ ...box })),
    lines: lines.map((line) => ({ ...line })),
  }
}
export type DrawnTold = ReturnType<typeof drawnOf>

/** Each node once; `account` is the target. */
export function mapGraph({ grants, environments, things, targets }: MapKnown): Graph {
  const platforms = new Map(targets.map(({ name, platform }) => [name, platform]))
  const nodes: readonly GraphNode[] = [
    ...grants.map((grant) => grantNode(grant, things)),
    ...grants.flatMap(operationNodes),
    ...environments.map(({ target, name }) => ({
      kind: 'environment' as const,
      id: environmentId(target, name),
      label: name,
      account: target,
      platform: target === platforms.get(target) ? target : `${target}, ${platforms.get(target)}`,
    })),
    ...things.map(thingNode),
    ...pointsOf(things),
  ]
  const edges = [...grants.flatMap((grant) => actEdges(grant, things)), ...things.flatMap(wayEdges)]
  return { nodes, edges }
}

const operationId = (id: string, worst: Worst): string => `operation:${id}/${worst}`
const backupId = (point: string): string => `backup:${point}`
const reads = ({ reach }: MapGrant): boolean => reach.every(({ worst }) => worst === 'reads')
const waits = ({ reach }: MapGrant): boolean => reach.every(({ worst }) => worst !== 'runs')

function grantNode(grant: MapGrant, things: readonly MapThing[]): GraphNode {
  const { id, principal, expiresAt, bare } = grant
  const outcome = ((): Outcome => {
    if (reads(grant)) return 'D'
    if (bare > 0) return 'A'
    return things.some((thing) => reaches(grant, thing)) ? 'B' : 'C'
  })()
  return {
    kind: 'credential',
    id: credentialId(id),
    finding: id,
    provider: 'firebreak',
    label: principal,
    place: `until ${sayMoment(expiresAt)}`,
    outcome,
    isKnown: true,
    isHeld: waits(grant) && !reads(grant),
  }
}

/** One for each way it can end: unasked, after a person's yes, or with nothing lost. */
const operationNodes = ({ id, operations, reach }: MapGrant): readonly GraphNode[] =>
  [...new Set(reach.map(({ worst }) => worst))].map((worst) => ({
    kind: 'operation',
    id: operationId(id, worst),
    label: operations.join(', '),
    does: worst === 'reads' ? 'reads' : 'destroys',
    isHeld: worst === 'held',
  }))

type Reached = MapGrant['reach'][number]

const isIn = ({ target, environment }: MapThing, one: Reached): boolean =>
  one.target === target && one.environment === environment

const reaches = ({ reach }: MapGrant, thing: MapThing): boolean =>
  reach.some((one) => isIn(thing, one))

/** To the things where they are known; to an environment of which nothing is known as a whole. */
const actEdges = ({ id, reach }: MapGrant, things: readonly MapThing[]): readonly Edge[] =>
  reach.flatMap((one): readonly Edge[] => {
    const from = operationId(id, one.worst)
    const known = things.filter((thing) => isIn(thing, one))
    const ends =
      known.length === 0
        ? [environmentId(one.target, one.environment)]
        : known.map(({ target, key }) => resourceId(target, key))
    return [
      { kind: 'may', from: credentialId(id), to: from },
      ...ends.map((to) => ({ kind: 'reaches' as const, from, to })),
    ]
  })

const thingNode = ({ target, key, type, name }: MapThing): GraphNode => ({
  kind: 'resource',
  id: resourceId(target, key),
  label: name,
  type,
  account: target,
  home: target,
  holds: 'data',
  shared: null,
})

/** Firebreak keeps them outside the radius of what they bring back, and that is where they are drawn. */
const pointsOf = (things: readonly MapThing[]): readonly GraphNode[] =>
  [...Map.groupBy(things, ({ point }) => point)].flatMap(([point, [first]]): GraphNode[] =>
    point === null
      ? []
      : [
          {
            kind: 'backup',
            id: backupId(point),
            label: point,
            type: 'recovery point',
            home: 'firebreak',
            environment: first?.environment ?? null,
            lies: 'apart',
            isImmutable: false,
            isTested: first?.grade === 'V3',
          },
        ],
  )

const wayEdges = ({ target, key, environment, point }: MapThing): readonly Edge[] => {
  const from = resourceId(target, key)
  return [
    ...(environment === null
      ? []
      : [{ kind: 'in' as const, from, to: environmentId(target, environment) }]),
    ...(point === null ? [] : [{ kind: 'copied' as const, from, to: backupId(point) }]),
  ]
}
