/** Bypass watch: what the platform's audit log tells and the ledger does not was done past Firebreak. */
import { messageOf } from '../base/error.ts'
import { isObject } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { Firebreak } from './compose.ts'

const everyMs = 60_000

/** Looks every minute; gives what stops it. */
export function watchBypass(firebreak: Firebreak, log: (line: string) => void): () => void {
  const round = (): void => {
    void Promise.all(
      [...firebreak.targets.keys()].map(async (target) => await lookOnce(firebreak, target)),
    ).catch((thrown: unknown) => log(`bypass watch: ${messageOf(thrown)}`))
  }
  const timer = setInterval(round, everyMs)
  return () => clearInterval(timer)
}

export interface Bypass {
  readonly id: string
  readonly event: string
  readonly at: number
}

const question = `query ($workspaceId: String!) {
  auditLogs(workspaceId: $workspaceId, first: 100, sort: desc) { edges { node { id eventType createdAt context } } }
}`

/**
 * The audit events of one target that no forwarded request explains, each alarmed once. An event is explained by its
 * request id where the platform tells one, and never by its time alone: a call in the shadow of another would be hidden.
 */
export async function lookOnce(firebreak: Firebreak, target: string): Promise<readonly Bypass[]> {
  const open = firebreak.targets.get(target)
  if (open === undefined) return []
  const signal = AbortSignal.timeout(10_000)
  const token = await open.ask('query { apiToken { workspaces { id } } }', {}, signal)
  const workspaces = list(object(token['apiToken'])['workspaces']).map((each) => object(each)['id'])
  const found: Bypass[] = []
  for (const workspaceId of workspaces.filter((id) => typeof id === 'string')) {
    const answer = await open.ask(question, { workspaceId }, signal)
    for (const edge of list(object(answer['auditLogs'])['edges'])) {
      const bypass = await unexplained(firebreak, target, object(object(edge)['node']))
      if (bypass !== null) found.push(bypass)
    }
  }
  return found
}

async function unexplained(
  firebreak: Firebreak,
  target: string,
  node: JsonObject,
): Promise<Bypass | null> {
  const { id, eventType, createdAt, context } = node
  const at = typeof createdAt === 'string' ? Date.parse(createdAt) : Number.NaN
  if (typeof id !== 'string' || typeof eventType !== 'string') return null
  const request = object(context)['requestId']
  const seen = `bypass:${target}:${id}`
  return await firebreak.state.transact(async (tx) => {
    const sent = typeof request === 'string' && (await firebreak.sent.knows(tx, target, request))
    if (sent || (await tx.get('meta', seen)) !== null) return null
    await tx.put('meta', { id: seen, value: firebreak.clock.now() })
    const body = { event: eventType, id, target, at }
    await firebreak.ledger.append(tx, [
      { kind: 'alarm', at: firebreak.clock.now(), subject: id, principal: null, body },
    ])
    firebreak.notices.tell(
      'bypass',
      `\`${eventType}\` reached ${target} past Firebreak at ${new Date(at).toISOString()}`,
      id,
    )
    return { id, event: eventType, at }
  })
}

function object(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
