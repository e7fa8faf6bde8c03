/** Arguments as a person may see them: what is or may be a secret is masked, its name and whether it goes away stay. */
import { remembered } from '../../base/cache.ts'
import { isObject, mapMembers } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'

const masked = '[masked]'

/** Members that hold a secret in any mutation. */
const secretName =
  /^(value|defaultValue|default|code|link|nonce|yaml|config|channelConfigs|integrationAuthId|twoFactorLinkingKey|resume)$|password|secret|token|credential|privateKey|apiKey/i

/** Maps of names to values: names stay, values go. */
const valueMaps: ReadonlySet<string> = new Set(['variables', 'sharedVariables'])

/** Whether a name is one of a secret; the same few names come with every request, and are looked at once. */
const isSecret = remembered(
  { most: 2000, characters: 100_000 },
  (name) => valueMaps.has(name) || secretName.test(name),
)

/** Members of a change set's variable changes that repeat the value. */
const repeated: ReadonlySet<string> = new Set(['after', 'before', 'details', 'previous', 'summary'])

/** The same object with secret values masked; null stays null, for it says that something is removed. */
export function shownOf(args: JsonObject): JsonObject {
  return members(args, 0)
}

function members(value: JsonObject, depth: number): JsonObject {
  const kind = Object.hasOwn(value, 'kind') ? value['kind'] : null
  const ofVariable = typeof kind === 'string' && kind.startsWith('variable.')
  return mapMembers(value, (inner, key) =>
    isSecret(key) || (ofVariable && repeated.has(key))
      ? hidden(inner, depth + 1)
      : shown(inner, depth + 1),
  )
}

function shown(value: Json, depth: number): Json {
  if (typeof value !== 'object' || value === null) return value
  if (depth > 64) return masked
  if (isObject(value)) return members(value, depth)
  return value.map((item) => shown(item, depth + 1))
}

/** Every text and number below goes; names, nulls, true and false stay. */
function hidden(value: Json, depth: number): Json {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value !== 'object' || depth > 64) return masked
  if (!isObject(value)) return value.map((item) => hidden(item, depth + 1))
  return mapMembers(value, (inner) => hidden(inner, depth + 1))
}
