/** Every program that has a table. One that stands in several has the rules of all. */
import type { Tool } from '../tool.ts'
import { amazon } from './aws.ts'
import { brokers } from './brokers.ts'
import { cloud } from './cloud.ts'
import { cluster } from './cluster.ts'
import { containers } from './containers.ts'
import { databases } from './databases.ts'
import { forges } from './forges.ts'
import { paas } from './paas.ts'
import type { Rows } from './rows.ts'
import { secrets } from './secrets.ts'
import { stacks } from './stacks.ts'
import { stores } from './stores.ts'

export const tools: ReadonlyMap<string, readonly Tool[]> = grouped([
  ...databases,
  ...paas,
  ...stores,
  ...forges,
  ...amazon,
  ...cloud,
  ...cluster,
  ...stacks,
  ...containers,
  ...brokers,
  ...secrets,
])

function grouped(all: Rows): ReadonlyMap<string, readonly Tool[]> {
  const found = new Map<string, Tool[]>()
  for (const [name, one] of all) found.set(name, [...(found.get(name) ?? []), one])
  return found
}
