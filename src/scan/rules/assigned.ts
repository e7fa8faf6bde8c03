/** Values that look drawn by chance, given in code or a script to a name that says it is a secret: the least that still tells. */
import { ownerOfName } from '../owners.ts'
import { rule } from '../rule.ts'
import type { Groups, Rule } from '../rule.ts'
import { isRandom } from '../sample.ts'

const keywords = [
  'token',
  'secret',
  'passw',
  'api_key',
  'apikey',
  'api-key',
  'access_key',
  'accesskey',
]
/** Code of others, of tests and of examples is full of names and values that only look so. */
const elsewhere = String.raw`(?!.*(?:(?:^|/)(?:node_modules|vendor|third_party|site-packages|dist-packages|dist|build|tests?|__tests__|spec|fixtures?|testdata|mocks?|examples?|docs?|i18n|locales?)/|[._-](?:test|spec|mock|min|stories)\.|\.d\.[cm]?ts$|[.-]lock\.(?:json|ya?ml)$))`
const written = new RegExp(
  `^${elsewhere}.*\\.(?:[cm]?[jt]sx?|py|rb|php|go|rs|java|kt|cs|swift|exs?|scala|lua|pl|dart|tf|hcl|vue|svelte|json|ya?ml|toml)$`,
)
const scripted = new RegExp(
  `^${elsewhere}.*(?:\\.(?:sh|bash|zsh|fish|ps1|ya?ml|tf|hcl|mk)|(?:^|/)(?:Dockerfile[\\w.-]*|Makefile|Procfile|Justfile|justfile))$`,
)

const name = String.raw`(?<word>[\w-]{3,24})`
const quoted = new RegExp(
  String.raw`${name}["'\]]{0,2}\s{0,4}(?:=>|:=|[:=]|\?\?|\|\|)\s{0,4}(?<q>["'\x60])(?<secret>[A-Za-z0-9_+/=.-]{20,200})\k<q>`,
  'dy',
)
const bare = new RegExp(
  String.raw`${name}(?:=|:[ \t]{1,4})(?<secret>[A-Za-z0-9_+/=-]{20,200})(?=[\s;&|#]|$)`,
  'dy',
)
const about =
  /public|publishable|anon|example|test|dummy|sample|continuation|csrf|xsrf|nonce|sha\d|hash|checksum|integrity|digest|_id$|url|path|cursor|page|type|symbol|regex/i

/** The word before the keyword is part of the name. */
const whole = ({ word = '' }: Groups, left: string): string =>
  `${/[\w.-]{0,60}$/.exec(left)?.[0] ?? ''}${word}`

function isDrawn(groups: Groups, left: string): boolean {
  const { secret = '' } = groups
  if (about.test(whole(groups, left)) || /^(?:[a-z]+|[A-Z]+)(?:[._-]|$)/.test(secret)) return false
  if (/^[0-9a-f]+$/.test(secret)) return secret.length >= 32 && isRandom(secret, 3)
  return (
    /[a-z]/.test(secret) && /[A-Z]/.test(secret) && /\d.*\d/.test(secret) && isRandom(secret, 3.7)
  )
}

const options: Partial<Rule> = {
  glued: true,
  check: isDrawn,
  whose: (groups, left) => ownerOfName(whole(groups, left)),
}

export const assigned: readonly Rule[] = [
  rule('assigned-secret', 'unknown', [keywords, quoted], { ...options, files: written }),
  rule('assigned-secret', 'unknown', [keywords, bare], { ...options, files: scripted }),
]
