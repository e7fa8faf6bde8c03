/** Every program that has a table. One that stands in several has the rules of all. */
import type { Tool } from '../tool.ts'
import { amazon } from './aws.ts'
import { backups } from './backups.ts'
import { brokers } from './brokers.ts'
import { cloud } from './cloud.ts'
import { cluster } from './cluster.ts'
import { containers } from './containers.ts'
import { databases } from './databases.ts'
import { disks } from './disks.ts'
import { forges } from './forges.ts'
import { hosted } from './hosted.ts'
import { migrators } from './migrators.ts'
import { operations } from './operations.ts'
import { ormNode } from './orm-node.ts'
import { ormPhp } from './orm-php.ts'
import { ormPython } from './orm-python.ts'
import { ormRuby } from './orm-ruby.ts'
import { paas } from './paas.ts'
import type { Rows } from './rows.ts'
import { secrets } from './secrets.ts'
import { stacks } from './stacks.ts'
import { storage } from './storage.ts'
import { stores } from './stores.ts'
import { system } from './system.ts'

export const tools: ReadonlyMap<string, readonly Tool[]> = grouped([
  ...amazon,
  ...backups,
  ...brokers,
  ...cloud,
  ...cluster,
  ...containers,
  ...databases,
  ...disks,
  ...forges,
  ...hosted,
  ...migrators,
  ...operations,
  ...ormNode,
  ...ormPhp,
  ...ormPython,
  ...ormRuby,
  ...paas,
  ...secrets,
  ...stacks,
  ...storage,
  ...stores,
  ...system,
])

function grouped(all: Rows): ReadonlyMap<string, readonly Tool[]> {
  const found = new Map<string, Tool[]>()
  for (const [name, one] of all) found.set(name, [...(found.get(name) ?? []), one])
  return found
}
