/** One thing that was asked of a target, in the target's own words, and what it does to the world. */
import type { Json, JsonObject } from '../base/json.ts'
import type { DestroyKind, Effect } from './effect.ts'
import type { ResourceRef } from './resource.ts'
import type { Finding } from './verdict.ts'

export interface Operation {
  /** The target's own word: `volumeDelete`, `DROP TABLE`, `DELETE /servers/{id}`. */
  readonly name: string
  readonly effect: Effect
  /** What kind of loss; empty unless the effect is `destroy`. */
  readonly kinds: readonly DestroyKind[]
  /** The arguments after variables and defaults: what the digest binds. May hold secrets: never logged. */
  readonly parameters: JsonObject
  /** The same with secret values masked: what a person is shown and what may be written down. */
  readonly shown: JsonObject
  /** What was asked to come back (GraphQL: the canonical selection), as far as it is part of the act. */
  readonly selects: Json
  /** The things that the arguments name. */
  readonly names: readonly ResourceRef[]
  /** Ids of the environments that the arguments name; once measured, also of those that it reaches. */
  readonly environments: readonly string[]
  /** Why this effect: the classifier's reasons, the gravest first. */
  readonly findings: readonly Finding[]
  /** What to do instead, for the agent. */
  readonly alternatives: readonly string[]
}
