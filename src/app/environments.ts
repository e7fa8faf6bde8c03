/** What the config says of environments: their names by the platform's ids, and whether they are protected. */
import type { Environments } from '../guard/house.ts'
import type { Config } from './config.ts'
import { environmentIds } from './config.ts'

/**
 * Names come from ids that a person declared, never from what the platform calls them: an agent can rename those.
 * An id that nobody declared is its own name, and protected.
 */
export function environmentsOf(config: Config, target: string): Environments {
  const entry = config.targets[target]
  const names = new Map(
    entry === undefined ? [] : environmentIds(entry).map(([label, id]) => [id, label]),
  )
  const labels = new Set(names.values())
  return {
    // An agent that writes a declared name where an id belongs must not be taken at its word.
    name: (id) => names.get(id) ?? (labels.has(id) ? `${id} (no declared id)` : id),
    isProtected: (id) => {
      const label = names.get(id)
      return label === undefined || (entry?.environments[label]?.protected ?? true)
    },
  }
}
