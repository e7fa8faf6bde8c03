/** Firebreak's own MCP server, for agents: what would a call destroy, where does a hold stand, what may I. Nothing in it approves, and nothing in it changes anything. */
import { messageOf as whyOf } from '../../base/error.ts'
import { isObject, toJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Principal } from '../../core/principal.ts'
import type { Guard } from '../../guard/passed.ts'
import { codes, errorOf, resultOf } from '../../wire/jsonrpc.ts'
import { readBody } from '../http/body.ts'
import type { Answer } from '../http/answer.ts'
import type { Mount, Visit } from '../http/house.ts'
import { plainProblem } from '../http/answer.ts'
import { jsonAnswer } from './answer.ts'
import { strangerFault } from './gateway.ts'
import { newRevision, oldRevision } from './line.ts'
import { ownTools } from './own-tools.ts'
import { messageOf } from './read.ts'
import { problemOf } from './told.ts'

export interface OwnHouse {
  readonly guard: Guard
  /** What the guard would say. Throws `bad_input` for a question that it cannot read. */
  readonly preflight: (principal: Principal, question: JsonObject) => Promise<JsonObject>
  /** The recovery points of what the grant reaches. */
  readonly points: (principal: Principal) => Promise<readonly JsonObject[]>
  readonly version: string
  readonly bodyBytes: number
}

export function openOwnServer(house: OwnHouse): Mount {
  return { serve: async (visit) => await serve(house, visit) }
}

async function serve(house: OwnHouse, visit: Visit): Promise<Answer | null> {
  const shut = strangerFault(visit)
  if (shut !== null) return shut
  if (visit.incoming.method !== 'POST')
    return plainProblem(
      { status: 405, kind: 'method', detail: 'send a message by POST' },
      { graphql: false, accept: null },
    )
  const message = messageOf(await readBody(visit.incoming, house.bodyBytes))
  if ('fault' in message) return jsonAnswer(400, errorOf(null, message.fault))
  if (message.kind !== 'request') return jsonAnswer(202, null)
  const { id, method, params } = message
  const result = await resultFor(house, visit.principal, { method, params })
  const why = `\`${method.slice(0, 100)}\` is no method of this server`
  return jsonAnswer(
    200,
    result === null
      ? errorOf(id, { code: codes.noMethod, message: why })
      : resultOf(id, { resultType: 'complete', ...result }),
  )
}

interface Request {
  readonly method: string
  readonly params: JsonObject
}

async function resultFor(
  house: OwnHouse,
  principal: Principal,
  { method, params }: Request,
): Promise<JsonObject | null> {
  const serverInfo = { name: 'firebreak', version: house.version }
  const capabilities = { tools: {} }
  switch (method) {
    case 'initialize':
      return { protocolVersion: agreed(params), capabilities, serverInfo, instructions }
    case 'server/discover':
      return {
        supportedVersions: [newRevision, ...older],
        capabilities,
        instructions,
        ...forAWhile,
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
      }
    case 'ping':
      return {}
    case 'tools/list':
      return { tools: ownTools, ...forAWhile }
    case 'tools/call':
      return await called(house, principal, params)
    default:
      return null
  }
}

const older = [oldRevision, '2025-06-18', '2025-03-26', '2024-11-05']
const forAWhile = { ttlMs: 3_600_000, cacheScope: 'private' } as const

function agreed({ protocolVersion }: JsonObject): string {
  return older.find((each) => each === protocolVersion) ?? oldRevision
}

const instructions =
  'Ask `preflight` before you delete, reset, restore or replace anything. A held call waits for a person: `hold_status` says where it stands. Nothing here approves, and a person’s no is final.'

async function called(
  house: OwnHouse,
  principal: Principal,
  params: JsonObject,
): Promise<JsonObject> {
  const given = isObject(params['arguments']) ? params['arguments'] : {}
  try {
    return told(await answerTo(house, principal, { name: params['name'], given }))
  } catch (thrown) {
    // The model reads it, and may ask otherwise.
    return { content: [{ type: 'text', text: whyOf(thrown) }], isError: true }
  }
}

async function answerTo(
  { guard, preflight, points }: OwnHouse,
  principal: Principal,
  { name, given }: { readonly name: unknown; readonly given: JsonObject },
): Promise<JsonObject> {
  switch (name) {
    case 'preflight':
      return await preflight(principal, given)
    case 'hold_status':
      return await holdStatus(guard, principal, given['holdId'])
    case 'my_grant':
      return grantOf(guard, principal)
    case 'recovery_points':
      return { points: await points(principal) }
    default:
      throw new Error('there is no such tool here')
  }
}

async function holdStatus(guard: Guard, principal: Principal, id: unknown): Promise<JsonObject> {
  const passed = typeof id === 'string' ? await guard.status(id, principal.root) : null
  if (passed === null || passed.kind === 'allowed')
    throw new Error('there is no such hold for this grant')
  return { state: passed.told.state, ...problemOf(passed) }
}

function grantOf(guard: Guard, asking: Principal): JsonObject {
  const { name, root, chain, mintedBy, scope } = asking
  const { expiresAt, ...rest } = scope
  const expires = new Date(expiresAt).toISOString()
  const stopped = guard.bars(asking)
  const facts = toJson({ principal: name, grant: root, chain, mintedBy, expires, ...rest, stopped })
  return isObject(facts) ? facts : {}
}

function told(facts: JsonObject): JsonObject {
  return {
    content: [{ type: 'text', text: JSON.stringify(facts, null, 1) }],
    structuredContent: facts,
  }
}
