/** Every program that has a table. One that stands in several has the rules of all. */
import type { Tool } from '../tool.ts'
import { backups } from './backups.ts'
import { databases } from './databases.ts'
import { disks } from './disks.ts'
import { migrators } from './migrators.ts'
import { ormNode } from './orm-node.ts'
import { ormPhp } from './orm-php.ts'
import { ormPython } from './orm-python.ts'
import { ormRuby } from './orm-ruby.ts'
import { storage } from './storage.ts'
import { stores } from './stores.ts'
import { system } from './system.ts'

export const tools: ReadonlyMap<string, readonly Tool[]> = grouped([
  ...databases,
  ...stores,
  ...ormNode,
  ...ormPython,
  ...ormRuby,
  ...ormPhp,
  ...migrators,
  ...storage,
  ...backups,
  ...disks,
  ...system,
])

function grouped(all: readonly (readonly [string, Tool])[]): ReadonlyMap<string, readonly Tool[]> {
  const found = new Map<string, Tool[]>()
  for (const [name, one] of all) found.set(name, [...(found.get(name) ?? []), one])
  return found
}
