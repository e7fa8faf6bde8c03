/** An authorization server, a real one, and an MCP server that takes its tokens alone. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Provider } from 'oidc-provider'
import { startMcpServer } from '../../sim/mcp/http.ts'
import { openStore } from '../../sim/mcp/store.ts'
import type { Store } from '../../sim/mcp/store.ts'
import { freePort } from '../free-port.ts'

export interface Issuer {
  readonly origin: string
  /** The MCP server. */
  readonly url: string
  readonly store: Store
  /** Each token that was given, and for which resource. */
  readonly given: { readonly access: string; readonly refresh: string | null }[]
  /** What its token endpoint was sent. */
  readonly asked: URLSearchParams[]
  /** What the MCP server was shown, beside a token that was good. */
  readonly refused: (string | undefined)[]
  /** From now on the MCP server takes none of the tokens given until now. */
  readonly revokeAccess: () => void
  /** From now on nothing is renewed. */
  readonly revokeAll: () => Promise<void>
  /** Whether its token endpoint says nothing. */
  readonly silent: (isSilent: boolean) => void
  /** The way of a browser through its pages, as somebody who agrees; the address that it is sent back to. */
  readonly agree: (page: string) => Promise<string>
  readonly close: () => Promise<void>
}

export interface Bent {
  /** What the metadata says in the place of the resource. */
  readonly resource?: string
  readonly issuer?: string
  /** Seconds. */
  readonly lives?: number
  readonly pkce?: readonly string[]
  /** A client that somebody has registered by hand. */
  readonly client?: object
}

export async function openIssuer({ lives = 3600, ...bent }: Bent = {}): Promise<Issuer> {
  const [port, gate] = [await freePort(), await freePort()]
  const origin = `http://localhost:${port}`
  const url = `http://127.0.0.1:${gate}/mcp`
  const given: { access: string; refresh: string | null }[] = []
  const asked: URLSearchParams[] = []
  const refused: (string | undefined)[] = []
  const old = new Set<string>()
  let isSilent = false
  const provider = new Provider(origin, {
    clients: bent.client === undefined ? [] : [clientOf(bent.client)],
    ttl: { Interaction: 600, Session: 600, Grant: 3600, AccessToken: lives, RefreshToken: 3600 },
    pkce: { required: () => true },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    features: {
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: 'shop',
          audience: resource,
          accessTokenTTL: lives,
          accessTokenFormat: 'opaque',
        }),
      },
    },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: async () => await Promise.resolve({ sub }),
    }),
  })
  const store = openStore()
  const inner = await startMcpServer(store)
  const handle = provider.callback()
  const issuer = await listening(port, (incoming, outgoing) => {
    if (incoming.url === '/token' && isSilent) {
      incoming.socket.destroy()
      return
    }
    if (incoming.url === '/token') noted(incoming, outgoing, { asked, given })
    if (bent.pkce !== undefined && (incoming.url ?? '').startsWith('/.well-known/'))
      rewritten(outgoing, bent.pkce)
    handle(incoming, outgoing)
  })
  const metadata = `http://127.0.0.1:${gate}/.well-known/oauth-protected-resource/mcp`
  const server = await listening(gate, (incoming, outgoing) => {
    if (incoming.url === '/.well-known/oauth-protected-resource/mcp') {
      outgoing.setHeader('content-type', 'application/json')
      const facts = {
        resource: bent.resource ?? url,
        authorization_servers: [bent.issuer ?? origin],
        scopes_supported: ['shop'],
      }
      outgoing.end(JSON.stringify(facts))
      return
    }
    const token = incoming.headers.authorization?.replace(/^Bearer /, '')
    const isGood = given.some(({ access }) => access === token) && !old.has(token ?? '')
    if (isGood) {
      void passed(incoming, outgoing, inner.url)
      return
    }
    refused.push(token)
    const said = `Bearer error="invalid_token", resource_metadata="${metadata}", echo="${token ?? ''}"`
    outgoing.writeHead(401, { 'www-authenticate': said }).end('no')
  })
  return {
    origin,
    url,
    store,
    given,
    asked,
    refused,
    revokeAccess: () => {
      for (const { access } of given) old.add(access)
    },
    revokeAll: async () => {
      for (const { access, refresh } of given) {
        old.add(access)
        await (await provider.RefreshToken.find(refresh ?? ''))?.destroy()
      }
    },
    silent: (now) => {
      isSilent = now
    },
    agree,
    close: async () => {
      await inner.close()
      for (const one of [issuer, server]) {
        one.closeAllConnections()
        await new Promise((resolve) => one.close(resolve))
      }
    },
  }
}

