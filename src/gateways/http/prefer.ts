/** What a client may ask of the gateway itself: `Prefer` (RFC 7240), `Idempotency-Key`, and its own words. */
import type { IncomingHttpHeaders } from 'node:http'

export interface Wishes {
  /** Milliseconds that the client would wait for a person; 0 without the wish. */
  readonly waitMs: number
  readonly async: boolean
  /** Null without one. */
  readonly key: string | null
  readonly reason: string | null
}

const longestWaitMs = 300_000

/** The wishes, or one line about a header that cannot be taken. */
export function wishesOf(headers: IncomingHttpHeaders): Wishes | string {
  const key = one(headers['idempotency-key'])
  if (key !== null && !/^[\x21-\x7e]{1,255}$/.test(key))
    return '`Idempotency-Key` must be 1 to 255 printable ASCII characters'
  const prefer = (one(headers['prefer']) ?? '').split(',').map((part) => part.trim().toLowerCase())
  const wait = prefer
    .map((part) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(part)?.[1])
    .find((seconds) => seconds !== undefined)
  return {
    waitMs: Math.min(longestWaitMs, Number(wait ?? 0) * 1000),
    async: prefer.includes('respond-async'),
    key,
    reason: one(headers['firebreak-reason'])?.slice(0, 500) ?? null,
  }
}

/** The grant of a request, wherever the platform's clients put a token; null without one. */
export function grantOf(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(one(headers['authorization']) ?? '')?.[1]
  return bearer ?? one(headers['project-access-token'])
}

export function one(value: string | readonly string[] | undefined): string | null {
  return typeof value === 'string' ? value : (value?.[0] ?? null)
}
