/** A platform told as data: what its operations do, and how to ask what hangs on a thing. */
import type { JsonObject } from '../base/json.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { Operation } from '../core/operation.ts'

/** How the platform wants to be shown the credential. */
export interface CredentialHeader {
  readonly name: string
  /** Written before the credential: `Bearer `. */
  readonly prefix: string
}

/** One root field of a GraphQL operation, after variables, defaults, fragments and directives. */
export interface RootField {
  readonly operation: 'query' | 'mutation' | 'subscription'
  readonly name: string
  readonly arguments: JsonObject
  readonly selects: Selection
}

/** Selected fields by name (aliases and fragments gone), each with its arguments and what is selected below it. */
export type Selection = readonly SelectedField[]
export interface SelectedField {
  readonly name: string
  /** The innermost type condition it stands under; null without one. */
  readonly on: string | null
  readonly arguments: JsonObject
  readonly selects: Selection
}

/** Asks the platform one read and gives the answer's `data`; throws when there is none, or an error beside it. Only `query` operations are let through. */
export type AskGraphql = (query: string, variables: JsonObject) => Promise<JsonObject>

export interface GraphqlPlatform {
  readonly kind: 'graphql'
  readonly name: string
  /** Hosts that the real platform answers on; a target may name another base URL (rehearsal). */
  readonly hosts: readonly string[]
  /** Path of the GraphQL endpoint below the base URL: `/graphql/v2`. */
  readonly path: string
  /** The headers that a kind of credential may go out in; the first where a target names none. */
  readonly headers: readonly [CredentialHeader, ...CredentialHeader[]]
  /** Every root field that is known, by its name. */
  readonly operations: () => readonly string[]
  /** What one root field does, by its arguments; an unknown field or argument shape is `unread`. Pure and total. */
  judge(target: string, field: RootField): Operation
  /** What the operations would take: reads only, through `ask`; at once where nothing is asked. May throw; the inventory then counts the widest. */
  survey(
    target: string,
    operations: readonly Operation[],
    ask: AskGraphql,
  ): Surveyed | Promise<Surveyed>
  /** Whether an operation has happened, by reads only; for the reconcile after a crash. */
  happened(target: string, operation: Operation, ask: AskGraphql): Promise<'yes' | 'no' | 'unknown'>
}

export interface Surveyed {
  readonly radius: BlastRadius
  readonly operations: readonly Operation[]
}

export type Platform = GraphqlPlatform
