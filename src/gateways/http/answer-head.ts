/** The head of an upstream's answer, read as strictly as a request's: what is not clear is no answer. */
import { connectionNames, headerOf, parseFields } from './head.ts'
import type { Headers } from './head.ts'
import { isReturned } from './headers.ts'

/** How the end of an answer's body is known; `close`: when the upstream ends the connection. */
export type AnswerFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' }

export interface AnswerHead {
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly framing: AnswerFraming
  readonly keepAlive: boolean
  /** How long the upstream says it keeps an idle connection; null where it does not say. */
  readonly idleMs: number | null
}

/** Reads what stands before the empty line, as latin1 text; null where it is not clear (RFC 9112 §6.3). */
export function parseAnswerHead(text: string, toHead: boolean): AnswerHead | null {
  const lines = text.split('\r\n')
  const first = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(lines[0] ?? '')
  const headers = first === null ? null : parseFields(lines)
  if (first === null || headers === null) return null
  const [, minor, code, reason = ''] = first
  const status = Number(code)
  const framing = framingOf(headers, toHead || isBodiless(status))
  if (framing === null) return null
  const closes = connectionNames(headers).includes('close') || framing.kind === 'close'
  const keepAlive = minor === '1' && !closes
  return { status, reason, headers, framing, keepAlive, idleMs: idleOf(headers) }
}

function isBodiless(status: number): boolean {
  return status < 200 || status === 204 || status === 304
}

function framingOf(headers: Headers, bodiless: boolean): AnswerFraming | null {
  const coding = headerOf(headers, 'transfer-encoding')
  const length = headerOf(headers, 'content-length')
  const odd =
    count(headers, 'content-length') > 1 ||
    count(headers, 'transfer-encoding') > 1 ||
    (coding !== null && (length !== null || coding.toLowerCase() !== 'chunked')) ||
    (length !== null && !/^\d{1,15}$/.test(length))
  if (odd) return null
  if (bodiless) return { kind: 'none' }
  if (coding !== null) return { kind: 'chunked' }
  if (length === null) return { kind: 'close' }
  return Number(length) === 0 ? { kind: 'none' } : { kind: 'length', bytes: Number(length) }
}

function count(headers: Headers, name: string): number {
  let found = 0
  for (let index = 0; index < headers.length; index += 2) if (headers[index] === name) found += 1
  return found
}

function idleOf(headers: Headers): number | null {
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})/.exec(headerOf(headers, 'keep-alive') ?? '')?.[1]
  return seconds === undefined ? null : Number(seconds) * 1000
}

/** The head for the client: the upstream's headers less what ends here, framed for this connection. */
export function returnedHead(head: AnswerHead, toHead: boolean, last: boolean): string {
  const { headers, framing } = head
  const named = connectionNames(headers)
  let text = `HTTP/1.1 ${head.status} ${head.reason}\r\n`
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    if (isReturned(name) && !named.includes(name))
      text += `${name}: ${headers[index + 1] ?? ''}\r\n`
  }
  if (framing.kind === 'chunked' || framing.kind === 'close')
    text += 'transfer-encoding: chunked\r\n'
  else text += lengthLine(head, toHead)
  return last ? `${text}connection: close\r\n\r\n` : `${text}\r\n`
}

/** A HEAD or a 304 tells the length of what it does not send; 204 has none (RFC 9110 §8.6). */
function lengthLine({ framing, headers, status }: AnswerHead, toHead: boolean): string {
  if (framing.kind === 'length') return `content-length: ${framing.bytes}\r\n`
  if (status === 204) return ''
  const told = headerOf(headers, 'content-length')
  if (toHead || status === 304) return told === null ? '' : `content-length: ${told}\r\n`
  return 'content-length: 0\r\n'
}
