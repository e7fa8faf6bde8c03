/** Firebreak as a client of an authorization server: found (RFC 8414), registered there (RFC 7591) or known from the config. */
import {
  allowInsecureRequests,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  dynamicClientRegistration,
  None,
} from 'openid-client'
import type { ClientAuth, ServerMetadata } from 'openid-client'
import { FirebreakError } from '../../base/error.ts'
import type { Login } from '../../custody/login.ts'
import { faultOf } from './fault.ts'
import type { Outward } from './outward.ts'

export interface KnownClient {
  readonly id: string
  /** Null for a public one. */
  readonly secret: string | null
}

export interface Joining {
  readonly issuer: URL
  /** Null where none is known: then one is registered. */
  readonly client: KnownClient | null
  readonly redirect: string
}

/** Throws `not_reachable` with what stands against it. */
export async function joined(
  outward: Outward,
  { issuer, client, redirect }: Joining,
): Promise<Configuration> {
  const faults: string[] = []
  // As the MCP specification has it: RFC 8414 first, then OpenID Connect.
  for (const algorithm of ['oauth2', 'oidc'] as const) {
    const options = { algorithm, ...optionsFor(outward, issuer) }
    try {
      const known = await discovery(issuer, client?.id ?? 'unknown', undefined, None(), options)
      mustKnowPkce(known)
      if (client !== null) return configured(outward, known.serverMetadata(), client)
      return await registered(known, { issuer, redirect }, options)
    } catch (thrown) {
      // Said below, of both.
      faults.push(faultOf(thrown))
    }
  }
  throw new FirebreakError(
    'not_reachable',
    `\`${issuer.href}\` does not take us as a client: ${[...new Set(faults)].join('; ')}`,
    'register a client there by hand, and name it: `oauth: { client: … }`',
  )
}

/** For renewals: to the very endpoint that was found when a person logged in, and no other. */
export function configuredFor(
  outward: Outward,
  login: Login,
  secret: string | null,
): Configuration {
  const server = { issuer: login.issuer, token_endpoint: login.tokenEndpoint }
  return configured(outward, server, { id: login.client, secret: login.clientSecret ?? secret })
}

/** Null where the issuer does not say how long it lives. */
export function endOf(seconds: number | undefined, now: number): number | null {
  return seconds === undefined ? null : now + seconds * 1000
}

function configured(
  outward: Outward,
  server: ServerMetadata,
  { id, secret }: KnownClient,
): Configuration {
  const known = new Configuration(server, id, undefined, authOf(secret))
  if (server.issuer.startsWith('http:')) allowInsecureRequests(known)
  known[customFetch] = outward.fetch
  return known
}

async function registered(
  known: Configuration,
  { issuer, redirect }: Pick<Joining, 'issuer' | 'redirect'>,
  options: Parameters<typeof dynamicClientRegistration>[3],
): Promise<Configuration> {
  const { registration_endpoint: at } = known.serverMetadata()
  if (at === undefined) throw new Error('it registers nobody')
  return await dynamicClientRegistration(
    issuer,
    {
      client_name: 'Firebreak',
      // RFC 8252 §7.3: what takes the answer on this machine's loopback is a program of its person.
      application_type: redirect.startsWith('https:') ? 'web' : 'native',
      redirect_uris: [redirect],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    None(),
    options,
  )
}

/** INVARIANT (no downgrade): without S256 (RFC 7636) whoever reads the code has the token, so nothing is begun. */
function mustKnowPkce(known: Configuration): void {
  const { code_challenge_methods_supported: methods = [] } = known.serverMetadata()
  if (!methods.includes('S256')) throw new Error('it does not say that it knows PKCE with S256')
}

function authOf(secret: string | null): ClientAuth {
  return secret === null ? None() : ClientSecretPost(secret)
}

function optionsFor(
  outward: Outward,
  issuer: URL,
): {
  readonly [customFetch]: Outward['fetch']
  readonly execute?: (typeof allowInsecureRequests)[]
} {
  const asks = { [customFetch]: outward.fetch }
  return issuer.protocol === 'http:' ? { ...asks, execute: [allowInsecureRequests] } : asks
}
