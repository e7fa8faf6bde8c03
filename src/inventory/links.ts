/** Links between things that are seen through different gateways: what lies in what. */
import type { BlastRadius } from '../core/blast-radius.ts'
import { resourceKey } from '../core/resource.ts'
import type { Resource } from '../core/resource.ts'

/** `holder` holds `held`, both as `target/type/id`: when the holder goes, so does what it holds. */
export interface Link {
  readonly holder: string
  readonly held: string
}

/** The radius with everything that the things in it hold, however deep; a circle of links ends. */
export function follow(radius: BlastRadius, links: readonly Link[]): BlastRadius {
  const seen = new Map(radius.resources.map((resource) => [resourceKey(resource), resource]))
  const waiting = [...seen.values()]
  for (let holder = waiting.shift(); holder !== undefined; holder = waiting.shift()) {
    for (const held of heldBy(holder, links)) {
      if (seen.has(resourceKey(held))) continue
      seen.set(resourceKey(held), held)
      waiting.push(held)
    }
  }
  return { ...radius, resources: [...seen.values()] }
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
