/** How a message may be framed: as JSON in UTF-8 that nobody decodes into something else. */
import type { IncomingHttpHeaders } from 'node:http'
import { isObject } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { one } from '../http/prefer.ts'
import { plain } from './headers.ts'
import type { KnownTool } from './catalog.ts'

/** INVARIANT (read as sent): a server that goes by another charset or coding would read another message. Null where it reads this one. */
export function framingFault(headers: IncomingHttpHeaders): string | null {
  const [type = '', ...parameters] = (one(headers['content-type']) ?? '').toLowerCase().split(';')
  const isUtf8 = parameters.every((each) => /^\s*(charset="?utf-?8"?)?\s*$/.test(each))
  if (type.trim() !== 'application/json' || !isUtf8)
    return 'send `content-type: application/json`, in UTF-8'
  const coding = one(headers['content-encoding'])?.trim().toLowerCase() ?? 'identity'
  return coding === 'identity' ? null : 'send the message uncompressed'
}

/** The headers that repeat arguments (MCP 2026-07-28, `x-mcp-header` in a tool's schema); null where they say what the body says. */
export function argumentFault(
  headers: IncomingHttpHeaders,
  params: JsonObject,
  known: KnownTool | null,
): string | null {
  const given = isObject(params['arguments']) ? params['arguments'] : {}
  for (const [name, value] of Object.entries(headers)) {
    if (!/^mcp[-_]param[-_]/.test(name)) continue
    const key = argumentOf(name.slice('mcp-param-'.length), known)
    const stands = key === null ? undefined : given[key]
    const said = typeof stands === 'string' ? stands : JSON.stringify(stands)
    if (one(value) === null || said === undefined || plain(one(value) ?? '') !== said.trim())
      return `\`${name}\` is not what stands in the body`
  }
  return null
}

/** The argument that a header repeats, by the tool's own schema. */
function argumentOf(header: string, known: KnownTool | null): string | null {
  const schema = known?.tool['inputSchema']
  const properties = isObject(schema) ? schema['properties'] : null
  if (!isObject(properties)) return null
  for (const [key, property] of Object.entries(properties)) {
    const marked = isObject(property) ? property['x-mcp-header'] : null
    if (typeof marked === 'string' && marked.toLowerCase() === header) return key
  }
  return null
}
