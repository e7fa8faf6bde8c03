/** Lines of a client on one side, Streamable HTTP on the other: for agents that start their MCP servers as processes. */
import { createInterface } from 'node:readline'
import { messageOf as whyOf } from '../base/error.ts'
import { isObject, parseJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { coded, subjectOf, versionIn } from '../gateways/mcp/headers.ts'
import { codes, errorOf, messageIn } from '../wire/jsonrpc.ts'
import type { Message } from '../wire/jsonrpc.ts'
import { openEvents } from '../wire/sse.ts'

export interface Bridge {
  /** Fulfils when the input has ended and all that was asked is answered. */
  readonly pipe: (input: NodeJS.ReadableStream) => Promise<void>
}

interface BridgeHouse {
  readonly url: string
  readonly grant: string
  readonly say: (line: string) => void
}

export function openBridge({ url, grant, say }: BridgeHouse): Bridge {
  let session: string | null = null
  let revision: string | null = null
  const over = new AbortController()
  const headersFor = (message: Message | null): Record<string, string> => ({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${grant}`,
    ...(session === null ? {} : { 'mcp-session-id': session }),
    ...mirrored(message, revision),
  })

  /** Each line of an answer goes out as it comes. */
  const hear = async (answer: Response, heard: (message: JsonObject) => void): Promise<void> => {
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (!isStream) {
      const message = parsed(await answer.text())
      if (message !== null) heard(message)
      return
    }
    const events = openEvents()
    const decoder = new TextDecoder()
    for await (const chunk of answer.body ?? [])
      for (const { data } of events.push(decoder.decode(chunk, { stream: true }))) {
        const message = data === '' ? null : parsed(data)
        if (message !== null) heard(message)
      }
  }

  const post = async (line: string, message: Message): Promise<void> => {
    let isAnswered = message.kind !== 'request'
    let why = 'Firebreak gave no answer'
    try {
      const answer = await fetch(url, { method: 'POST', headers: headersFor(message), body: line })
      session ??= answer.headers.get('mcp-session-id')
      await hear(answer, (said) => {
        if (!('jsonrpc' in said)) {
          why = typeof said['detail'] === 'string' ? said['detail'] : `it answered ${answer.status}`
          return
        }
        if (message.kind === 'request' && said['id'] === message.id) {
          isAnswered = true
          revision ??= revisionIn(message, said)
        }
        say(JSON.stringify(said))
      })
    } catch (thrown) {
      // The client is told, and may ask again.
      why = `Firebreak does not answer at ${url}: ${whyOf(thrown)}`
    }
    if (!isAnswered && message.kind === 'request')
      say(JSON.stringify(errorOf(message.id, { code: codes.refused, message: why })))
  }

  /** What the server says by itself, where it has a stream for that. */
  const listen = async (): Promise<void> => {
    const { signal } = over
    try {
      const answer = await fetch(url, { headers: headersFor(null), signal })
      if (answer.ok) await hear(answer, (said) => say(JSON.stringify(said)))
    } catch {
      // It has ended, or there is none: answers come without it.
    }
  }

  return {
    pipe: async (input) => {
      const asked = new Set<Promise<void>>()
      for await (const line of createInterface({ input })) {
        const message = messageIn(parsed(line))
        if (message === null) {
          if (line.trim() !== '')
            say(
              JSON.stringify(errorOf(null, { code: codes.invalid, message: 'this is no message' })),
            )
          continue
        }
        const posted = post(line, message)
        asked.add(posted)
        void posted.finally(() => asked.delete(posted))
        // What follows a handshake is said in its session.
        if (message.kind === 'request' && message.method === 'initialize') await posted
        if (message.kind === 'notification' && message.method === 'notifications/initialized') {
          await posted
          void listen()
        }
      }
      await Promise.all(asked)
      over.abort()
      if (session !== null)
        await fetch(url, { method: 'DELETE', headers: headersFor(null) }).catch(() => null)
    },
  }
}

/** The headers that repeat the body (MCP 2026-07-28), or the revision that was agreed on. */
function mirrored(message: Message | null, agreed: string | null): Record<string, string> {
  const own = message === null || message.kind === 'response' ? null : versionIn(message.params)
  if (own === null || message === null || message.kind === 'response')
    return agreed === null ? {} : { 'mcp-protocol-version': agreed }
  const subject = subjectOf(message.method, message.params)
  return {
    'mcp-protocol-version': own,
    'mcp-method': message.method,
    ...(subject === null ? {} : { 'mcp-name': coded(subject) }),
  }
}

function revisionIn(message: Message, { result }: JsonObject): string | null {
  if (message.kind !== 'request' || message.method !== 'initialize' || !isObject(result))
    return null
  const { protocolVersion } = result
  return typeof protocolVersion === 'string' ? protocolVersion : null
}

function parsed(text: string): JsonObject | null {
  try {
    const value = parseJson(text)
    return isObject(value) ? value : null
  } catch {
    // No JSON, no message.
    return null
  }
}
