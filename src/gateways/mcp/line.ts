/** A session of our own with a server, whichever way it goes: shaken hands as the old revisions do, or said with each request as the new one does. */
import { FirebreakError } from '../../base/error.ts'
import { isObject } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Line } from './target.ts'

/** Sends one message; gives the answer to a request, null to a notification. */
export type Exchange = (message: JsonObject, revision: string) => Promise<JsonObject | null>

export const oldRevision = '2025-11-25'
export const newRevision = '2026-07-28'

/** Shakes hands; a server that knows no `initialize` is spoken to as the new revision has it. */
export async function openLine(exchange: Exchange, close: () => Promise<void>): Promise<Line> {
  let last = 0
  let revision = oldRevision
  const ask = async (method: string, params: JsonObject): Promise<JsonObject> => {
    last += 1
    const given = revision === newRevision ? { ...params, _meta: about } : params
    const answer = await exchange({ jsonrpc: '2.0', id: last, method, params: given }, revision)
    if (answer === null) throw silent()
    const { result, error } = answer
    if (isObject(result)) return result
    throw new FirebreakError('not_reachable', `the server says: ${wordsOf(error)}`)
  }
  try {
    const hello = { protocolVersion: oldRevision, capabilities: {}, clientInfo }
    const { protocolVersion } = await ask('initialize', hello)
    if (typeof protocolVersion === 'string') revision = protocolVersion
    await exchange({ jsonrpc: '2.0', method: 'notifications/initialized' }, revision)
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError) || revision === newRevision) throw thrown
    // It knows no handshake, or nothing of ours: the next answer tells.
    revision = newRevision
  }
  return { ask, close }
}

const clientInfo = { name: 'firebreak', version: '1' }
const about = {
  'io.modelcontextprotocol/protocolVersion': newRevision,
  'io.modelcontextprotocol/clientInfo': clientInfo,
  'io.modelcontextprotocol/clientCapabilities': {},
}

function wordsOf(error: unknown): string {
  const message = isObject(error) ? error['message'] : null
  return typeof message === 'string' ? message.slice(0, 300) : 'nothing that can be read'
}

export function silent(): FirebreakError {
  return new FirebreakError('not_reachable', 'the server gave no answer')
}

/** All tools, page by page. */
export async function allTools(line: Line): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = []
  let cursor: string | null = null
  for (let page = 0; page < mostPages; page += 1) {
    const result: JsonObject = await line.ask('tools/list', cursor === null ? {} : { cursor })
    const { tools, nextCursor } = result
    if (Array.isArray(tools)) found.push(...tools.filter(isObject))
    if (typeof nextCursor !== 'string' || nextCursor === '') return found
    cursor = nextCursor
  }
  return found
}

const mostPages = 100
