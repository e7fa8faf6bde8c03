/** Arguments as a person may be shown them: secrets masked, long texts cut. */
import { mapMembers } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'

/** Longer texts are cut, and say how much is left. */
const longest = 2000

export function masked(value: JsonObject): JsonObject {
  return mapMembers(value, (member, key) => (isSecret(key) ? '[masked]' : shown(member)))
}

function shown(value: Json): Json {
  if (typeof value === 'string') return text(value)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(shown)
  return masked(value)
}

function isSecret(key: string): boolean {
  return /pass(word|phrase|wd)?$|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|authorization|cookie/i.test(
    key,
  )
}

/** A password in a connection string is one wherever it stands. */
function text(value: string): string {
  const clean = value.replaceAll(/(\w:\/\/[^\s:/@]{0,200}:)[^\s@/]{1,500}@/g, '$1[masked]@')
  return clean.length <= longest
    ? clean
    : `${clean.slice(0, longest)}… (${clean.length - longest} more)`
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value)
}
