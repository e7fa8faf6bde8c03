/** One request that a program sends: to a platform that is known its document is read as the gateway would; elsewhere a DELETE is told apart from a GET. */
import type { Operation } from '../../core/operation.ts'
import type { Arg } from './arg.ts'
import { lostAt } from './http-stores.ts'
import type { Nested } from './nested.ts'
import { destroys, ordinary, unread } from './operation.ts'

export interface Request {
  readonly name: string
  readonly method: Arg
  readonly url: Arg
  /** Each text that it sends; null is one that nobody here has read. */
  readonly bodies: readonly (string | null)[]
  /** What else says where it goes: headers, `--connect-to`. */
  readonly beside?: readonly string[]
}

const platforms: readonly (readonly [RegExp, string])[] = [
  [/(^|[^\w.-])backboard\.railway\.(app|com)($|[^\w.-])/i, 'railway'],
]

/** The platform whose documents are read; null where there is none at that address. */
export function platformOf(url: string): string | null {
  return platforms.find(([host]) => host.test(addressOf(url)))?.[1] ?? null
}

/** Where a DELETE takes away what lives: interfaces of providers. Anywhere else it is a program’s own business. */
const providers =
  /^https?:\/\/([\w-]+\.)*(railway\.(app|com)|supabase\.(com|co)|neon\.tech|fly\.(io|dev)|machines\.dev|render\.com|heroku\.com|vercel\.com|netlify\.com|digitalocean\.com|hetzner\.(cloud|com)|amazonaws\.com|googleapis\.com|azure\.com|windows\.net|cloudflare\.com|github\.com|gitlab\.com|stripe\.com|planetscale\.com|mongodb\.com|upstash\.(com|io)|turso\.tech|linode\.com|vultr\.com|scaleway\.com|ovh\.(com|net)|confluent\.cloud|elastic-cloud\.com|algolia\.net|pinecone\.io|qdrant\.io|weaviate\.cloud|circleci\.com|mailgun\.net|postmarkapp\.com|sendgrid\.com|launchdarkly\.com|split\.io|datadoghq\.(com|eu)|newrelic\.com|pagerduty\.com|braintreegateway\.com|squareup\.com|fastly\.com|auth0\.com|okta\.com|twilio\.com)([:/]|$)/i

export function judgeRequest(request: Request, nested: Nested): readonly Operation[] {
  const { name, url, bodies, beside = [] } = request
  const method = request.method.isKnown ? request.method.text.toUpperCase() : 'DELETE'
  const platform = [url.text, ...beside].map(platformOf).find((one) => one !== null) ?? null
  const sent = [...bodies, ...documentsIn(url.text)]
  if (platform !== null)
    return sent.length === 0
      ? [ordinary(name)]
      : sent.flatMap((text) => documentTo(platform, text, nested))
  const told = bodies.filter((text) => text !== null)
  const found = byMethod(name, method, url.text, told)
  // Where it goes, nobody here knows: what a platform would lose by it counts.
  return url.isKnown ? found : [...found, ...told.flatMap((text) => anywhere(text, nested))]
}

function documentTo(
  platform: string,
  text: string | null,
  { about }: Nested,
): readonly Operation[] {
  return text === null
    ? [unread(platform, `sends to ${platform} what nobody here has read`)]
    : about.readers.graphql(platform, formed(text))
}

/** A field of a form, as the document that it is. */
function formed(text: string): string {
  const [, query] = /^\s*query=(.*)$/s.exec(text) ?? []
  return query === undefined ? text : JSON.stringify({ query: decoded(query) })
}

/** `?query=mutation…`, as a GET sends it. */
function documentsIn(url: string): readonly string[] {
  return [...url.matchAll(/[?&](query=[^&#]*)/g)].map(([, one = '']) => one)
}

function anywhere(text: string, { about }: Nested): readonly Operation[] {
  if (!/\bmutation\b/.test(text)) return []
  return platforms.flatMap(([, platform]) =>
    about.readers.graphql(platform, text).filter(({ effect }) => effect === 'destroy'),
  )
}

/** What a method does at an address. */
export function byMethod(
  name: string,
  method: string,
  url: string,
  bodies: readonly string[] = [],
): readonly Operation[] {
  const address = addressOf(url)
  const isTaken = method === 'DELETE' || bodies.some((one) => mutates.test(one))
  const kind = isTaken && providers.test(address) ? 'container' : lostAt(method, address, bodies)
  return kind === null
    ? [ordinary(name)]
    : [destroys(`${name} ${method}`, [kind], `${method} ${url}`)]
}

/** A document for a provider that has no reader here: by the names in it. */
const mutates = /\bmutation\b[^]{0,2000}?\b(delete|destroy|remove|purge|wipe)[A-Z]/

/** As a client takes it: with a scheme, without a user, a dot at the host's end or letters in disguise. */
function addressOf(url: string): string {
  const whole = /^\w+:\/\//.test(url) ? url : `http://${url.replace(/^:/, 'localhost:')}`
  return decoded(whole)
    .replace(/^(\w+:\/\/)[^/?#]*@/, '$1')
    .replace(/^(\w+:\/\/[^/?#:]*?)\.(?=[/?#:]|$)/, '$1')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // Not every `%` begins a letter in disguise.
    return text
  }
}