function clientOf(client: object): object {
  const how = { token_endpoint_auth_method: 'client_secret_post', application_type: 'native' }
  const grants = ['authorization_code', 'refresh_token']
  return { ...how, grant_types: grants, ...client }
}

type Heard = (incoming: IncomingMessage, outgoing: ServerResponse) => void

async function listening(port: number, heard: Heard): Promise<Server> {
  const server = createServer(heard)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return server
}

/** Looks at what the token endpoint is sent and gives. */
function noted(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  {
    asked,
    given,
  }: {
    readonly asked: URLSearchParams[]
    readonly given: { access: string; refresh: string | null }[]
  },
): void {
  const parts: Buffer[] = []
  incoming.on('data', (part: Buffer) => parts.push(part))
  incoming.on('end', () => void asked.push(new URLSearchParams(Buffer.concat(parts).toString())))
  const end = outgoing.end.bind(outgoing)
  outgoing.end = (chunk?: unknown, ...rest: never[]) => {
    const text = chunk instanceof Uint8Array || typeof chunk === 'string' ? String(chunk) : '{}'
    const { access_token: access, refresh_token: refresh = null } = JSON.parse(text)
    if (typeof access === 'string') given.push({ access, refresh })
    return end(chunk, ...rest)
  }
}

function rewritten(outgoing: ServerResponse, methods: readonly string[]): void {
  const end = outgoing.end.bind(outgoing)
  outgoing.end = (chunk?: unknown, ...rest: never[]) => {
    const facts = { ...JSON.parse(String(chunk)), code_challenge_methods_supported: methods }
    const text = JSON.stringify(facts)
    outgoing.setHeader('content-length', Buffer.byteLength(text))
    return end(text, ...rest)
  }
}

async function passed(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  url: string,
): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(Buffer.from(part))
  const kept = ['content-type', 'accept', 'mcp-session-id', 'authorization']
  const headers = kept.flatMap((name): [string, string][] => {
    const value = incoming.headers[name]
    return typeof value === 'string' ? [[name, value]] : []
  })
  const body = parts.length === 0 ? null : Buffer.concat(parts)
  const answer = await fetch(url, { method: incoming.method ?? 'POST', headers, body })
  const session = answer.headers.get('mcp-session-id')
  outgoing.writeHead(answer.status, {
    'content-type': answer.headers.get('content-type') ?? 'text/plain',
    // A server that repeats what it was sent.
    'x-shown': incoming.headers.authorization ?? '',
    ...(session === null ? {} : { 'mcp-session-id': session }),
  })
  outgoing.end(await answer.text())
}

/** Forms are filled in and sent until the way leads away from the issuer. */
async function agree(page: string): Promise<string> {
  const jar = new Map<string, string>()
  const { origin } = new URL(page)
  let [at, body]: [string, URLSearchParams | null] = [page, null]
  for (let step = 0; step < 20; step += 1) {
    if (new URL(at).origin !== origin) return at
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer: Response = await fetch(at, {
      redirect: 'manual',
      headers: { cookie },
      ...(body === null ? {} : { method: 'POST', body }),
    })
    for (const set of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = set.split(';')[0]?.split('=') ?? []
      jar.set(name, value)
    }
    const location = answer.headers.get('location')
    body = null
    if (location !== null) at = new URL(location, at).href
    else [at, body] = formIn(await answer.text(), at)
  }
  throw new Error('it never led back')
}

function formIn(text: string, at: string): [string, URLSearchParams] {
  const action = /<form[^>]*action="([^"]+)"/.exec(text)?.[1]
  if (action === undefined) throw new Error(`no form: ${text.slice(0, 2000)}`)
  const fields = new URLSearchParams({ login: 'ada', password: 'x' })
  for (const [, name = '', value = ''] of text.matchAll(/name="(prompt)"[^>]*value="([^"]+)"/g))
    fields.set(name, value)
  return [new URL(action, at).href, fields]
}
