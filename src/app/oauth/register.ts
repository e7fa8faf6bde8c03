/** Firebreak registers as a client of an authorization server (RFC 7591), in the way that this server knows. */
import type { ServerMetadata } from 'openid-client'
import { isObject, parseJson } from '../../base/json.ts'
import type { ClientWay } from '../../custody/login.ts'
import type { Outward } from './outward.ts'

export interface Registered {
  readonly id: string
  /** Null for a public client. */
  readonly secret: string | null
  readonly way: ClientWay
}

/** Throws with what stands against it. */
export async function register(
  outward: Outward,
  server: ServerMetadata,
  redirect: string,
): Promise<Registered> {
  const { registration_endpoint: at, token_endpoint_auth_methods_supported: known } = server
  if (at === undefined) throw new Error('it registers nobody')
  const wish = wished(known)
  const answer = await outward.fetch(at, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      client_name: 'Firebreak',
      // RFC 8252 §7.3: what takes the answer on this machine's loopback is a program of its person.
      application_type: redirect.startsWith('https:') ? 'web' : 'native',
      redirect_uris: [redirect],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: wish,
    }),
  })
  return readRegistered(answer.status, await answer.text(), wish)
}

/** What a client with a secret shows at the token endpoint: the first of ours that the issuer names; RFC 8414 §2 has the default. */
export function wayOf(known: readonly string[] = ['client_secret_basic']): ClientWay {
  return known.includes('client_secret_post') ? 'post' : 'basic'
}

/** Public where that is known: a secret that anybody may register for is none. */
function wished(known: readonly string[] | undefined): string {
  return known === undefined || known.includes('none') ? 'none' : `client_secret_${wayOf(known)}`
}

/** As it was registered, which may be otherwise than it was wished (RFC 7591 §3.2.1). */
function readRegistered(status: number, text: string, wish: string): Registered {
  const said = parsed(text)
  const { client_id: id, client_secret: secret = null } = said
  if (status !== 201 && status !== 200)
    throw new Error(`it does not register us: ${codeIn(said) ?? String(status)}`)
  if (typeof id !== 'string' || id === '') throw new Error('it registers us under no id')
  const method = said['token_endpoint_auth_method'] ?? wish
  if (method === 'none') return { id, secret: null, way: 'post' }
  if (typeof secret !== 'string' || !shown.has(method))
    throw new Error(
      'it registers us with a secret that it does not tell, or in a way not known here',
    )
  return { id, secret, way: method === 'client_secret_basic' ? 'basic' : 'post' }
}

/** INVARIANT (secret-stays): of what it says its code alone. */
function codeIn({ error }: Readonly<Record<string, unknown>>): string | null {
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? `\`${error}\`` : null
}

const shown: ReadonlySet<unknown> = new Set(['client_secret_basic', 'client_secret_post'])

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseJson(text)
    return isObject(value) ? value : {}
  } catch {
    // No JSON: nothing is said.
    return {}
  }
}
