/** Codes that stand for grants which a person has signed: each for one client, for a minute, once. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { digest } from '../../base/json.ts'
import type { Chance, Clock } from '../../base/clock.ts'
import type { Secret } from '../../base/secret.ts'
import type { Ask } from './ask.ts'

/** What a code stands for. */
interface Signed {
  readonly ask: Ask
  readonly grant: Secret
  readonly id: string
  readonly expiresAt: number
}

export interface Shown {
  readonly code: string
  readonly client: string
  readonly redirect: string
  readonly verifier: string
  /** Null where the client does not say it again. */
  readonly resource: string | null
}

/** `refused` names the grant that must not live on: somebody else has the code, or it was used already. */
export type Taken =
  | { readonly kind: 'given'; readonly signed: Signed }
  | { readonly kind: 'refused'; readonly why: string; readonly grant: string | null }

export interface Codes {
  readonly put: (signed: Signed) => string
  /** INVARIANT (a code works once): whatever comes of it. */
  readonly take: (shown: Shown) => Taken
  /** Grants whose code nobody has taken in time. */
  readonly lapsed: () => readonly string[]
}

/** RFC 6749 §4.1.2 lets it live ten minutes; a client needs a second. */
const liveMs = 60_000
/** By then a replay is no more than a code that nobody knows. */
const rememberMs = 60 * 60_000

interface Kept {
  readonly signed: Signed | null
  readonly grant: string
  readonly until: number
}

export function openCodes(clock: Clock, chance: Chance): Codes {
  // By digest: what lies in memory is no code.
  const kept = new Map<string, Kept>()
  return {
    put: (signed) => {
      const code = Buffer.from(chance(32)).toString('base64url')
      kept.set(digest(code), { signed, grant: signed.id, until: clock.now() + liveMs })
      return code
    },
    take: (shown) => {
      const key = digest(shown.code)
      const found = kept.get(key)
      if (found === undefined) return { kind: 'refused', why: 'there is no such code', grant: null }
      kept.set(key, { signed: null, grant: found.grant, until: clock.now() + rememberMs })
      const why = faultIn(found, shown, clock.now())
      if (why !== null || found.signed === null)
        return { kind: 'refused', why: why ?? 'it was used already', grant: found.grant }
      return { kind: 'given', signed: found.signed }
    },
    lapsed: () => {
      const over = [...kept].filter(([, { until }]) => until < clock.now())
      for (const [key] of over) kept.delete(key)
      return over.flatMap(([, { signed, grant }]) => (signed === null ? [] : [grant]))
    },
  }
}

function faultIn({ signed, until }: Kept, shown: Shown, now: number): string | null {
  if (signed === null) return 'it was used already'
  const { ask } = signed
  if (until < now) return 'it is over'
  if (digest(shown.client) !== ask.client) return 'it was given to another client'
  if (shown.redirect !== ask.redirect) return '`redirect_uri` is another than it was asked with'
  if (shown.resource !== null && shown.resource !== ask.resource)
    return '`resource` is another than it was asked for'
  return isVerified(shown.verifier, ask.challenge) ? null : '`code_verifier` is not the one'
}

/** RFC 7636 §4.6. */
function isVerified(verifier: string, challenge: string): boolean {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false
  const [said, wanted] = [
    createHash('sha256').update(verifier).digest(),
    Buffer.from(challenge, 'base64url'),
  ]
  return said.length === wanted.length && timingSafeEqual(said, wanted)
}
