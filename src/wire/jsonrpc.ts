/** JSON-RPC 2.0 as MCP uses it: what a message is, and the answers of our own. */
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'

export type Id = string | number

export type Message =
  | {
      readonly kind: 'request'
      readonly id: Id
      readonly method: string
      readonly params: JsonObject
    }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'response'; readonly id: Id; readonly body: JsonObject }

/** The message in a parsed value; null for a batch, and for what is none. Parameters that are a list are none that MCP knows. */
export function messageIn(value: unknown): Message | null {
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return null
  const { id, method, params } = value
  if (method === undefined) return answerIn(value)
  if (typeof method !== 'string' || (params !== undefined && !isObject(params))) return null
  const given = isObject(params) ? params : {}
  if (id === undefined) return { kind: 'notification', method, params: given }
  return isId(id) ? { kind: 'request', id, method, params: given } : null
}

function answerIn(body: JsonObject): Message | null {
  const { id } = body
  const isAnswer = 'result' in body || 'error' in body
  return isAnswer && isId(id) ? { kind: 'response', id, body } : null
}

export function isId(id: unknown): id is Id {
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id))
}

export const codes = {
  parse: -32_700,
  invalid: -32_600,
  noMethod: -32_601,
  params: -32_602,
  internal: -32_603,
  /** Of the range that is left to servers: the gateway refuses. */
  refused: -32_003,
  /** MCP 2026-07-28: a header says other than the body. */
  headers: -32_020,
} as const

export function resultOf(id: Id, result: JsonObject): JsonObject {
  return { jsonrpc: '2.0', id, result }
}

export interface Fault {
  readonly code: number
  readonly message: string
  readonly data?: Json
}

/** `id` is null where it could not be read. */
export function errorOf(id: Id | null, { code, message, data }: Fault): JsonObject {
  const error = { code, message, ...(data === undefined ? {} : { data }) }
  return { jsonrpc: '2.0', ...(id === null ? {} : { id }), error }
}
