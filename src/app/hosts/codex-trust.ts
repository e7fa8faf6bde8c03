/** Why Codex would not ask a hook that stands in its file: switched off, in a project that is not trusted, or not trusted itself. */
import { join } from 'node:path'
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Installed, Place } from './host.ts'
import { readToml } from './mcp-toml.ts'

/** By the `config.toml` in its own folder; null where nothing there is against it. Whether it trusts this very text it alone knows. */
export function untrusted(place: Place, own: string, hook: Installed): string | null {
  const path = join(own, 'config.toml')
  const config = readToml(path, place.read(path) ?? '')
  if (['hooks', 'codex_hooks'].some((name) => within(config, 'features')?.[name] === false))
    return `\`${path}\` has hooks switched off under \`[features]\``
  const state = stateOf(config, place, hook)
  if (state?.['enabled'] === false) return 'it is switched off: look at `/hooks` in Codex'
  const project = within(config, 'projects', place.checkout)
  if (hook.scope === 'checkout' && project?.['trust_level'] !== 'trusted')
    return 'the project is not trusted: start Codex here once, and trust it'
  return typeof state?.['trusted_hash'] === 'string'
    ? null
    : 'Codex skips it until a person has trusted it: look at `/hooks` in Codex'
}

/** Under the file's path, the event in small letters, the place of its group and its own within that. */
function stateOf(
  config: JsonObject,
  place: Place,
  { file, event, at }: Installed,
): JsonObject | null {
  const states = within(config, 'hooks', 'state')
  const [, , group = 0, , nth = 0] = at
  const small = event.replaceAll(/(?<!^)(?=[A-Z])/g, '_').toLowerCase()
  const ends = [file, place.real(file)].map((path) => `${path}:${small}:${group}:${nth}`)
  const found = Object.entries(states ?? {}).find(([key]) => ends.some((end) => key.endsWith(end)))
  return isObject(found?.[1]) ? found[1] : null
}

function within(value: JsonObject, ...keys: readonly string[]): JsonObject | null {
  let at: Json | undefined = value
  for (const key of keys) at = isObject(at) ? at[key] : undefined
  return isObject(at) ? at : null
}
