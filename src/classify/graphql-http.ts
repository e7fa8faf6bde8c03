/** GraphQL over HTTP: which documents, variables and operation names a request asks to run. Where two servers could disagree, none. */
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { ambiguity } from './json-scan.ts'

/** A request as it arrived; nothing has been decoded. */
export interface GraphqlRequest {
  readonly method: string
  /** Behind the `?`, still encoded; empty without one. */
  readonly query: string
  readonly contentType: string | null
  readonly contentEncoding: string | null
  readonly body: Uint8Array
}

/** One operation that is asked for. */
export interface GraphqlAsk {
  readonly text: string
  readonly variables: JsonObject
  readonly operationName: string | null
}

export type Asks =
  | { readonly kind: 'asks'; readonly asks: readonly GraphqlAsk[] }
  | { readonly kind: 'unread'; readonly why: string }

const limits = { bytes: 1_000_000, batch: 20 } as const

/** Everything that the request asks for, or why that cannot be said. Total. */
export function asksOf(request: GraphqlRequest): Asks {
  const parameters = parametersOf(request.query)
  if (parameters === null) return unread('the query string cannot be decoded')
  if (request.contentEncoding !== null && request.contentEncoding.toLowerCase() !== 'identity')
    return unread('the body is compressed')
  if (request.body.length > limits.bytes) return unread('the body is too large')
  switch (request.method) {
    case 'GET':
      return fromParameters(parameters, request.body)
    case 'POST':
      if (parameters.some(([name]) => reserved.has(plainName(name))))
        return unread('the query string and the body could both name the operation')
      return fromBody(request)
    default:
      return unread('only GET and POST are known here')
  }
}

function unread(why: string): Asks {
  return { kind: 'unread', why }
}

/** Names under which some server looks for an operation, in small letters. */
const reserved: ReadonlySet<string> = new Set([
  'doc_id',
  'documentid',
  'extensions',
  'hash',
  'id',
  'operationname',
  'persistedquery',
  'query',
  'queryid',
  'variables',
])

/** `variables[id]` and `variables.id` are `variables` for a server that nests. */
function plainName(name: string): string {
  return (name.split(/[[.]/)[0] ?? '').trim().toLowerCase()
}

type Parameters = readonly (readonly [string, string])[]

function parametersOf(query: string): Parameters | null {
  if (query === '') return []
  if (query.includes(';')) return null
  try {
    return query.split('&').map((pair) => {
      const equals = pair.indexOf('=')
      const [name, value] =
        equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
      return [decoded(name), decoded(value)]
    })
  } catch {
    // A percent sign that encodes nothing, or no UTF-8: not understood, so null.
    return null
  }
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}

function fromParameters(parameters: Parameters, body: Uint8Array): Asks {
  if (body.length > 0) return unread('a GET with a body')
  const members = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (!envelopeKeys.has(name)) return unread('a parameter is not known here')
    if (members.has(name)) return unread('a parameter stands twice')
    members.set(name, value)
  }
  const envelope: { [name: string]: unknown } = {}
  for (const [name, value] of members) {
    const isText = name === 'query' || name === 'operationName'
    if (!isText && value === '') continue
    const read = isText ? value : jsonOf(value)
    if (read === null) return unread('a parameter is no clear JSON')
    envelope[name] = read
  }
  return gathered([askOf(envelope)])
}

function fromBody(request: GraphqlRequest): Asks {
  const text = utf8(request.body)
  if (text === null) return unread('the body is no UTF-8')
  switch (mediaType(request.contentType)) {
    case 'application/json':
    case 'application/graphql+json':
      return fromJson(text)
    case 'application/graphql':
      return { kind: 'asks', asks: [{ text, variables: {}, operationName: null }] }
    default:
      return unread('the media type is not known here')
  }
}

/** The media type in small letters; empty where there is none, or its charset is not UTF-8. */
function mediaType(contentType: string | null): string {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
  const plain = parameters.every((parameter) => /^\s*(charset="?utf-?8"?)?\s*$/.test(parameter))
  return plain ? type.trim() : ''
}

/** Text without a byte order mark; null for bytes that are no UTF-8, or begin with such a mark. */
function utf8(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\uFEFF') ? null : text
  } catch {
    // Only bytes that are no UTF-8 throw here.
    return null
  }
}

/** The value of a clear JSON text; null for any other, and for the value null. */
function jsonOf(text: string): JsonObject | readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text)
    if (ambiguity(text, value) !== null) return null
    return isObject(value) || Array.isArray(value) ? value : null
  } catch {
    // No JSON: the caller says so.
    return null
  }
}

function fromJson(text: string): Asks {
  const value = jsonOf(text)
  if (value === null) return unread('the body is no clear JSON')
  if (isObject(value)) return gathered([askOf(value)])
  if (value.length === 0 || value.length > limits.batch)
    return unread(`a batch of none, or of more than ${limits.batch}`)
  return gathered(value.map(askOf))
}

function gathered(asks: readonly (GraphqlAsk | string)[]): Asks {
  const why = asks.find((ask) => typeof ask === 'string')
  if (why !== undefined) return unread(why)
  return { kind: 'asks', asks: asks.filter((ask) => typeof ask !== 'string') }
}

const envelopeKeys: ReadonlySet<string> = new Set([
  'extensions',
  'operationName',
  'query',
  'variables',
])

/** One member of a batch, or why it is not understood. */
function askOf(envelope: unknown): GraphqlAsk | string {
  if (!isObject(envelope)) return 'the body is no object'
  if (Object.keys(envelope).some((key) => !envelopeKeys.has(key)))
    return 'the body has a member that is not known here'
  const text = envelope['query']
  const variables = envelope['variables'] ?? {}
  const operationName = envelope['operationName'] ?? null
  if (typeof text !== 'string') return 'it names a query by its hash, or none'
  if (!isObject(variables)) return 'its variables are no object'
  if (operationName !== null && typeof operationName !== 'string')
    return 'its operation name is no text'
  if (!harmless(envelope['extensions'] ?? {})) return 'its extensions are not known here'
  return { text, variables, operationName: operationName === '' ? null : operationName }
}

/** Extensions can name another query by its hash; what only names the client's library cannot. */
function harmless(extensions: Json): boolean {
  return isObject(extensions) && Object.keys(extensions).every((key) => key === 'clientLibrary')
}
