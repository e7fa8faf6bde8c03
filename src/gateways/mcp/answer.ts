/** A whole answer in JSON. */
import type { JsonObject } from '../../base/json.ts'
import type { Answer } from '../http/answer.ts'

export function jsonAnswer(status: number, body: JsonObject | null): Answer {
  return textAnswer(status, body === null ? '' : JSON.stringify(body), [])
}

/** `text` is JSON already, or nothing. */
export function textAnswer(status: number, text: string, headers: readonly string[]): Answer {
  const body = Buffer.from(text)
  const type = text === '' ? [] : ['content-type', 'application/json']
  const length = ['content-length', String(body.length)]
  return { status, headers: [...type, 'cache-control', 'no-store', ...length, ...headers], body }
}
