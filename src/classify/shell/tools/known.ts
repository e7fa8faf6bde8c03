/** Every program that has a table. One that stands in several has the rules of all. */
import type { Tool } from '../tool.ts'
import { databases } from './databases.ts'

export const tools: ReadonlyMap<string, readonly Tool[]> = grouped([...databases])

function grouped(all: readonly (readonly [string, Tool])[]): ReadonlyMap<string, readonly Tool[]> {
  const found = new Map<string, Tool[]>()
  for (const [name, one] of all) found.set(name, [...(found.get(name) ?? []), one])
  return found
}
