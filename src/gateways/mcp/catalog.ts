/** The tools of one server as it tells of them, pinned by their hash at first sight: in other words they are others. */
import { digest, isObject } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'

/** A tool as its server told of it last. */
export interface KnownTool {
  readonly tool: JsonObject
  /** True where it is told of in other words than those that were pinned. */
  readonly hasChanged: boolean
}

export interface Catalog {
  /** Takes note of a tool as it was told just now. */
  readonly note: (tool: JsonObject) => KnownTool
  /** The tool as it was told last; asks the server where nothing was heard of any. Null where it has none of that name. */
  readonly find: (name: string) => Promise<KnownTool | null>
  /** Hears that the server has said that its tools are others now: the next call asks it. */
  readonly stale: () => void
  /** The same without asking anybody. */
  readonly known: (name: string) => KnownTool | null
}

export interface CatalogHouse {
  /** The hash that counts for a tool: a person's, or that by which it was seen first, which may be now. */
  readonly pinned: (name: string, hash: string) => string
  /** Hears of each change once. */
  readonly changed: (name: string, hash: string) => void
  /** Asks the server for all of its tools. */
  readonly list: () => Promise<readonly JsonObject[]>
}

/** More tools than this of one server are noted by nobody. */
const mostTools = 5000

/** INVARIANT (pinned): a tool that is told in other words than those that were pinned is not shown, and its calls are held. */
export function openCatalog(house: CatalogHouse): Catalog {
  const known = new Map<string, KnownTool>()
  const told = new Set<string>()
  let asked: Promise<void> | null = null

  const note = (tool: JsonObject): KnownTool => {
    const name = nameOf(tool)
    const hash = hashOf(tool)
    const isKnown = known.has(name) || known.size < mostTools
    const hasChanged = !isKnown || house.pinned(name, hash) !== hash
    if (hasChanged && !told.has(`${name} ${hash}`) && told.size < mostTools) {
      told.add(`${name} ${hash}`)
      house.changed(name, hash)
    }
    const found = { tool, hasChanged }
    if (isKnown) known.set(name, found)
    return found
  }
  let isStale = false
  const ask = async (): Promise<void> => {
    isStale = false
    for (const tool of await house.list()) note(tool)
  }
  return {
    note,
    find: async (name) => {
      if (known.has(name) && !isStale) return known.get(name) ?? null
      // Once: a server that does not answer is asked again by the next call.
      if (isStale) asked = null
      asked ??= ask().catch(() => {
        asked = null
      })
      await asked
      return known.get(name) ?? null
    },
    stale: () => {
      isStale = true
    },
    known: (name) => known.get(name) ?? null,
  }
}

export function nameOf(tool: JsonObject): string {
  const { name } = tool
  return typeof name === 'string' ? name : ''
}

/** Over all that an agent reads of it; icons and what is for machines alone may change. */
export function hashOf(tool: JsonObject): string {
  const read = Object.entries(tool).filter(([key]) => !['_meta', 'icons'].includes(key))
  return digest(Object.fromEntries(read))
}

/** The tools in a result; null where it is no list of them. */
export function toolsIn(result: unknown): readonly JsonObject[] | null {
  const tools = isObject(result) ? result['tools'] : null
  return Array.isArray(tools) ? tools.filter(isObject) : null
}
