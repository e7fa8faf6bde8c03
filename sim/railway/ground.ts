/** What every resolver stands on: rows, bytes, time, ids, and who is calling. */
import { GraphQLError } from 'graphql'
import type { NewId } from '../ids.ts'
import type { Args } from './args.ts'
import type { Disk } from './disk.ts'
import type { TokenRow } from './rows.ts'
import type { World } from './world.ts'

export interface Ground {
  readonly world: World
  readonly disk: Disk
  readonly newId: NewId
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export interface Context {
  readonly ground: Ground
  /** The token that was shown, or null. */
  readonly caller: TokenRow | null
  readonly requestId: string
}

/** Where something happened, for the audit log; taken before the thing is gone. */
export interface Place {
  readonly workspaceId: string | null
  readonly projectId: string | null
  readonly environmentId: string | null
}

/** What a mutation answers, and where it happened. */
export interface Change {
  readonly value: unknown
  readonly place: Place
}

export type Ask = (args: Args, context: Context) => unknown
export type Mutate = (args: Args, context: Context) => Change

/** The platform's time as its API writes it. */
export function isoNow(ground: Ground): string {
  return new Date(ground.now()).toISOString()
}

/** An error as the platform words it; the trace id is put in when it is sent. */
export function problem(message: string, code = 'INTERNAL_SERVER_ERROR'): GraphQLError {
  return new GraphQLError(message, { extensions: { code } })
}

/** The place of an environment, or of a whole project where `environmentId` is null. */
export function placeOf(
  ground: Ground,
  projectId: string,
  environmentId: string | null = null,
): Place {
  const workspaceId = ground.world.projects.get(projectId)?.workspaceId ?? null
  return { workspaceId, projectId, environmentId }
}
