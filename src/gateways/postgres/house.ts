/** What the Postgres gateway is handed. */
import type { Chance, Timer } from '../../base/clock.ts'
import type { Secret } from '../../base/secret.ts'
import type { Principal } from '../../core/principal.ts'
import type { Enforcer } from './seam.ts'

/** A database behind the gateway. The password is asked for when it is needed. */
export interface PostgresTarget {
  readonly name: string
  /** A Unix socket's folder begins with a slash. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** `verify`: TLS, certificate and name are checked, with the given authority or those of the system. */
  readonly tls: { readonly kind: 'off' } | { readonly kind: 'verify'; readonly ca: string | null }
}

export interface PostgresLimits {
  /** Connections at a time, those that have not yet shown a grant among them. */
  readonly connections: number
  /** From the connection to the first ReadyForQuery, the way to the target in it. */
  readonly startMs: number
  /** One message of a client, COPY data aside, which is not kept. */
  readonly messageBytes: number
  /** Replies that are kept back while a batch is judged by what it did. */
  readonly keptBytes: number
}

/** A session that has shown a grant and is about to start. */
export interface Visitor {
  readonly principal: Principal
  readonly target: PostgresTarget
  /** What the client set at its start and goes on, by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>
}

export interface PostgresHouse {
  readonly targets: ReadonlyMap<string, PostgresTarget>
  /** Whose grant it is, or one line why not. */
  readonly authenticate: (use: {
    readonly token: string
    readonly target: string
  }) => Principal | string
  readonly credential: (target: string) => Promise<Secret>
  /** What is awaited before the first statement of a session is judged; where it rejects there is no session. */
  readonly prepare: (target: string) => Promise<void>
  /** Hears the server's process of each session; what comes back is called when it has ended. */
  readonly began: (target: string, process: number) => () => void
  readonly enforce: (visitor: Visitor) => Enforcer
  /** Certificate chain and key, PEM; without them a grant is taken from loopback only. */
  readonly tls: { readonly cert: string; readonly key: Secret } | null
  readonly chance: Chance
  readonly timer: Timer
  readonly limits: PostgresLimits
}
