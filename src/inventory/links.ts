/** Links between things that are seen through different gateways: what lies in what. */
import type { BlastRadius } from '../core/blast-radius.ts'
import { resourceKey } from '../core/resource.ts'
import type { Resource } from '../core/resource.ts'

/** `holder` holds `held`, both as `target/type/id`: when the holder goes, so does what it holds. */
export interface Link {
  readonly holder: string
  readonly held: string
}

/**
 * The radius with everything that the things and the backups in it hold, however deep; a circle of links ends.
 * A way back that was thought to stay and is held by something that goes, goes with it.
 */
export function follow(radius: BlastRadius, links: readonly Link[]): BlastRadius {
  if (radius.resources.length === 0 && radius.backups.length === 0) return radius
  const resources = keyed(radius.resources)
  const backups = keyed(radius.backups)
  const left = keyed(radius.left)
  const waiting = [...resources.values(), ...backups.values()]
  for (let holder = waiting.shift(); holder !== undefined; holder = waiting.shift()) {
    for (const told of heldBy(holder, links)) {
      const key = resourceKey(told)
      if (resources.has(key) || backups.has(key)) continue
      const held = left.get(key) ?? told
      const among = left.has(key) ? backups : resources
      among.set(key, held)
      waiting.push(held)
    }
  }
  const stays = [...left].filter(([key]) => !resources.has(key) && !backups.has(key))
  return {
    ...radius,
    resources: [...resources.values()],
    backups: [...backups.values()],
    left: stays.map(([, resource]) => resource),
  }
}

function keyed(things: readonly Resource[]): Map<string, Resource> {
  return new Map(things.map((resource) => [resourceKey(resource), resource]))
}

function heldBy(holder: Resource, links: readonly Link[]): readonly Resource[] {
  const key = resourceKey(holder)
  return links.filter((link) => link.holder === key).map(({ held }) => linked(held, holder))
}

/** What is held is told by its link alone: it goes in the holder's environment. */
function linked(key: string, holder: Resource): Resource {
  const [target = '', type = '', ...rest] = key.split('/')
  const id = rest.join('/')
  return {
    target,
    type,
    id,
    name: id,
    environment: holder.environment,
    bytes: null,
    protects: null,
  }
}
