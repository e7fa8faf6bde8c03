/** What the HTTP gateway is handed. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Secret } from '../../base/secret.ts'
import type { Principal } from '../../core/principal.ts'
import type { Guard } from '../../guard/passed.ts'
import type { HookWorld } from '../hook/judge.ts'
import type { Answer } from './answer.ts'
import type { ProtectedResources } from './resource.ts'
import type { HttpTarget } from './target.ts'
import type { Upstream } from './upstream.ts'

export interface HttpLimits {
  readonly bodyBytes: number
  readonly headMs: number
  readonly requestMs: number
  /** How long a request waits for a way to its target where others have taken all. */
  readonly queueMs: number
  /** How long an answer waits for a client that takes none of it: meanwhile it keeps a way to the target from others. */
  readonly idleMs: number
  /** Requests under way at a time, in all. */
  readonly concurrent: number
  /** Connections at a time, idle ones among them: each costs a descriptor, and the state needs some too. */
  readonly connections: number
}

/** What a grant is shown with, for a proof of possession. */
export interface GrantUse {
  readonly token: string
  readonly method: string
  readonly url: string
  readonly proof: string | null
}

export interface HttpHouse {
  readonly guard: Guard
  readonly targets: ReadonlyMap<
    string,
    { readonly target: HttpTarget; readonly upstream: Upstream }
  >
  /** Whose grant it is, or one line why not. */
  readonly authenticate: (use: GrantUse) => Principal | string
  readonly credential: (target: string) => Promise<Secret>
  readonly redactor: (secret: Secret) => Redactor
  /** Hears the platform's own id of each request that was sent on and was no read: the bypass watch knows it then. */
  readonly sent: (target: string, requestId: string) => void
  /** What judging one call of a hook may look at, for whose it is. */
  readonly hook: (principal: Principal) => HookWorld
  /** What answers at a path of its own, by that path: MCP servers, and our own. */
  readonly mounts?: ReadonlyMap<string, Mount>
  /** What is said of them to whoever has no grant. */
  readonly resources?: ProtectedResources
  readonly limits: HttpLimits
}

/** A request of a grant's holder, not read yet. */
export interface Visit {
  readonly principal: Principal
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  /** Until the given function is called, a halt cuts the answer. */
  readonly enter: () => () => void
}

export interface Mount {
  /** The answer; null where it is on its way. What it throws refuses. */
  readonly serve: (visit: Visit) => Promise<Answer | null>
}

/** Looks at what goes back, so that an echoed credential does not. */
export interface Redactor {
  push(chunk: Uint8Array): Uint8Array
  end(): Uint8Array
  /** A text that is whole, one character each byte. */
  whole(text: string): string
}
