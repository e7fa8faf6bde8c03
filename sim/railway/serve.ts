/** The platform's HTTP face: reads a request, lets the faults have their way, answers, and keeps the log. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLSchema } from 'graphql'
import { callerOf } from './access.ts'
import { answer, describe, refusal, type Answer, type Operation } from './answer.ts'
import type { Fault, Faults } from './faults.ts'
import type { Context, Ground } from './ground.ts'
import { readBody, readQuery, type Questions } from './question.ts'

/** One request as it came in. `status` is null while, or because, it got no answer. */
export interface LoggedRequest {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly method: string
  readonly path: string
  /** As they came, credentials included: a test looks whether the right one was sent. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The name of the token that was shown, or null. */
  readonly token: string | null
  readonly operations: readonly Operation[]
  readonly status: number | null
}

export interface Log {
  opened(request: LoggedRequest): void
  answered(id: string, status: number): void
}

export interface Served {
  readonly ground: Ground
  readonly schema: GraphQLSchema
  readonly faults: Faults
  readonly log: Log
  readonly sleep: (ms: number) => Promise<void>
  /** Called before each request, so that what is due happens first. */
  readonly tick: () => void
}

const path = '/graphql/v2'
const maxBytes = 8 * 1024 * 1024

/** Answers one request. Settles when there is nothing more to do for it. */
export async function serve(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://rehearsal.invalid')
  const method = request.method ?? 'GET'
  const body = await readAll(request)
  served.tick()
  const caller = callerOf(request.headers, served.ground.world)
  const context: Context = {
    ground: served.ground,
    caller,
    requestId: served.ground.newId('request'),
  }
  const asked = body === null ? tooLarge : questionsOf(method, url, request, body)
  const operations = asked.kind === 'asked' ? asked.questions.map(describe) : []
  served.log.opened({
    id: context.requestId,
    at: served.ground.now(),
    method,
    path: `${url.pathname}${url.search}`,
    headers: headersOf(request),
    body: body ?? '',
    token: caller?.name ?? null,
    operations,
    status: null,
  })
  const fault = served.faults.take(operations.flatMap(({ fields }) => fields))
  const early = await beforeEffect(served, fault)
  if (early === 'silence') return
  const said = early ?? (await answer(served.schema, asked, method, context))
  await send(served, context, fault, { said, request, response })
}

const tooLarge: Questions = { kind: 'refused', status: 413, message: 'Request body is too large' }

function questionsOf(method: string, url: URL, request: IncomingMessage, body: string): Questions {
  if (url.pathname !== path) return { kind: 'refused', status: 404, message: 'Not Found' }
  if (method === 'GET') return readQuery(url.searchParams)
  if (method === 'POST') return readBody(request.headers['content-type'] ?? '', body)
  return { kind: 'refused', status: 405, message: 'Method Not Allowed' }
}

/** What a fault does before anything happens: an answer at once, silence, or nothing (after a delay). */
async function beforeEffect(
  served: Served,
  fault: Fault | null,
): Promise<Answer | 'silence' | null> {
  if (fault?.kind === 'hang') return 'silence'
  if (fault?.kind === 'delay') await served.sleep(fault.ms)
  const context = { ground: served.ground, caller: null, requestId: '' }
  if (fault?.kind === 'redirect') return refusal(context, 307, 'Moved', 'REHEARSED_FAULT')
  if (fault?.kind !== 'status') return null
  return refusal(context, fault.status, statusTexts[fault.status], 'REHEARSED_FAULT')
}

const statusTexts = {
  403: 'Forbidden',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
} as const

interface Sending {
  readonly said: Answer
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function send(
  served: Served,
  context: Context,
  fault: Fault | null,
  { said, request, response }: Sending,
): Promise<void> {
  if (fault?.kind === 'mute') return
  if (fault?.kind === 'crash') {
    request.socket.destroy()
    return
  }
  const text = JSON.stringify(said.body)
  response.writeHead(said.status, {
    'content-type': `${mediaType(request)}; charset=utf-8`,
    'x-railway-request-id': context.requestId,
    ...extraHeaders(said.status, fault),
  })
  if (fault?.kind === 'cut') {
    response.write(text.slice(0, Math.ceil(text.length / 2)), () => request.socket.destroy())
    return
  }
  served.log.answered(context.requestId, said.status)
  if (fault?.kind === 'trickle') return trickle(served, response, text, fault)
  response.end(fault?.kind === 'garble' ? `<html>${text.slice(1)}` : text)
}

function extraHeaders(status: number, fault: Fault | null): Readonly<Record<string, string>> {
  if (fault?.kind === 'redirect') return { location: fault.to }
  return status === 429 ? { 'retry-after': '1' } : {}
}

async function trickle(
  served: Served,
  response: ServerResponse,
  text: string,
  { ms, pieces }: { readonly ms: number; readonly pieces: number },
): Promise<void> {
  const bytes = Buffer.from(text)
  const size = Math.max(1, Math.ceil(bytes.length / Math.max(1, pieces)))
  for (let at = 0; at < bytes.length; at += size) {
    await served.sleep(ms)
    response.write(bytes.subarray(at, at + size))
  }
  response.end()
}

function mediaType(request: IncomingMessage): string {
  const accepted = request.headers.accept ?? ''
  const newer = 'application/graphql-response+json'
  return accepted.includes(newer) ? newer : 'application/json'
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  const pairs = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  return Object.fromEntries(pairs)
}

/** The body as text, or null where it is larger than the platform takes. */
async function readAll(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const piece: Buffer = chunk
    bytes += piece.length
    if (bytes <= maxBytes) chunks.push(piece)
  }
  return bytes > maxBytes ? null : Buffer.concat(chunks).toString('utf8')
}
