/** Clients of the console as an authorization server: public ones, whose registration (RFC 7591) is kept by nobody but themselves. */
import * as v from 'valibot'
import { FirebreakError } from '../../base/error.ts'
import { canonical, isObject, parseJson, toJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import type { OpenSeal } from '../../custody/seal.ts'
import { checked } from '../control/command.ts'

export interface Client {
  /** What it calls itself: anybody can write that. */
  readonly name: string
  readonly redirects: readonly string[]
}

const context = 'oauth-client'
/** Longer ones are no names. */
export const longestName = 80
const asked = v.object({
  client_name: v.optional(v.pipe(v.string(), v.maxLength(200)), ''),
  redirect_uris: v.pipe(
    v.array(
      v.pipe(
        v.string(),
        v.maxLength(500),
        v.check(isRedirect, 'must be https, or http to this machine, with nothing behind a `#`'),
      ),
    ),
    v.minLength(1),
    v.maxLength(5),
  ),
  token_endpoint_auth_method: v.optional(v.literal('none'), 'none'),
})

/**
 * The answer of RFC 7591 §3.2.1: the id is the registration itself, sealed. So nothing is kept here, nobody fills anything,
 * and it outlives a restart. Throws `bad_input`.
 */
export function register(seal: OpenSeal, input: JsonObject): JsonObject {
  const { client_name: given, redirect_uris: redirects } = checked(asked, input)
  const name = plain(given, longestName)
  return {
    client_id: seal.seal(canonical(toJson({ name, redirects })), context),
    ...(name === '' ? {} : { client_name: name }),
    redirect_uris: redirects,
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
}

/** Who has that id; throws `bad_input` for one that was never given here. */
export function clientOf(seal: OpenSeal, id: string): Client {
  const found = opened(seal, id)
  const { name, redirects } = isObject(found) ? found : {}
  if (typeof name !== 'string' || !Array.isArray(redirects)) throw unknown()
  return { name, redirects: redirects.filter((one) => typeof one === 'string') }
}

/**
 * Whether an address is one of the client's: exactly as it was registered; on this machine's loopback whatever the port, which
 * such a program takes anew each time (RFC 8252 §7.3).
 */
export function isOf({ redirects }: Client, redirect: string): boolean {
  return isRedirect(redirect) && redirects.some((one) => portless(one) === portless(redirect))
}

function opened(seal: OpenSeal, id: string): unknown {
  try {
    return parseJson(seal.open(id, context))
  } catch {
    // Whatever is wrong with it: it was not given here.
    return null
  }
}

function unknown(): FirebreakError {
  return new FirebreakError('bad_input', 'there is no such client here: it must register')
}

function isRedirect(text: string): boolean {
  // What a person reads is what the browser goes to: no letters that look like others, no second way to write a slash.
  if (!URL.canParse(text) || !/^[!-[\]-~]+$/.test(text)) return false
  const { protocol, hostname, username, password, href } = new URL(text)
  if (username !== '' || password !== '' || href.includes('#')) return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

function portless(text: string): string {
  const url = new URL(text)
  if (url.protocol === 'http:') url.port = ''
  return url.protocol === 'http:' ? url.href : text
}

/** Whether it leads to a program on the machine of the browser. */
export function isLoopback(hostname: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}
