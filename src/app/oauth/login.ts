/** Logging in for the credential of an MCP server (OAuth 2.1 by code and PKCE): begun, then finished by what the browser brings back. */
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { Configuration } from 'openid-client'
import { FirebreakError } from '../../base/error.ts'
import type { JsonObject } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import { Secret } from '../../base/secret.ts'
import type { Login } from '../../custody/login.ts'
import type { Firebreak } from '../compose.ts'
import { endOf, joined } from './client.ts'
import type { Joined } from './client.ts'
import { discover } from './discover.ts'
import { faultOf } from './fault.ts'
import type { Outward } from './outward.ts'
import { loginEntry, outwardFor } from './place.ts'

/** From leaving for the issuer to coming back. */
const awayMs = 10 * 60_000
/** More at once are nobody's: the oldest goes. */
const mostAway = 20

interface Away {
  readonly target: string
  readonly joined: Joined
  readonly outward: Outward
  readonly resource: string
  readonly redirect: string
  readonly verifier: string
  readonly until: number
}

/** What was given for a code. */
export interface Tokens {
  readonly access: Secret
  readonly login: Login
  readonly endsAt: number | null
}

export interface Logins {
  /** The page to open, and the `state` that must come back with it. */
  readonly begin: (
    firebreak: Firebreak,
    wish: { readonly target: string; readonly redirect: string },
  ) => Promise<JsonObject>
  /** Throws `wrong_state` where nobody has left with that state for that target. */
  readonly mustBeAway: (firebreak: Firebreak, target: string, state: string) => void
  /** Once, whatever becomes of it. `search` is what stood behind the `?`. */
  readonly finish: (
    firebreak: Firebreak,
    came: { readonly state: string; readonly search: string },
  ) => Promise<Tokens>
}

export function openLogins(): Logins {
  const away = new Map<string, Away>()
  const take = (state: string): Away | null => {
    const found = away.get(state)
    away.delete(state)
    return found ?? null
  }
  const tidy = async (now: number): Promise<void> => {
    for (const [state, { until }] of away)
      if (until < now || away.size >= mostAway) await take(state)?.outward.close()
  }
  return {
    begin: async (firebreak, { target, redirect }) => {
      const { entry, url } = loginEntry(firebreak, target)
      const now = firebreak.clock.now()
      await tidy(now)
      const outward = outwardFor(entry)
      const wish = { url, issuer: entry.oauth?.issuer ?? null }
      const { issuer, resource, scopes } = await discover(outward, wish)
      const client = await clientOf(firebreak, entry.oauth)
      const own = await joined(outward, { issuer, client, redirect })
      const { config } = own
      const [verifier, state] = [randomPKCECodeVerifier(), randomState()]
      const page = buildAuthorizationUrl(config, {
        redirect_uri: redirect,
        response_type: 'code',
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        resource,
        state,
        ...scopeOf(config, entry.oauth?.scopes ?? scopes),
      })
      const until = now + awayMs
      away.set(state, { target, joined: own, outward, resource, redirect, verifier, until })
      return { url: page.href, state, issuer: issuer.href, resource }
    },
    mustBeAway: ({ clock }, target, state) => {
      const found = away.get(state)
      if (found?.target !== target || found.until < clock.now())
        throw new FirebreakError(
          'wrong_state',
          `nobody has left to log in for \`${plain(target)}\`, or it is too long ago`,
          `firebreak custody login ${plain(target)}`,
        )
    },
    finish: async ({ clock }, { state, search }) => {
      const began = take(state)
      if (began === null) throw new FirebreakError('wrong_state', 'that login was used already')
      try {
        return await tokensFor(began, { state, search, now: clock.now() })
      } finally {
        await began.outward.close()
      }
    },
  }
}

async function tokensFor(
  { joined: own, redirect, resource, verifier }: Away,
  { state, search, now }: { readonly state: string; readonly search: string; readonly now: number },
): Promise<Tokens> {
  const { config, clientSecret, clientWay } = own
  const checks = { pkceCodeVerifier: verifier, expectedState: state }
  const granted = await authorizationCodeGrant(config, new URL(`${redirect}${search}`), checks, {
    resource,
  }).catch((thrown: unknown) => {
    throw refused(faultOf(thrown))
  })
  const { access_token: access, refresh_token: refresh = null } = granted
  if (granted.token_type !== 'bearer') throw refused('its token is no bearer token')
  const server = config.serverMetadata()
  const endsAt = endOf(granted.expires_in, now)
  return {
    access: new Secret(access),
    endsAt,
    login: {
      issuer: server.issuer,
      tokenEndpoint: server.token_endpoint ?? '',
      client: config.clientMetadata().client_id,
      clientSecret,
      clientWay,
      resource,
      refresh,
    },
  }
}

async function clientOf(
  { credential }: Firebreak,
  oauth: { readonly client?: string | undefined; readonly credential?: string | undefined } = {},
): Promise<{ readonly id: string; readonly secret: string | null } | null> {
  if (oauth.client === undefined) return null
  const kept = oauth.credential === undefined ? null : await credential.of(oauth.credential)
  return { id: oauth.client, secret: kept?.reveal() ?? null }
}

/** With what lets it be renewed without a person, where the issuer knows that by this name (OpenID Connect Core §11). */
function scopeOf(config: Configuration, scopes: readonly string[]): Record<string, string> {
  const { scopes_supported: known = [] } = config.serverMetadata()
  const isLasting = known.includes('offline_access')
  const all = [...new Set([...scopes, ...(isLasting ? ['offline_access'] : [])])]
  if (all.length === 0) return {}
  return { scope: all.join(' '), ...(isLasting ? { prompt: 'consent' } : {}) }
}

function refused(why: string): FirebreakError {
  return new FirebreakError('not_reachable', `no token was given: ${why}`, 'log in once more')
}
