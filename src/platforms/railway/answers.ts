/** Reading what the platform answered: a member that is not as the schema says is no answer. */
import { FirebreakError } from '../../base/error.ts'
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { AskGraphql } from '../platform.ts'
import { items, member } from './row.ts'

/** The object at a path of names; throws `not_reachable` where there is none. */
export function objectAt(value: Json, ...path: readonly string[]): JsonObject {
  let found: Json = value
  for (const name of path) found = member(found, name) ?? null
  if (!isObject(found)) throw notAsTheSchema(path)
  return found
}

/** A text; throws `not_reachable` where there is none. */
export function textAt(value: Json, name: string): string {
  const found = member(value, name)
  if (typeof found !== 'string') throw notAsTheSchema([name])
  return found
}

/** A text, or null where it is null or was left out. */
export function textOrNull(value: Json, name: string): string | null {
  const found = member(value, name)
  return typeof found === 'string' ? found : null
}

/** Megabytes as bytes; null where no number is. */
export function bytesAt(value: Json, name: string): number | null {
  const found = member(value, name)
  return typeof found === 'number' ? Math.round(found * 1024 * 1024) : null
}

/** The objects of a list. */
export function listAt(value: Json, name: string): readonly JsonObject[] {
  const found = member(value, name)
  if (!Array.isArray(found)) throw notAsTheSchema([name])
  return items(found).filter(isObject)
}

/** The nodes of one page of a connection. */
export function nodesOf(connection: Json): readonly JsonObject[] {
  return listAt(connection, 'edges').map((edge) => objectAt(edge, 'node'))
}

/** True where a connection says that this page is its last. */
export function isLast(connection: Json): boolean {
  return member(objectAt(connection, 'pageInfo'), 'hasNextPage') === false
}

/** A platform that pages for ever is no answer. */
const maxPages = 100

/**
 * Every node of a connection, page by page: `query` takes `$after`, `path` leads to the connection.
 * Throws `not_reachable` for a cursor that does not move on.
 */
export async function allNodes(
  ask: AskGraphql,
  query: string,
  variables: JsonObject,
  path: readonly string[],
): Promise<readonly JsonObject[]> {
  const nodes: JsonObject[] = []
  let after: string | null = null
  for (let pages = 0; pages < maxPages; pages++) {
    const answer: JsonObject = await ask(query, { ...variables, after })
    const connection = objectAt(answer, ...path)
    nodes.push(...nodesOf(connection))
    if (isLast(connection)) return nodes
    const next = textAt(objectAt(connection, 'pageInfo'), 'endCursor')
    if (next === after) break
    after = next
  }
  throw new FirebreakError('not_reachable', 'the platform pages without end')
}

function notAsTheSchema(path: readonly string[]): FirebreakError {
  return new FirebreakError(
    'not_reachable',
    `the platform answered without \`${path.at(-1) ?? 'data'}\``,
  )
}
