/** A target that is surveyed in its own words, handed to the inventory. */
import type { InventoryTarget } from '../inventory/inventory.ts'
import type { Database } from './databases.ts'
import type { OpenMcp } from './mcp.ts'

/** A database is asked in its own words, not through the inventory's. */
export function byItself(survey: Database['survey'] | OpenMcp['survey']): InventoryTarget {
  const ask = async (): Promise<never> => await Promise.reject(new Error('it takes no GraphQL'))
  return { platform: { survey: (_, operations) => survey(operations) }, ask }
}
