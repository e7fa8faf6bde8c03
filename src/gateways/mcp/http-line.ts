/** Our own session with a server over Streamable HTTP. */
import { FirebreakError } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import { openEvents } from '../../wire/sse.ts'
import { collect } from '../http/collect.ts'
import type { Upstream } from '../http/upstream.ts'
import { coded, subjectOf } from './headers.ts'
import { newRevision, openLine } from './line.ts'
import type { Exchange } from './line.ts'
import type { Line } from './target.ts'

const maxBytes = 16_000_000

export async function openHttpLine(
  upstream: Upstream,
  credential: Secret | null,
  signal: AbortSignal,
): Promise<Line> {
  let session: string | null = null
  const exchange: Exchange = async (message, revision) => {
    const headers = [
      'content-type',
      'application/json',
      'accept',
      'application/json, text/event-stream',
      'accept-encoding',
      'identity',
      ...(message['method'] === 'initialize' ? [] : ['mcp-protocol-version', revision]),
      ...(revision === newRevision ? mirrored(message) : []),
      ...(session === null ? [] : ['mcp-session-id', session]),
    ]
    const body = Buffer.from(JSON.stringify(message))
    const outgoing = { method: 'POST', path: '', query: '', headers, body }
    const answer = await collect(upstream, outgoing, credential, { maxBytes, signal })
    session ??= answer.session
    if (message['id'] === undefined) return null
    const text = answer.body.toString('utf8')
    const isStream = answer.contentType?.startsWith('text/event-stream') === true
    const found = isStream ? fromStream(text, message) : parsed(text)
    if (found === null)
      throw new FirebreakError('not_reachable', `the server answered ${answer.status}`)
    return found
  }
  const close = async (): Promise<void> => {
    if (session === null) return
    const headers = ['mcp-session-id', session]
    const outgoing = { method: 'DELETE', path: '', query: '', headers, body: new Uint8Array(0) }
    // It may have no end of sessions; then it ends them by itself.
    await collect(upstream, outgoing, credential, { maxBytes, signal }).catch(() => null)
  }
  return await openLine(exchange, close)
}

function mirrored(message: JsonObject): readonly string[] {
  const { method, params } = message
  if (typeof method !== 'string') return []
  const subject = isObject(params) ? subjectOf(method, params) : null
  return ['mcp-method', method, ...(subject === null ? [] : ['mcp-name', coded(subject)])]
}

function fromStream(text: string, { id }: JsonObject): JsonObject | null {
  const events = openEvents().push(`${text}\n\n`)
  const messages = events.map(({ data }) => (data === '' ? null : parsed(data)))
  return messages.find((message) => message !== null && message['id'] === id) ?? null
}

function parsed(text: string): JsonObject | null {
  try {
    const value = parseJson(text)
    return isObject(value) ? value : null
  } catch {
    // No JSON: no answer.
    return null
  }
}
