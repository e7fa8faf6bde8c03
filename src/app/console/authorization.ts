/** The console as the authorization server of the MCP servers behind it (OAuth 2.1; RFC 8414, 7591, 7636, 8707, 9207): it hands out nothing that a person has not signed. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { FirebreakError, messageOf } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Firebreak } from '../compose.ts'
import { askedFor, onceEach } from '../oauth/asks.ts'
import { register } from '../oauth/registration.ts'
import { readAll } from '../read-all.ts'
import { revokeGrant, revokeLapsed } from '../revoke.ts'
import { siteOf } from '../site.ts'
import { openPace } from './pace.ts'

export interface Authorization {
  /** Answers where the path is one of its own; false for any other. */
  readonly answer: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<boolean>
}

interface Said {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: JsonObject | string
}

type Serve = (incoming: IncomingMessage, query: string) => Promise<Said> | Said

/** `port`: where agents reach the gateway. */
export function openAuthorization(firebreak: Firebreak, port: number): Authorization {
  const { origin } = siteOf(firebreak.config)
  const pace = openPace(firebreak.clock)
  const routes: Readonly<Record<string, Serve>> = {
    'GET /.well-known/oauth-authorization-server': () => ({ status: 200, body: metadata(origin) }),
    'POST /register': async (incoming) => {
      const body = register(firebreak.seal, await objectOf(incoming))
      return { status: 201, body }
    },
    // INVARIANT (no open redirect): nobody is sent to a client but by a person at the page; what is wrong is said here.
    'GET /authorize': (_, query) => {
      const ask = askedFor(firebreak, new URLSearchParams(query), port)
      return { status: 303, headers: { location: `/#/ask/${ask}` }, body: '' }
    },
    'POST /token': async (incoming) => await token(firebreak, await formOf(incoming)),
  }
  return {
    answer: async (incoming, outgoing) => {
      const [path = '/', ...query] = (incoming.url ?? '/').split('?')
      const name = `${incoming.method ?? 'GET'} ${path}`
      const serve = Object.hasOwn(routes, name) ? routes[name] : undefined
      if (serve === undefined) return false
      await said(outgoing, async () => {
        pace(path)
        return await serve(incoming, query.join('?'))
      })
      return true
    },
  }
}

function metadata(origin: string): JsonObject {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    // A grant that ends is asked for anew: whatever widens power takes a person, so there is nothing to refresh it with.
    grant_types_supported: ['authorization_code'],
    token_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
  }
}

async function token(firebreak: Firebreak, form: URLSearchParams): Promise<Said> {
  const { codes, clock, notices } = firebreak
  await revokeLapsed(firebreak)
  const one = onceEach(form)
  if (one('grant_type') !== 'authorization_code')
    return { status: 400, body: { error: 'unsupported_grant_type' } }
  const taken = codes.take({
    code: one('code'),
    client: one('client_id'),
    redirect: one('redirect_uri'),
    verifier: one('code_verifier'),
    resource: form.has('resource') ? one('resource') : null,
  })
  if (taken.kind === 'given') {
    const { grant, expiresAt } = taken.signed
    const expires = Math.floor((expiresAt - clock.now()) / 1000)
    const body = { access_token: grant.reveal(), token_type: 'Bearer', expires_in: expires }
    return { status: 200, body }
  }
  // INVARIANT (a code works once): who has it beside its client may have been first (RFC 6749 §4.1.2).
  if (taken.grant !== null) {
    await revokeGrant(firebreak, taken.grant, 'console: its code came wrongly')
    notices.tell('grant-code', `a grant is revoked: of its code ${taken.why}`, taken.grant)
  }
  return { status: 400, body: { error: 'invalid_grant', error_description: taken.why } }
}

/** What it throws is said as RFC 6749 §5.2 and RFC 7591 §3.2.2 have it. */
async function said(outgoing: ServerResponse, serve: () => Promise<Said>): Promise<void> {
  const { status, headers = {}, body } = await serve().catch(faultOf)
  const isJson = typeof body !== 'string'
  const type = isJson ? 'application/json' : 'text/plain; charset=utf-8'
  outgoing.writeHead(status, { 'content-type': type, ...headers })
  outgoing.end(isJson ? JSON.stringify(body) : body)
}

function faultOf(thrown: unknown): Said {
  const code = thrown instanceof FirebreakError ? thrown.code : 'internal'
  const fault = {
    error: code === 'bad_input' ? 'invalid_request' : 'temporarily_unavailable',
    error_description: messageOf(thrown).replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?'),
  }
  if (code === 'bad_input') return { status: 400, body: fault }
  return { status: code === 'too_large' ? 429 : 503, body: fault }
}

async function objectOf(incoming: IncomingMessage): Promise<JsonObject> {
  const text = await readAll(incoming)
  try {
    const body = parseJson(text)
    if (isObject(body)) return body
  } catch {
    // Said below.
  }
  throw new FirebreakError('bad_input', 'the body must be a JSON object')
}

async function formOf(incoming: IncomingMessage): Promise<URLSearchParams> {
  const type = (incoming.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded')
    throw new FirebreakError('bad_input', 'the body must be application/x-www-form-urlencoded')
  return new URLSearchParams(await readAll(incoming))
}
