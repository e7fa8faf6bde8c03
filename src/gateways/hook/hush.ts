/** Secrets as they stand in command lines, taken out before a person, a log or the ledger is shown one. */
import { mapMembers } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'

/** What it follows is kept, what it is goes. */
const shapes: readonly RegExp[] = [
  /(\b(?:bearer|basic|token)\s+)[\w.~+/=-]{6,}/gi,
  /(\b[\w-]*(?:password|passwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key)\b["']?\s*[=:]\s*["']?)[^\s"'&;|]{3,}/gi,
  /(--?(?:password|passwd|secret|token|api-?key|access-?key)\s+["']?)[^\s"'-][^\s"']{2,}/gi,
  /()\b(?:fbk|ghp|gho|ghs|ghu|github_pat|glpat|sk|rk|pk|xox[abps]|npm|hf|dop_v1|pat)[-_][\w-]{12,}/g,
  /()\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g,
]

/** Each text without what looks like a secret in it. */
export function hush(value: JsonObject): JsonObject {
  return mapMembers(value, hushed)
}

function hushed(value: Json): Json {
  if (typeof value === 'string')
    return shapes.reduce((text, shape) => text.replaceAll(shape, '$1[masked]'), value)
  if (typeof value !== 'object' || value === null) return value
  return isList(value) ? value.map(hushed) : hush(value)
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value)
}
