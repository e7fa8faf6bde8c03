/** Firebreak as a client of an authorization server: found (RFC 8414), registered there (RFC 7591) or known from the config. */
import {
  allowInsecureRequests,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  None,
} from 'openid-client'
import type { ClientAuth, ServerMetadata } from 'openid-client'
import { FirebreakError } from '../../base/error.ts'
import { plain } from '../../base/plain.ts'
import type { ClientWay, Login } from '../../custody/login.ts'
import { faultOf } from './fault.ts'
import type { Outward } from './outward.ts'
import { register, wayOf } from './register.ts'
import type { Registered } from './register.ts'

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

/** Firebreak as a client that an issuer knows. */
export interface Joined {
  readonly config: Configuration
  /** What the issuer has given at registration; null for a public client, and for one of the config. */
  readonly clientSecret: string | null
  readonly clientWay: ClientWay
}

/** Throws `not_reachable` with what stands against each place. */
export async function joined(
  outward: Outward,
  { issuer, client, redirect }: Joining,
): Promise<Joined> {
  const faults: string[] = []
  const options = optionsFor(outward, issuer)
  for (const place of placesOf(issuer)) {
    try {
      const known = await discovery(place, client?.id ?? 'unknown', undefined, None(), options)
      const server = known.serverMetadata()
      mustBeIt(server, issuer)
      const { id, secret, way } =
        client === null
          ? await register(outward, server, redirect)
          : { ...client, way: wayOf(server.token_endpoint_auth_methods_supported) }
      const config = configured(outward, server, { id, secret, way })
      return { config, clientSecret: client === null ? secret : null, clientWay: way }
    } catch (thrown) {
      // Said below, of all.
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
  return configured(outward, server, {
    id: login.client,
    secret: login.clientSecret ?? secret,
    way: login.clientWay,
  })
}

/** Null where the issuer does not say how long it lives. */
export function endOf(seconds: number | undefined, now: number): number | null {
  return seconds === undefined ? null : now + seconds * 1000
}

function configured(
  outward: Outward,
  server: ServerMetadata,
  { id, secret, way }: Registered,
): Configuration {
  const known = new Configuration(server, id, undefined, authOf(secret, way))
  if (server.issuer.startsWith('http:')) allowInsecureRequests(known)
  known[customFetch] = outward.fetch
  return known
}

/**
 * Where an issuer says what it is, in the order of the MCP specification (authorization server metadata discovery): RFC 8414 §3.1, with
 * the issuer's path behind it; the same for OpenID Connect; and as OpenID Connect Discovery §4 has it, behind the issuer.
 */
export function placesOf({ origin, pathname }: URL): readonly URL[] {
  const path = pathname.replace(/\/$/, '')
  const places = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    `${path}/.well-known/openid-configuration`,
  ]
  return [...new Set(places)].map((place) => new URL(`${origin}${place}`))
}

/**
 * INVARIANT (no mix-up): who is found must be who was sought (RFC 8414 §3.3); a slash at its end is no other.
 * INVARIANT (no downgrade): without S256 (RFC 7636) whoever reads the code has the token, so nothing is begun.
 */
function mustBeIt(server: ServerMetadata, issuer: URL): void {
  const { issuer: said, code_challenge_methods_supported: methods = [] } = server
  if (!URL.canParse(said) || new URL(said).href !== issuer.href)
    throw new Error(`what is said there is of the issuer \`${plain(said)}\``)
  if (!methods.includes('S256')) throw new Error('it does not say that it knows PKCE with S256')
}

function authOf(secret: string | null, way: ClientWay): ClientAuth {
  if (secret === null) return None()
  return way === 'basic' ? inHeader(secret) : ClientSecretPost(secret)
}

/**
 * RFC 6749 §2.3.1: both in the form's coding before they go as user and password. The library's own writes `-` and `.` as codes too,
 * which some issuers do not read back.
 */
function inHeader(secret: string): ClientAuth {
  return (...given) => {
    const [, { client_id: id }, , headers] = given
    const pair = `${inForm(id)}:${inForm(secret)}`
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  }
}

function inForm(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
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
