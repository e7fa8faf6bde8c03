/** One process and those who talk to it over HTTP: each answer finds its request, what else is said goes where it belongs. */
import type { ServerResponse } from 'node:http'
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { isId } from '../../wire/jsonrpc.ts'
import type { Id } from '../../wire/jsonrpc.ts'
import type { Process } from './process.ts'

/** Somebody who waits for the answer to a request. */
export interface Waiting {
  readonly id: Id
  /** By which the client knows the progress of it; null without one. */
  readonly token: Json
  /** What is said before the answer: progress, logs, questions of the server. */
  readonly hear: (message: JsonObject) => void
  readonly answer: (message: JsonObject) => void
  readonly failed: (why: string) => void
}

export interface Talk {
  readonly ask: (message: JsonObject, waiting: Waiting) => void
  /** A notification or an answer of the client's. */
  readonly tell: (message: JsonObject) => void
  /** The stream of what the server says by itself; the last one has it. */
  readonly stream: (outgoing: ServerResponse, write: (message: JsonObject) => void) => void
  readonly heard: (message: JsonObject) => void
  readonly ended: (why: string) => void
  readonly isIdle: () => boolean
  /** True where no more requests may wait for the process. */
  readonly isFull: () => boolean
}

/** Ids and tokens of clients are their own affair: two of them may use the same, so the process is told others. */
export function openTalk(write: Process['write']): Talk {
  const waiting = new Map<number, Waiting>()
  let last = 0
  let own: { readonly outgoing: ServerResponse; readonly write: (m: JsonObject) => void } | null =
    null
  const oldest = (): Waiting | undefined => [...waiting.values()][0]

  const elsewhere = (message: JsonObject): void => {
    const about = message['params']
    const token = isObject(about) ? about['progressToken'] : null
    const asked = typeof token === 'number' ? waiting.get(token) : undefined
    if (message['method'] === 'notifications/progress' && asked !== undefined && isObject(about)) {
      asked.hear({ ...message, params: { ...about, progressToken: asked.token } })
      return
    }
    const listener = oldest()
    if (listener !== undefined) listener.hear(message)
    else own?.write(message)
  }
  return {
    ask: (message, one) => {
      last += 1
      const own = last
      // What changes the same target waits for it, and must not wait for ever.
      const timer = setTimeout(() => {
        waiting.delete(own)
        one.failed('none came within ten minutes')
      }, longestMs)
      timer.unref()
      const over = (): void => clearTimeout(timer)
      waiting.set(own, {
        ...one,
        answer: (said) => {
          over()
          one.answer(said)
        },
        failed: (why) => {
          over()
          one.failed(why)
        },
      })
      write({ ...message, id: last, ...withToken(message, one.token === null ? null : last) })
    },
    tell: (message) => {
      const meant = cancelled(message, waiting)
      if (meant !== null) write(meant)
    },
    stream: (outgoing, say) => {
      own?.outgoing.end()
      own = { outgoing, write: say }
      outgoing.on('close', () => {
        if (own?.outgoing === outgoing) own = null
      })
    },
    heard: (message) => {
      const { id, method } = message
      const asked = typeof id === 'number' && method === undefined ? waiting.get(id) : undefined
      if (asked === undefined) {
        if (method !== undefined) elsewhere(message)
        return
      }
      waiting.delete(Number(id))
      asked.answer({ ...message, id: asked.id })
    },
    ended: (why) => {
      for (const one of waiting.values()) one.failed(why)
      waiting.clear()
      own?.outgoing.end()
    },
    isIdle: () => waiting.size === 0 && own === null,
    isFull: () => waiting.size >= mostWaiting,
  }
}

function withToken({ params }: JsonObject, token: number | null): JsonObject {
  const meta = isObject(params) ? params['_meta'] : null
  if (token === null || !isObject(params) || !isObject(meta)) return {}
  return { params: { ...params, _meta: { ...meta, progressToken: token } } }
}

/** A client that gives a request up names it by its own id; null for one that is none of its own. */
function cancelled(message: JsonObject, waiting: ReadonlyMap<number, Waiting>): JsonObject | null {
  const { method, params } = message
  if (method !== 'notifications/cancelled') return message
  if (!isObject(params)) return null
  const { requestId } = params
  const found = [...waiting].find(([, { id }]) => isId(requestId) && id === requestId)
  return found === undefined ? null : { ...message, params: { ...params, requestId: found[0] } }
}

const longestMs = 600_000

/** Requests of one session that wait at a time. */
const mostWaiting = 256

/** The token by which a client wants to hear of a request's progress. */
export function tokenIn(params: JsonObject): Json {
  const meta = params['_meta']
  return isObject(meta) ? (meta['progressToken'] ?? null) : null
}
