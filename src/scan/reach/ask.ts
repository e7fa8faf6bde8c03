/** One read of a platform: to its own host alone, over TLS that is checked, with an end to time and size, and no way to be led elsewhere. */
import { request as plainly } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as encrypted } from 'node:https'
import { messageOf } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'

export interface Call {
  readonly host: string
  /** With its query. */
  readonly path: string
  /** POST only where the platform asks its questions so: GraphQL, signed forms, a review. */
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Heard {
  /** 0: nothing that could be read came back, and `why` says so. */
  readonly status: number
  readonly why: string
  readonly headers: Readonly<Record<string, string>>
  /** Null where it is no JSON. */
  readonly body: Json
  readonly text: string
}

/** Never throws for what a platform does. */
export type Ask = (call: Call) => Promise<Heard>

export interface AskLimits {
  readonly callMs: number
  readonly answerBytes: number
  /** Calls for one credential. */
  readonly calls: number
  /** Past so much time no further call is begun for it. */
  readonly allMs: number
}

export const usualLimits: AskLimits = {
  callMs: 10_000,
  answerBytes: 4 * 1024 ** 2,
  calls: 150,
  allMs: 60_000,
}

export interface AskHouse {
  /** INVARIANT (own host): a call to another one is not made. */
  readonly hosts: readonly string[]
  /** What may not come back in an answer, whoever echoes it. */
  readonly hide: readonly Secret[]
  /** A rehearsal on this machine, instead of the platform. */
  readonly instead: string | null
  /** The one authority that is trusted; null: those of the system. */
  readonly ca: string | null
  /** A certificate that says who asks, with its key. */
  readonly client?: { readonly cert: string; readonly key: string } | null
  readonly limits: AskLimits
}

/** Asks for one credential. INVARIANT (secret-stays): what is hidden is in no answer. */
export function openAsk(house: AskHouse): Ask {
  let calls = 0
  const begun = performance.now()
  return async (call) => {
    if (!house.hosts.includes(call.host)) return nothing(`${call.host} is none of its hosts`)
    if (isLinkLocal(call.host)) return nothing(`${call.host} is ${linkLocal}`)
    calls += 1
    if (calls > house.limits.calls) return nothing(`more than ${house.limits.calls} questions`)
    if (performance.now() - begun > house.limits.allMs)
      return nothing(`${call.host} took more than ${house.limits.allMs / 1000} s for all questions`)
    try {
      return await heard(call, house)
    } catch (thrown) {
      // Whatever the network does is an answer: nobody could say.
      return nothing(reasonOf(call.host, thrown, house.limits))
    }
  }
}

export const linkLocal =
  'an address of this network alone, where clouds keep their own secrets: nothing is asked there'

/** RFC 3927, RFC 4291 §2.5.6, the same written as IPv6, and what clouds add: a file shall not lead a scan there. */
export function isLinkLocal(host: string): boolean {
  const bare = host.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^([^:]*):\d+$/, '$1')
  return (
    /^(?:::ffff:)?169\.254\./i.test(bare) ||
    /^::ffff:a9fe:/i.test(bare) ||
    /^fe[89ab][0-9a-f]:|^fd00:0?ec2::/i.test(bare) ||
    /^metadata(?:\.google\.internal)?\.?$/i.test(bare)
  )
}

const nothing = (why: string): Heard => ({ status: 0, why, headers: {}, body: null, text: '' })

function reasonOf(host: string, thrown: unknown, { callMs }: AskLimits): string {
  if (thrown instanceof Error && thrown.name === 'AbortError')
    return `${host} did not answer within ${callMs / 1000} s`
  const code = isObject(thrown) ? thrown['code'] : null
  // Codes are Node's own words; a message may have another's in it.
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code)
    ? `${host} cannot be reached (${code})`
    : `${host}: ${thrown instanceof TooMuch ? messageOf(thrown) : 'the answer could not be read'}`
}

class TooMuch extends Error {}

async function heard(call: Call, house: AskHouse): Promise<Heard> {
  const response = await sent(call, house)
  const status = response.statusCode ?? 0
  const bytes = await all(response, house.limits.answerBytes)
  const text = hidden(bytes.toString('utf8'), house.hide)
  if (status >= 300 && status < 400)
    return nothing(`${call.host} leads elsewhere (status ${status}), where nothing is sent`)
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      hidden(Array.isArray(value) ? value.join(', ') : (value ?? ''), house.hide),
    ]),
  )
  return { status, why: '', headers, text, body: jsonOf(text, house.hide) }
}

async function sent(
  { host, path, method = 'GET', headers = {}, body = '' }: Call,
  { instead, ca, client = null, limits }: AskHouse,
): Promise<IncomingMessage> {
  const at = instead === null ? new URL(`https://${host}`) : new URL(instead)
  const options: RequestOptions = {
    host: at.hostname.replace(/^\[|\]$/g, ''),
    port: at.port === '' ? (at.protocol === 'https:' ? 443 : 80) : Number(at.port),
    path,
    method,
    agent: false,
    signal: AbortSignal.timeout(limits.callMs),
    headers: {
      host,
      'user-agent': 'firebreak-scan',
      accept: 'application/json',
      ...headers,
      ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    },
  }
  // Whatever the environment says: a certificate that is not checked is nobody's.
  const tls = { ...options, rejectUnauthorized: true, ...(ca === null ? {} : { ca }), ...client }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = at.protocol === 'https:' ? encrypted(tls, resolve) : plainly(options, resolve)
  request.once('error', reject)
  request.end(body)
  return await promise
}

async function all(response: IncomingMessage, most: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response) {
    const bytes = Buffer.from(part)
    length += bytes.length
    if (length > most) {
      response.destroy()
      throw new TooMuch(`it answered more than ${most} bytes`)
    }
    parts.push(bytes)
  }
  return Buffer.concat(parts)
}

function hidden(text: string, secrets: readonly Secret[]): string {
  return secrets.reduce(
    (left, secret) =>
      formsOf(secret.reveal()).reduce((some, form) => some.replaceAll(form, '[secret]'), left),
    text,
  )
}

/** As it is, and as an address, a header of its own or a program would write it. */
function formsOf(raw: string): readonly string[] {
  if (raw.length < 4) return []
  // Of a short one other forms would hit what is none.
  const forms =
    raw.length < 8 ? [] : [encodeURIComponent(raw), based(raw, 'base64'), based(raw, 'base64url')]
  return [...new Set([raw, ...forms])]
}

const based = (raw: string, how: 'base64' | 'base64url'): string =>
  Buffer.from(raw).toString(how).replace(/=+$/, '')

function jsonOf(text: string, secrets: readonly Secret[]): Json {
  try {
    return within(parseJson(text), secrets)
  } catch {
    // Not JSON: who needs it says so.
    return null
  }
}

/** Once more inside: a text can be written by its codes. */
function within(value: Json, secrets: readonly Secret[]): Json {
  if (typeof value === 'string') return hidden(value, secrets)
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        hidden(name, secrets),
        within(member, secrets),
      ]),
    )
  return Array.isArray(value) ? value.map((each: Json) => within(each, secrets)) : value
}
