/** An MCP server behind the gateway: how its calls are read, and the ways to it. */
import type { JsonObject } from '../../base/json.ts'
import type { Operation } from '../../core/operation.ts'
import type { Scope } from '../../core/principal.ts'
import type { Secret } from '../../base/secret.ts'
import type { Guard, Passed } from '../../guard/passed.ts'
import type { Answer } from '../http/answer.ts'
import type { Visit, Redactor } from '../http/house.ts'
import type { Message } from '../../wire/jsonrpc.ts'
import type { Catalog, KnownTool } from './catalog.ts'

export interface McpTarget {
  readonly name: string
  /** The operations of a request, by its stored form too. Never throws. */
  readonly read: (request: McpRequest, known: KnownTool | null) => readonly Operation[]
  /** Why an answer of the client's to a question of the server may not go on; null where it may. */
  readonly refuses: (answer: JsonObject) => string | null
  /** What a tool could do at the least; null where what it is given decides. */
  readonly isShown: (scope: Scope, tool: JsonObject) => boolean
}

/** A request as it is stored with a hold, and run. */
export interface McpRequest {
  readonly method: string
  readonly params: JsonObject
}

/** A message that may go to the server. */
export interface Going {
  readonly visit: Visit
  readonly body: Uint8Array
  readonly message: Message
  /** What the guard let pass; null for what only keeps the connection. */
  readonly passed: Extract<Passed, { readonly kind: 'allowed' }> | null
}

/** One way to a server: by its process, or by HTTP. */
export interface Way {
  /** Sends on, and answers on the visit's response, or gives the answer. */
  readonly send: (going: Going) => Promise<Answer | null>
  /** GET and DELETE: the stream of what the server says by itself, and the end of a session. */
  readonly other: (visit: Visit) => Promise<Answer | null>
  /** A session of our own. */
  readonly line: (signal: AbortSignal) => Promise<Line>
  readonly close: () => Promise<void>
}

/** A session of our own with the server. */
export interface Line {
  /** The result; throws `not_reachable` with the server's words where it gives none. */
  readonly ask: (method: string, params: JsonObject) => Promise<JsonObject>
  readonly close: () => Promise<void>
}

export interface McpHouse {
  readonly guard: Guard
  readonly target: McpTarget
  readonly catalog: Catalog
  readonly way: Way
  /** Null for a server that takes none. */
  readonly credential: () => Promise<Secret | null>
  readonly redactor: (secret: Secret | null) => Redactor
  readonly bodyBytes: number
}
