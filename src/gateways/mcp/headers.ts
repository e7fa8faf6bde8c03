/** The headers that repeat what stands in the body (MCP 2026-07-28): a server may go by them, so they must say the same. */
import type { IncomingHttpHeaders } from 'node:http'
import { isObject } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { codes } from '../../wire/jsonrpc.ts'
import type { Fault, Message } from '../../wire/jsonrpc.ts'
import { one } from '../http/prefer.ts'

/** Null where the headers say what the body says, or nothing. */
export function headerFault(headers: IncomingHttpHeaders, message: Message): Fault | null {
  if (message.kind === 'response') return null
  const { method, params } = message
  const wanted: readonly (readonly [string, string | null])[] = [
    ['mcp-method', method],
    ['mcp-name', subjectOf(method, params)],
    ['mcp-protocol-version', versionIn(params)],
  ]
  for (const [name, value] of wanted) {
    const said = one(headers[name])
    if (said === null || value === null || plain(said) === value) continue
    return { code: codes.headers, message: `\`${name}\` is not what stands in the body` }
  }
  return null
}

/** What a request is about, as `Mcp-Name` repeats it. */
export function subjectOf(method: string, { name, uri, taskId }: JsonObject): string | null {
  const subject = method.startsWith('resources/')
    ? uri
    : method.startsWith('tasks/')
      ? taskId
      : name
  return typeof subject === 'string' ? subject : null
}

export function versionIn(params: JsonObject): string | null {
  const meta = params['_meta']
  const version = isObject(meta) ? meta['io.modelcontextprotocol/protocolVersion'] : null
  return typeof version === 'string' ? version : null
}

/** What is no plain ASCII goes as `=?base64?…?=`. */
export function plain(value: string): string {
  const coded = /^=\?base64\?(.*)\?=$/.exec(value.trim())?.[1]
  return coded === undefined ? value.trim() : Buffer.from(coded, 'base64').toString('utf8')
}

/** The header's value for a text. */
export function coded(value: string): string {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !value.startsWith('=?')
    ? value
    : `=?base64?${Buffer.from(value).toString('base64')}?=`
}
