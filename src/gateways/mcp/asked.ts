/** What the guard is asked about a request of an MCP client. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { ownRule } from '../../classify/mcp/own-files.ts'
import type { Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import type { Finding } from '../../core/verdict.ts'
import type { Asked } from '../../guard/ports.ts'
import { hashOf } from './catalog.ts'
import type { KnownTool } from './catalog.ts'
import type { McpRequest, McpTarget } from './target.ts'

interface Asking {
  readonly principal: Principal
  readonly target: McpTarget
  readonly request: McpRequest
  readonly known: KnownTool | null
}

/** INVARIANT (stored): what is held is run without what was said about it: `_meta` goes with the live request alone. */
export function askedOf({ principal, target, request, known }: Asking): Asked {
  const { params, method } = request
  const meta = isObject(params['_meta']) ? params['_meta'] : {}
  const stored = { method, params: without(params, '_meta') }
  const tool = known === null ? null : saidOf(known)
  const operations = target.read(stored, known)
  return {
    principal,
    target: target.name,
    platform: 'mcp',
    operations,
    key: keyIn(meta),
    request: { ...stored, tool },
    reason: textIn(meta, 'firebreak/reason')?.slice(0, 500) ?? null,
    leans: leansOf(method, operations),
  }
}

/** INVARIANT (lifeline): Firebreak's own is no agent's, and no person is asked. */
function leansOf(method: string, operations: readonly Operation[]): Finding | null {
  const own = operations.flatMap(({ findings }) => findings).find(({ rule }) => rule === ownRule)
  return own ?? (method === 'tools/call' ? null : lives)
}

/** What an approval would run later is a call; a task, a subscription, an answer is of the session in which it was asked for. */
const lives = {
  rule: 'mcp-session',
  message: 'it belongs to this session, so it cannot wait for a person',
}

/** What a call was read by, beside itself: so much of the tool is kept with it, and what it was called by then. */
function saidOf({ tool, hasChanged }: KnownTool): JsonObject {
  const { name = null, description = null, annotations = null } = tool
  return { hash: hashOf(tool), hasChanged, said: { name, description, annotations } }
}

export interface StoredRequest extends McpRequest {
  /** The tool as it was told of then. */
  readonly known: KnownTool | null
  readonly hash: string | null
}

/** The request of a hold again; null where the JSON is none. */
export function openStored(stored: Json): StoredRequest | null {
  if (!isObject(stored)) return null
  const { method, params, tool } = stored
  if (typeof method !== 'string' || !isObject(params)) return null
  if (!isObject(tool) || !isObject(tool['said'])) return { method, params, known: null, hash: null }
  const known = { tool: tool['said'], hasChanged: tool['hasChanged'] === true }
  return { method, params, known, hash: textIn(tool, 'hash') }
}

function keyIn(meta: JsonObject): string | null {
  const key = textIn(meta, 'firebreak/idempotency-key')
  return key !== null && /^[\x21-\x7e]{1,255}$/.test(key) ? key : null
}

function textIn(meta: JsonObject, name: string): string | null {
  const value = meta[name]
  return typeof value === 'string' ? value : null
}

function without(value: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
}
