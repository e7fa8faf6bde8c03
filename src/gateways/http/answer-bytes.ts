/** A whole answer of the gateway itself, as the bytes that go out. */
import { STATUS_CODES } from 'node:http'
import type { Answer } from './answer.ts'

export interface Framed {
  /** True: the connection ends with it. */
  readonly last: boolean
  /** True for the answer to a HEAD: its head alone. */
  readonly bodiless: boolean
}

/** One write: head and body together. Header values are the gateway's own, and hold no line break. */
export function answerBytes(answer: Answer, { last, bodiless }: Framed): Buffer {
  const date = new Date().toUTCString()
  let head = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\ndate: ${date}\r\n`
  for (let index = 0; index < answer.headers.length; index += 2)
    head += `${answer.headers[index] ?? ''}: ${oneLine(answer.headers[index + 1] ?? '')}\r\n`
  if (last) head += 'connection: close\r\n'
  const bytes = Buffer.from(`${head}\r\n`, 'latin1')
  return bodiless ? bytes : Buffer.concat([bytes, answer.body])
}

function oneLine(value: string): string {
  return value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ' ')
}
