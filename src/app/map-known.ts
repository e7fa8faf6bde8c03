/** What the map knows, in words. */
import type { JsonObject } from '../base/json.ts'

/** By the default rules. `reads`: nothing can go. `held`: what destroys waits for a person. `runs`: it does not, in an unprotected environment or in shadow mode. */
export type Worst = 'reads' | 'held' | 'runs'

export interface MapKnown {
  readonly credentials: readonly { readonly id: string; readonly target: string | null }[]
  readonly targets: readonly {
    readonly name: string
    readonly platform: string
    readonly kept: boolean
  }[]
  readonly environments: readonly {
    readonly target: string
    readonly name: string
    readonly protected: boolean
  }[]
  readonly grants: readonly MapGrant[]
  readonly things: readonly MapThing[]
}

export interface MapGrant extends JsonObject {
  readonly id: string
  readonly principal: string
  readonly operations: readonly string[]
  readonly expiresAt: number
  readonly reach: readonly {
    readonly target: string
    readonly environment: string
    readonly worst: Worst
  }[]
  /** Known things in its reach that have no way back outside. */
  readonly bare: number
}

export interface MapThing extends JsonObject {
  readonly target: string
  readonly key: string
  readonly type: string
  readonly name: string
  readonly environment: string | null
  /** The newest verified recovery point that brings it back; null where there is none. */
  readonly point: string | null
  readonly grade: string | null
}
