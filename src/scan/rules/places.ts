/** Files in which command lines keep what they signed in with: the place tells whose it is, the key which value it is. */
import { isOpen, privateKey } from '../pem.ts'
import { place } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { isHere, ownerOfHost } from '../owners.ts'

/** A value under one of these keys, in JSON, YAML, TOML or INI. */
const under = (keys: string): string =>
  String.raw`(?<![\w-])(?<key>${keys})["']?\s{0,8}[:=]\s{0,8}["']?(?<secret>[^\s"',{}\[\]]{8,4096})`
/** The one line that the file is. */
const whole = String.raw`^\s{0,20}(?<secret>[\w.-]{16,4096})\s{0,20}$`
const tokens = '(?:access|refresh|id|auth|oauth|api|session|bearer)?[_-]?[tT]oken'

/** Provider, file, and the keys that hold secrets there. Where a file lies is told by each tool's own documentation. */
const keyed: readonly (readonly [provider: string, file: string, keys: string])[] = [
  ['railway', String.raw`\.railway/config\.json`, tokens],
  [
    'aws',
    String.raw`\.aws/(?:sso|cli)/cache/[^/]+\.json`,
    'accessToken|refreshToken|clientSecret|SessionToken',
  ],
  ['aws', String.raw`\.aws/credentials`, 'aws_session_token'],
  [
    'google',
    String.raw`gcloud/(?:application_default_credentials\.json|legacy_credentials/[^/]+/adc\.json|credentials\.db|access_tokens\.db)`,
    'refresh_token|access_token',
  ],
  [
    'azure',
    String.raw`\.azure/(?:msal_token_cache|accessTokens|service_principal_entries)\.json`,
    'secret|client_secret|accessToken|refreshToken',
  ],
  [
    'kubernetes',
    String.raw`(?:\.kube/config|(?:[\w.-]{0,60}[.-])?kubeconfig(?:-[\w-]{1,60})?(?:\.ya?ml|\.conf)?|admin\.conf)`,
    'token|client-key-data|password|id-token|refresh-token',
  ],
  ['github', String.raw`gh/hosts\.yml`, 'oauth_token'],
  ['github', String.raw`github-copilot/(?:hosts|apps)\.json`, 'oauth_token'],
  ['gitlab', String.raw`glab-cli/config\.yml`, 'token'],
  [
    'docker',
    String.raw`\.docker/config\.json|\.dockercfg|containers/auth\.json`,
    'auth|identitytoken|registrytoken',
  ],
  ['npm', String.raw`\.yarnrc\.yml`, 'npmAuthToken|npmAuthIdent'],
  ['pypi', String.raw`\.pypirc`, 'password'],
  ['crates', String.raw`\.cargo/credentials(?:\.toml)?`, 'token'],
  ['rubygems', String.raw`\.gem/credentials`, ':?rubygems_api_key'],
  ['fly', String.raw`\.fly/config\.yml`, 'access_token'],
  ['vercel', String.raw`com\.vercel\.cli/auth\.json|\.now/auth\.json`, 'token|refreshToken'],
  ['netlify', String.raw`netlify/config\.json`, 'token'],
  ['neon', String.raw`neonctl/credentials\.json`, 'access_token|refresh_token'],
  ['stripe', String.raw`stripe/config\.toml`, '(?:live|test)_mode_api_key'],
  ['digitalocean', String.raw`doctl/config\.yaml`, String.raw`access-token|[\w-]{1,40}`],
  ['hetzner', String.raw`hcloud/cli\.toml`, 'token'],
  [
    'cloudflare',
    String.raw`\.wrangler/config/[\w-]{1,40}\.toml`,
    'oauth_token|refresh_token|api_token',
  ],
  ['cloudflare', String.raw`\.cloudflared/[^/]+\.json`, 'TunnelSecret'],
  [
    'mongodb-atlas',
    String.raw`atlascli/config\.toml`,
    'private_api_key|access_token|refresh_token',
  ],
  ['terraform', String.raw`(?:credentials\.tfrc\.json|\.terraformrc)`, 'token'],
  ['pulumi', String.raw`\.pulumi/credentials\.json`, 'accessToken'],
  ['scaleway', String.raw`scw/config\.yaml`, 'secret_key'],
  ['linode', String.raw`linode-cli`, 'token'],
  ['vultr', String.raw`\.vultr-cli\.yaml`, 'api-key'],
  ['turso', String.raw`turso/settings\.json`, 'token'],
  ['firebase', String.raw`configstore/firebase-tools\.json`, 'refresh_token|access_token'],
  ['ngrok', String.raw`ngrok/ngrok\.yml|\.ngrok2/ngrok\.yml`, 'authtoken|api_key'],
  ['sentry', String.raw`\.sentryclirc`, 'token'],
  ['databricks', String.raw`\.databrickscfg`, 'token'],
  [
    's3',
    String.raw`\.s3cfg|\.mc/config\.json|rclone/rclone\.conf`,
    'secret_key|secretKey|secret_access_key|pass|access_token|refresh_token',
  ],
  ['mysql', String.raw`\.my\.cnf|my\.cnf`, 'password'],
  ['anthropic', String.raw`\.claude/\.credentials\.json`, 'accessToken|refreshToken'],
  ['openai', String.raw`\.codex/auth\.json`, 'OPENAI_API_KEY|access_token|refresh_token'],
  ['google', String.raw`\.gemini/oauth_creds\.json`, 'access_token|refresh_token'],
]

const cli = keyed.map(([provider, file, keys]): Rule => {
  const guessable = keys.includes('pass') || provider === 'docker'
  return place(`${provider}-cli`, provider, [file, under(keys)], { guessable })
})

// host:port:database:user:password (PostgreSQL 18, §32.16); a colon in it is written `\:`.
const pgpass = place(
  'pgpass',
  'postgres',
  [
    String.raw`\.?pgpass(?:\.conf)?`,
    String.raw`^(?<host>(?!#)[^:\n]{1,255}):(?:\d{1,5}|\*):(?:[^:\n\\]|\\.){1,100}:(?<key>(?:[^:\n\\]|\\.){1,100}):(?<secret>[^\n\r]{1,500})$`,
  ],
  { guessable: true },
)

const owned: Rule['whose'] = ({ host = '' }) => ownerOfHost(host)

export const places: readonly Rule[] = [
  ...cli,
  place('supabase-cli', 'supabase', [String.raw`\.supabase/access-token`, whole]),
  place('planetscale-cli', 'planetscale', [String.raw`planetscale/access-token`, whole]),
  place('vault-cli', 'vault', [String.raw`\.vault-token`, whole]),
  { ...pgpass, check: ({ host }) => !isHere(host) },
  { ...pgpass, id: 'local-pgpass', low: true, check: ({ host }) => isHere(host) },
  place('ssh-key', 'ssh', [String.raw`\.ssh/[^/]{1,100}`, privateKey], { check: isOpen }),
  place(
    'netrc',
    'unknown',
    [
      String.raw`[._]netrc`,
      String.raw`machine\s{1,40}(?<host>\S{1,255})\s{1,40}login\s{1,40}\S{1,255}\s{1,40}(?<key>password)\s{1,40}(?<secret>\S{1,1000})`,
    ],
    { guessable: true, whose: owned },
  ),
  place(
    'git-credentials',
    'unknown',
    [
      String.raw`\.git-credentials|git/credentials`,
      String.raw`^https?://[^\s:@/]{0,200}:(?<secret>[^\s@/]{1,1000})@(?<host>[^\s/]{1,255})`,
    ],
    { guessable: true, whose: owned },
  ),
]
