/** A JSON value as an answer over HTTP that nobody keeps. */
import type { Json } from '../base/json.ts'
import type { Answer } from '../gateways/http/answer.ts'

export function jsonAnswer(value: Json): Answer {
  const body = Buffer.from(JSON.stringify(value))
  const type = ['content-type', 'application/json', 'cache-control', 'no-store']
  return { status: 200, headers: [...type, 'content-length', String(body.length)], body }
}
