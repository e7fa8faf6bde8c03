/** The name of a relation that stands in a text, as `regclass` reads it. */
import type { JsonObject } from '../../base/json.ts'

/** Null for no name; the schema is empty where none is given. */
export function rangeOfText(text: string | null | undefined): JsonObject | null {
  const parts = [...(text ?? '').matchAll(/"((?:[^"]|"")*)"|([^."\s]+)/g)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.toLowerCase(),
  )
  if (parts.length === 0 || parts.length > 2) return null
  return { relname: parts.at(-1) ?? '', schemaname: parts.length === 2 ? (parts[0] ?? '') : '' }
}
