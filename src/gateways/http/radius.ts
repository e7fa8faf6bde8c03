/** A blast radius as an agent reads it. */
import type { Json } from '../../base/json.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Resource } from '../../core/resource.ts'

/** All of it, as JSON. */
export function radiusBody(radius: BlastRadius): Json {
  const { known, environments, resources, backups, rows, left, unknown } = radius
  return {
    known,
    environments,
    resources: resources.map(named),
    backups: backups.map(named),
    rows,
    left: left.map(named),
    unknown,
  }
}

/** What goes, in a few words; empty where nothing that has a name goes. */
export function goneText({ resources, backups }: BlastRadius): string {
  return [resources, backups]
    .filter((things) => things.length > 0)
    .map(list)
    .join(' and ')
}

const mostNamed = 5

function list(things: readonly Resource[]): string {
  const named = things.slice(0, mostNamed).map(({ type, name, environment }) => {
    const where = environment === null ? '' : ` in ${environment}`
    return `${type} ${name}${where}`
  })
  const more = things.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

function named({ type, id, name, environment, bytes }: Resource): Json {
  return { type, id, name, environment, bytes }
}
