/** `console` in `firebreak.yaml`: where people come in, and by whom a company says who they are. */
import * as v from 'valibot'
import { addressAt } from './address.ts'
import { name } from './config-targets.ts'

export const path = v.pipe(v.string(), v.nonEmpty('must not be empty'))
export const address = v.pipe(
  v.string(),
  v.check((text) => addressAt(text) !== null, 'must be `host:port`'),
)

/** A page's origin, as a browser writes it, where it may have passkeys made. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { origin, protocol, hostname } = new URL(text)
  return (
    origin === text && (protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost'))
  )
}

/** As OpenID Connect Discovery 1.0, §2 has it, and on this machine without TLS. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, search, hash, username, password } = new URL(text)
  const isBare = [search, hash, username, password].every((part) => part === '')
  const isHere = ['localhost', '127.0.0.1'].includes(hostname)
  return isBare && (protocol === 'https:' || (protocol === 'http:' && isHere))
}

const word = v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(200))

/** It opens the page and signs nothing: what takes a person's word takes their passkey all the same. */
const oidc = v.strictObject({
  issuer: v.pipe(
    v.string(),
    v.check(isIssuer, 'must be https, or http to this machine, with nothing behind a `?` or `#`'),
  ),
  client: word,
  /** What the door says: `Sign in with NAME`. */
  name: v.optional(v.pipe(word, v.maxLength(40)), 'your company'),
  /** The client's secret, by its name in custody; without it the client is a public one. */
  credential: v.optional(name),
  /** By which claim people are known; an e-mail address counts when the provider has verified it. */
  claim: v.optional(v.picklist(['sub', 'email', 'preferred_username']), 'sub'),
  /** The approver's name, and what that claim says of them. Nobody else comes in. */
  people: v.record(v.pipe(v.string(), v.maxLength(80)), word),
})

export const consolePlace = v.strictObject({
  listen: v.optional(address, '127.0.0.1:7078'),
  origin: v.optional(
    v.pipe(
      v.string(),
      v.check(isOrigin, 'must be like `https://firebreak.example`, or `http://localhost:7078`'),
    ),
    'http://localhost:7078',
  ),
  tls: v.optional(v.strictObject({ cert: path, key: path })),
  oidc: v.optional(oidc),
})

export type Oidc = v.InferOutput<typeof oidc>
