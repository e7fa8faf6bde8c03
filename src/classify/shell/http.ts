/** `curl` and its friends: to a platform that is known, its body is read as the gateway would; elsewhere a DELETE is told apart from a GET. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf } from './argv.ts'
import type { Special } from './nested.ts'
import { lostAt } from './http-stores.ts'
import { destroys, ordinary, unread } from './operation.ts'
import { programOf } from './run.ts'

const curlFlags = flagsOf(
  '-X --request -d --data --data-raw --data-binary --data-urlencode --data-ascii --json -H --header -u --user -o --output -A --user-agent -b --cookie -c --cookie-jar -e --referer -F --form -T --upload-file --url -x --proxy -m --max-time --retry --connect-timeout -w --write-out --cacert --cert --key -K --config -E --resolve --unix-socket --interface -C -D -r -y -Y -z -G-x --oauth2-bearer -t-x',
  '-s -S -L -k -f -v -i -I -g -N -O -J -R -G --silent --location --fail --insecure --compressed --get --head --include',
)

const platforms: readonly (readonly [RegExp, string])[] = [
  [/^https?:\/\/backboard\.railway\.(app|com)\/graphql/i, 'railway'],
]

/** The platform whose documents are read; null where there is none at that address. */
export function platformOf(url: string): string | null {
  return platforms.find(([host]) => host.test(url))?.[1] ?? null
}

/** Where a DELETE takes away what lives: interfaces of providers. Anywhere else it is a program’s own business. */
const providers =
  /^https?:\/\/([\w-]+\.)*(railway\.(app|com)|supabase\.(com|co)|neon\.tech|fly\.(io|dev)|machines\.dev|render\.com|heroku\.com|vercel\.com|netlify\.com|digitalocean\.com|hetzner\.(cloud|com)|amazonaws\.com|googleapis\.com|azure\.com|windows\.net|cloudflare\.com|github\.com|gitlab\.com|stripe\.com|planetscale\.com|mongodb\.com|upstash\.(com|io)|turso\.tech|linode\.com|vultr\.com|scaleway\.com|ovh\.(com|net)|confluent\.cloud|elastic-cloud\.com|algolia\.net|pinecone\.io|qdrant\.io|weaviate\.cloud)([:/]|$)/i

const curl: Special = ({ argv, stdin }, _, nested) => {
  const name = programOf(argv[0]?.text ?? '')
  const { flags, words } = argvOf(argv.slice(1), curlFlags)
  const value = (...names: readonly string[]): string | undefined =>
    names.map((one) => flags.get(one)?.at(-1)?.text).find((one) => one !== undefined)
  const sent = [
    '-d',
    '--data',
    '--data-raw',
    '--data-binary',
    '--data-ascii',
    '--json',
    '--data-urlencode',
  ].flatMap((one) => flags.get(one) ?? [])
  const urls = [...words, ...(flags.get('--url') ?? [])].map(({ text }) => text)
  const method = (value('-X', '--request') ?? (sent.length > 0 ? 'POST' : 'GET')).toUpperCase()
  return urls.flatMap((url): readonly Operation[] => {
    const platform = platformOf(url)
    if (platform !== null)
      return sent.length === 0
        ? [ordinary(name)]
        : sent.flatMap((one) =>
            body(platform, one, stdin.kind === 'text' ? stdin.text : null, nested),
          )
    return byMethod(
      name,
      method,
      url,
      sent.map(({ text }) => text),
    )
  })
}

/** What a method does at an address. */
export function byMethod(
  name: string,
  method: string,
  url: string,
  bodies: readonly string[] = [],
): readonly Operation[] {
  const address = /^\w+:\/\//.test(url) ? url : `http://${url.replace(/^:/, 'localhost:')}`
  const kind =
    method === 'DELETE' && providers.test(address) ? 'container' : lostAt(method, address, bodies)
  return kind === null
    ? [ordinary(name)]
    : [destroys(`${name} ${method}`, [kind], `${method} ${url}`)]
}

function body(
  platform: string,
  { text, isKnown }: { readonly text: string; readonly isKnown: boolean },
  fed: string | null,
  { about }: Parameters<Special>[2],
): readonly Operation[] {
  const told = text === '@-' ? fed : text.startsWith('@') || !isKnown ? null : text
  if (told === null)
    return [unread(platform, `sends \`${text}\` to ${platform}: nobody here has read it`)]
  return about.readers.graphql(platform, told)
}

const httpie: Special = ({ argv }) => {
  const { words } = argvOf(
    argv.slice(1),
    flagsOf('-a --auth -A --auth-type --session -o --output --timeout --proxy --verify'),
  )
  const [first, second] = words
  if (first === undefined) return null
  const isMethod = /^[A-Z]+$/.test(first.text)
  return byMethod(
    programOf(argv[0]?.text ?? ''),
    isMethod ? first.text : 'GET',
    (isMethod ? second : first)?.text ?? '',
  )
}

const wget: Special = ({ argv }) => {
  const { flags, words } = argvOf(
    argv.slice(1),
    flagsOf('--method --body-data --post-data -O -o --header -P'),
  )
  const method = (flags.get('--method')?.at(-1)?.text ?? 'GET').toUpperCase()
  return words.flatMap(({ text }) => byMethod('wget', method, text))
}

export const http: readonly (readonly [string, Special])[] = [
  ['curl', curl],
  ['curlie', curl],
  ['wget', wget],
  ['http', httpie],
  ['https', httpie],
  ['xh', httpie],
]
