/**
 * Coming in by a company's own provider (OpenID Connect Core 1.0, §3.1; PKCE, RFC 7636; `iss`, RFC 9207). It opens the page and
 * proves nothing more: what takes a person's word takes their passkey.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  discovery,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { Configuration, IDToken } from 'openid-client'
import * as v from 'valibot'
import { approverByName } from '../../approvals/factor.ts'
import { FirebreakError, messageOf } from '../../base/error.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import type { ApproverRow } from '../../guard/rows.ts'
import type { Firebreak } from '../compose.ts'
import type { Oidc } from '../config-console.ts'
import { checked } from '../control/command.ts'
import { siteOf } from '../site.ts'
import { backPath } from './files.ts'

/** From leaving for the provider to coming back. */
const awayMs = 10 * 60_000
/** More at once are nobody's: the oldest goes. */
const mostAway = 200
const answerMs = 10_000
interface Away {
  readonly verifier: string
  readonly nonce: string
  readonly until: number
}

export interface CompanyDoor {
  /** What the door says. */
  readonly name: string
  /** Where to go, and the `state` that comes back: the page keeps it, and takes no other. */
  begin(): Promise<Json>
  /** Who has come back; throws `factor_refused`. */
  finish(input: JsonObject): Promise<ApproverRow>
}

const back = v.strictObject({
  state: v.pipe(v.string(), v.maxLength(200)),
  /** What stood behind the `?`. */
  search: v.pipe(v.string(), v.regex(/^\?/, 'must begin with `?`'), v.maxLength(8000)),
})

/** Null where the config names no provider. */
export function openCompanyDoor(firebreak: Firebreak): CompanyDoor | null {
  const oidc = firebreak.config.console?.oidc
  if (oidc === undefined) return null
  const site = siteOf(firebreak.config)
  const away = new Map<string, Away>()
  return {
    name: oidc.name,
    begin: async () => {
      const config = await configured(firebreak, oidc)
      const [verifier, nonce, state] = [randomPKCECodeVerifier(), randomNonce(), randomState()]
      const url = buildAuthorizationUrl(config, {
        redirect_uri: `${site.origin}${backPath}`,
        scope: oidc.claim === 'email' ? 'openid email' : 'openid profile',
        response_type: 'code',
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        nonce,
        state,
      })
      const now = firebreak.clock.now()
      for (const [old, { until }] of away)
        if (until < now || away.size >= mostAway) away.delete(old)
      away.set(state, { verifier, nonce, until: now + awayMs })
      return { url: url.href, state }
    },
    finish: async (input) => {
      const { state, search } = checked(back, input)
      const began = away.get(state)
      // Once, whatever becomes of it.
      away.delete(state)
      if (began === undefined || began.until < firebreak.clock.now())
        throw refused('nobody has left for it from here, or it is too long ago')
      const config = await configured(firebreak, oidc)
      const claims = await claimsOf(config, new URL(`${site.origin}${backPath}${search}`), {
        pkceCodeVerifier: began.verifier,
        expectedNonce: began.nonce,
        expectedState: state,
      })
      const name = nameIn(oidc, claims)
      if (name === null) throw refused('the config has nobody whom it is about')
      const seat = await firebreak.state.read((tx) => approverByName(tx, name))
      if (seat === null) throw refused(`nobody \`${name}\` is enrolled`)
      return seat
    },
  }
}

async function claimsOf(
  config: Configuration,
  url: URL,
  checks: NonNullable<Parameters<typeof authorizationCodeGrant>[2]>,
): Promise<IDToken> {
  try {
    const tokens = await authorizationCodeGrant(config, url, { ...checks, idTokenExpected: true })
    const claims = tokens.claims()
    if (claims === undefined) throw new Error('it gave no ID token')
    return claims
  } catch (thrown) {
    throw refused(plain(messageOf(thrown)))
  }
}

/** Asked anew each time: keys are changed there, and nobody signs in by the thousand. */
async function configured({ credential }: Firebreak, oidc: Oidc): Promise<Configuration> {
  const secret = oidc.credential === undefined ? null : await credential.of(oidc.credential)
  const issuer = new URL(oidc.issuer)
  const options = {
    timeout: answerMs / 1000,
    ...(issuer.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {}),
  }
  const auth = secret === null ? None() : ClientSecretPost(secret.reveal())
  try {
    return await discovery(issuer, oidc.client, undefined, auth, options)
  } catch (thrown) {
    throw new FirebreakError(
      'not_reachable',
      `\`${oidc.issuer}\` does not answer as a provider: ${plain(messageOf(thrown))}`,
      'sign in with your passkey',
      thrown,
    )
  }
}

/** The approver whom the claim is about; an address that the provider has not verified is anybody's. */
export function nameIn({ claim, people }: Oidc, claims: IDToken): string | null {
  const said = claims[claim]
  if (typeof said !== 'string' || said === '') return null
  if (claim === 'email' && claims['email_verified'] !== true) return null
  const [found] = Object.entries(people).find(([, known]) => known === said) ?? []
  return found ?? null
}

function refused(why: string): FirebreakError {
  return new FirebreakError(
    'factor_refused',
    `that sign-in does not count: ${why}`,
    'try again, or use your passkey',
  )
}
