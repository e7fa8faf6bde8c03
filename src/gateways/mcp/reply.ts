/** The answer to one request whose server speaks by lines: JSON where nothing comes before it, else a stream. */
import type { ServerResponse } from 'node:http'
import type { JsonObject } from '../../base/json.ts'
import { codes, errorOf } from '../../wire/jsonrpc.ts'
import type { Id } from '../../wire/jsonrpc.ts'
import type { Visit } from '../http/house.ts'
import { send } from '../http/forward.ts'
import { jsonAnswer, textAnswer } from './answer.ts'
import type { Waiting } from './talk.ts'

export interface Replying {
  readonly id: Id
  readonly token: Waiting['token']
  /** Takes the secret out, and what may not be shown. */
  readonly shown: (message: JsonObject) => string
  readonly headers: readonly string[]
  readonly landed: () => void
  readonly done: (status: number, summary: string) => void
}

/** Who waits; `over` is called once, when the answer has gone or nobody waits for it any more. */
export function replyOn(visit: Visit, how: Replying, over: () => void): Waiting {
  const { outgoing } = visit
  let isOpen = true
  const close = (status: number, summary: string): void => {
    if (!isOpen) return
    isOpen = false
    how.done(status, summary)
    over()
  }
  const stream = (message: JsonObject): void => {
    if (!outgoing.headersSent) outgoing.writeHead(200, [...streamHead, ...how.headers])
    writeEvent(outgoing, how.shown(message))
  }
  const answer = (message: JsonObject): void => {
    how.landed()
    if (outgoing.headersSent) {
      stream(message)
      outgoing.end()
    } else send(outgoing, textAnswer(200, how.shown(message), how.headers))
    close(200, 'forwarded')
  }
  return {
    id: how.id,
    token: how.token,
    hear: stream,
    answer,
    failed: (why) => {
      const message = `the server gave no answer: ${why}`
      const body = errorOf(how.id, { code: codes.internal, message })
      if (outgoing.headersSent) {
        outgoing.write(`data: ${JSON.stringify(body)}\n\n`)
        outgoing.end()
      } else send(outgoing, jsonAnswer(502, body))
      close(0, `broken: ${why}`)
    },
  }
}

/** What a client does not take is not kept for it: it is cut off. In bytes. */
const mostWaiting = 16_000_000

export function writeEvent(outgoing: ServerResponse, data: string): void {
  outgoing.write(`data: ${data}\n\n`)
  if (outgoing.writableLength > mostWaiting) outgoing.destroy()
}

export const streamHead = [
  'content-type',
  'text/event-stream',
  'cache-control',
  'no-store',
  'x-accel-buffering',
  'no',
] as const
