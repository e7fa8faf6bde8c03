/** What MCP's methods are: what keeps a connection, what reads, what changes something. Tools are another matter. */
import type { Effect } from '../../core/effect.ts'

/** They ask nothing of what is behind the server: a grant for any of its tools needs them. */
export const plumbing: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'server/discover',
  'logging/setLevel',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
])

/** What a client may tell without being asked. */
export const notices: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
  'notifications/tasks/status',
])

/** Null for a method that nobody here knows. */
export function effectOf(method: string): Effect | null {
  if (reads.has(method)) return 'read'
  return writes.has(method) ? 'write' : null
}

const reads: ReadonlySet<string> = new Set([
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'resources/directory/read',
  'subscriptions/listen',
  'prompts/get',
  'completion/complete',
  'tasks/get',
  'tasks/list',
  'tasks/result',
])
const writes: ReadonlySet<string> = new Set(['tasks/cancel', 'tasks/update'])
