/** Railway's audit log: what was done in a workspace, by whomever. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'

/** At most so many pages of a hundred events a round; where more came, the next round goes on from there. */
const mostPages = 20

/** Oldest first: what is cut off by the limit is still ahead of the mark. */
const question = `query ($workspaceId: String!, $after: String, $filter: AuditLogFilterInput) {
  auditLogs(workspaceId: $workspaceId, first: 100, after: $after, sort: asc, filter: $filter) {
    pageInfo { hasNextPage endCursor }
    edges { node { id eventType createdAt context } }
  }
}`

/** The time of an event that tells none: it is looked at, whatever the mark. */
export const never = Number.MAX_SAFE_INTEGER

export interface AuditEvent {
  readonly id: string
  readonly event: string
  readonly at: number
  readonly request: string | null
}

/** Asks one query of the platform. */
export type Asks = (query: string, variables: JsonObject) => Promise<JsonObject>

/** The ids of the workspaces that the credential reaches. */
export async function workspacesOf(ask: Asks): Promise<readonly string[]> {
  const token = object((await ask('query { apiToken { workspaces { id } } }', {}))['apiToken'])
  return list(token['workspaces'])
    .map((each) => object(each)['id'])
    .filter((id) => typeof id === 'string')
}

export interface Read {
  readonly events: readonly AuditEvent[]
  /** The time of the newest event that was read; null where none tells one. */
  readonly readTo: number | null
  /** False where more came than a round reads. */
  readonly isWhole: boolean
}

/** The events of a workspace since a time (ms), oldest first, and how far that has read. */
export async function eventsSince(ask: Asks, workspaceId: string, since: number): Promise<Read> {
  const events: AuditEvent[] = []
  let after: Json = null
  const read = (isWhole: boolean): Read => {
    const times = events.map(({ at }) => at).filter((at) => at !== never)
    return { events, readTo: times.length === 0 ? null : Math.max(...times), isWhole }
  }
  for (let pages = 0; pages < mostPages; pages++) {
    const filter = { startDate: new Date(since).toISOString() }
    const answer = object((await ask(question, { workspaceId, after, filter }))['auditLogs'])
    events.push(...list(answer['edges']).flatMap((edge) => eventOf(object(object(edge)['node']))))
    const { hasNextPage, endCursor } = object(answer['pageInfo'])
    if (hasNextPage !== true || typeof endCursor !== 'string') return read(true)
    after = endCursor
  }
  return read(false)
}

function eventOf({ id, eventType, createdAt, context }: JsonObject): readonly AuditEvent[] {
  if (typeof id !== 'string' || typeof eventType !== 'string') return []
  const at = typeof createdAt === 'string' ? Date.parse(createdAt) : Number.NaN
  const request = object(context)['requestId']
  const known = { id, event: eventType, request: typeof request === 'string' ? request : null }
  return [{ ...known, at: Number.isNaN(at) ? never : at }]
}

function object(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
