/** What a client may ask of the gateway itself: `Prefer` (RFC 7240), `Idempotency-Key`, and its own words. */
import { headerOf } from './head.ts'
import type { Headers } from './head.ts'

export interface Wishes {
  /** Milliseconds that the client would wait for a person; 0 without the wish. */
  readonly waitMs: number
  readonly async: boolean
  /** Null without one. */
  readonly key: string | null
  /** The client's words on why it asks, cut short; null without any. */
  readonly reason: string | null
}

const longestWaitMs = 300_000
const longestReason = 500
const noWishes: Wishes = { waitMs: 0, async: false, key: null, reason: null }

/** The wishes, or one line about a header that cannot be taken. */
export function wishesOf(headers: Headers): Wishes | string {
  const key = headerOf(headers, 'idempotency-key')
  const prefer = headerOf(headers, 'prefer')
  const reason = headerOf(headers, 'firebreak-reason')
  if (key === null && prefer === null && reason === null) return noWishes
  if (key !== null && !/^[\x21-\x7e]{1,255}$/.test(key))
    return '`Idempotency-Key` must be 1 to 255 printable ASCII characters'
  const preferences = preferencesOf(headers)
  const wait = preferences.get('wait')
  const seconds = wait !== undefined && /^\d{1,6}$/.test(wait) ? Number(wait) : 0
  return {
    waitMs: Math.min(longestWaitMs, seconds * 1000),
    async: preferences.has('respond-async'),
    key,
    reason: reason === null || reason === '' ? null : utf8(reason).slice(0, longestReason),
  }
}

/** The grant of a request, wherever the platform's clients put a token; null without one, or with two that differ. */
export function grantOf(headers: Headers): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headerOf(headers, 'authorization') ?? '')?.[1] ?? null
  const shown = [bearer, headerOf(headers, 'project-access-token')].filter(
    (token) => token !== null,
  )
  const grants = [...new Set(shown)].filter((token) => token.startsWith('fbk_'))
  return grants.length === 1 ? (grants[0] ?? null) : null
}

/** All preferences by name; of one that comes twice the first counts (RFC 7240 §2). */
function preferencesOf(headers: Headers): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let index = 0; index < headers.length; index += 2)
    if (headers[index] === 'prefer') collectFrom(headers[index + 1] ?? '', found)
  return found
}

function collectFrom(value: string, found: Map<string, string>): void {
  for (const part of value.split(',')) {
    const [preference = ''] = part.split(';')
    const [name = '', told = ''] = preference.split('=').map((text) => text.trim().toLowerCase())
    if (!found.has(name)) found.set(name, told.replaceAll('"', ''))
  }
}

/** Header bytes that are UTF-8 mean what they say; everything else stands as it came, in latin1. */
function utf8(text: string): string {
  const bytes = Buffer.from(text, 'latin1').toString('utf8')
  return bytes.includes('\ufffd') ? text : bytes
}
