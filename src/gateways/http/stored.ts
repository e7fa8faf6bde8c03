/** A request as it is stored with a hold: everything that is needed to run it later, as JSON. */
import { isObject } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { Arrived } from './target.ts'

/** The JSON of a request; the body as base64, byte for byte. */
export function storeRequest(request: Arrived): Json {
  const { method, path, query, contentType, contentEncoding, accept, body } = request
  return {
    method,
    path,
    query,
    contentType,
    contentEncoding,
    accept,
    body: Buffer.from(body).toString('base64'),
  }
}

/** The request again; null where the JSON is not one. */
export function openRequest(stored: Json): Arrived | null {
  if (!isObject(stored)) return null
  const { method, path, query, body } = stored
  const whole = [method, path, query, body].every((part) => typeof part === 'string')
  if (!whole) return null
  return {
    method: text(method),
    path: text(path),
    query: text(query),
    contentType: textOrNull(stored['contentType']),
    contentEncoding: textOrNull(stored['contentEncoding']),
    accept: textOrNull(stored['accept']),
    body: new Uint8Array(Buffer.from(text(body), 'base64')),
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}
