/** The targets of `firebreak.yaml`: what stands behind a gateway, by its platform. */
import * as v from 'valibot'

const path = v.pipe(v.string(), v.nonEmpty('must not be empty'))

/** Names of environments and targets, as people and grants write them. */
export const name = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower case: `a-z`, `0-9` and `-`'),
)

const environment = v.strictObject({
  id: v.union([path, v.array(path)]),
  protected: v.optional(v.boolean(), true),
})

const variable = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a variable'))

const common = {
  /** A PEM file of further trusted authorities; for a database the only ones. */
  ca: v.optional(path),
  environments: v.optional(v.record(name, environment), {}),
}

const railway = v.strictObject({
  platform: v.literal('railway'),
  /** The one upstream host; `http:` only to this machine (a rehearsal). */
  url: v.pipe(v.string(), v.check(isUpstream, 'must be https, or http to 127.0.0.1')),
  /** The one header that the credential goes out in; the platform's usual one where it is left out. */
  header: v.optional(v.picklist(['authorization', 'project-access-token'])),
  ...common,
})

const oauth = v.pipe(
  v.strictObject({
    /** Who gives the tokens; goes before what the server says. */
    issuer: v.optional(
      v.pipe(v.string(), v.check(isUpstream, 'must be https, or http to 127.0.0.1')),
    ),
    /** A client that somebody has registered there; without it Firebreak registers itself. */
    client: v.optional(path),
    /** The name in custody of that client's secret; left out, it is a public one. */
    credential: v.optional(name),
    /** What is asked for; without it, what the server says. */
    scopes: v.optional(v.array(path)),
  }),
  // INVARIANT (secret-stays): a server names who gives its tokens, and may name another tomorrow: that one gets no secret of a client of somebody else's.
  v.check(
    ({ issuer, client, credential }) =>
      (client === undefined || issuer !== undefined) &&
      (credential === undefined || client !== undefined),
    'must name the `issuer` that knows its `client`, and the `client` that has its `credential`',
  ),
)

/** A server of MCP: one that is there by its `url`, or one that Firebreak starts by its `command`. Every environment that is declared for it lives behind it. */
const mcp = v.pipe(
  v.strictObject({
    platform: v.literal('mcp'),
    url: v.optional(v.pipe(v.string(), v.check(isUpstream, 'must be https, or http to 127.0.0.1'))),
    command: v.optional(v.pipe(v.array(path), v.minLength(1))),
    cwd: v.optional(path),
    /** What is no secret; the process has `PATH` and `HOME` beside it. */
    env: v.optional(v.record(variable, v.string()), {}),
    /** Where its credential goes: a header, or a variable of its process. It takes none where nothing is said. */
    secret: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9_-]{0,99}$/, 'is no name'))),
    /** How somebody logs in for its credential (`firebreak custody login`), where its server says less than is needed. */
    oauth: v.optional(oauth),
    /** The platform that it speaks to, whose GraphQL is then read as that of its own gateway. */
    speaks: v.optional(name),
    /** What its tools do, where a person knows better than their names. */
    tools: v.optional(v.record(v.string(), v.picklist(['read', 'write', 'destroy', 'expose'])), {}),
    /** Tools in the words that a person has read, by their hash; others are pinned as they are seen first. */
    pins: v.optional(
      v.record(v.string(), v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, 'is no hash'))),
      {},
    ),
    ...common,
  }),
  v.check(
    ({ url, command }) => (url === undefined) !== (command === undefined),
    'needs `url` or `command`, and not both',
  ),
  v.check(
    ({ oauth: login, url, secret = 'authorization' }) =>
      login === undefined || (url !== undefined && secret.toLowerCase() === 'authorization'),
    'has `oauth`, which is for a server with a `url`, whose token goes in `authorization`',
  ),
  // What one logs in for goes out in that header.
  v.transform((entry) =>
    entry.oauth === undefined ? entry : { ...entry, secret: 'authorization' },
  ),
)

/** Every environment that is declared for a database lives in it. */
const postgres = v.strictObject({
  platform: v.literal('postgres'),
  url: v.pipe(
    v.string(),
    v.check(
      (text) => databaseAt(text) !== null,
      'must be `postgres://USER@HOST:5432/DATABASE` without a password: that one goes into custody',
    ),
  ),
  /** `off` sends the password and the rows in the clear, or nearly: for a socket, or a network that is trusted. */
  tls: v.optional(v.picklist(['verify', 'off']), 'verify'),
  ...common,
})

/** A machine where agents have a shell: what their hook would refuse there can wait for a person. It takes no credential. */
const shell = v.strictObject({ platform: v.literal('shell'), ...common })

export const target = v.variant('platform', [railway, postgres, mcp, shell])

export type TargetEntry = v.InferOutput<typeof target>
export type HttpEntry = v.InferOutput<typeof railway>
export type McpEntry = v.InferOutput<typeof mcp>
export type ShellEntry = v.InferOutput<typeof shell>
export type DatabaseEntry = v.InferOutput<typeof postgres>

export interface DatabaseAt {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

/** True for what never leaves this machine: a socket, or one of its own addresses. */
export function isHere(host: string): boolean {
  return host.startsWith('/') || ['localhost', '127.0.0.1', '::1'].includes(host)
}

/** Where a connection string leads; a socket's folder stands in `?host=`, as libpq has it. Null for what is none, or holds more. */
export function databaseAt(text: string): DatabaseAt | null {
  // A URL with a user has a host: one is put in where libpq has none.
  const atSocket = /^\w+:\/\/[^/?#]*@\//.test(text)
  const whole = atSocket ? text.replace('@/', '@socket/') : text
  // A lone per cent sign is none of a URL's.
  if (!URL.canParse(whole) || /%(?![0-9a-f]{2})/i.test(whole)) return null
  const url = new URL(whole)
  const host = atSocket ? folderIn(url) : hostIn(url)
  const database = decodeURIComponent(url.pathname.slice(1))
  const user = decodeURIComponent(url.username)
  const isBare = url.password === '' && url.hash === ''
  if (!['postgres:', 'postgresql:'].includes(url.protocol) || !isBare) return null
  if (host === null || user === '' || database === '') return null
  return { host, port: url.port === '' ? 5432 : Number(url.port), user, database }
}

function hostIn({ hostname, search }: URL): string | null {
  return hostname === '' || search !== '' ? null : hostname.replaceAll(/^\[|\]$/g, '')
}

function folderIn({ searchParams }: URL): string | null {
  const folder = searchParams.get('host') ?? ''
  return searchParams.size === 1 && folder.startsWith('/') ? folder : null
}

function isUpstream(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(text)
  const bare = username === '' && password === '' && search === '' && hash === ''
  const local = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
  return bare && (protocol === 'https:' || (protocol === 'http:' && local))
}
