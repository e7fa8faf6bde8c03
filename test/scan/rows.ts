/** The files in which command lines keep what they signed in with, each with secrets of nobody's. */
import { alphanumeric, drawn, hex, uuid } from './planted.ts'

const secret = (label: string, length = 40, alphabet = alphanumeric): string =>
  drawn(label, length, alphabet)
const base64 = Buffer.from(`user:${secret('docker', 20)}`).toString('base64')
/** A private key of nobody's. */
export const pem = (kind: string, label: string): string =>
  [
    `-----BEGIN ${kind}PRIV`,
    `ATE KEY-----\n${secret(label, 200)}\n-----END ${kind}PRIV`,
    'ATE KEY-----',
  ].join('')

/** File, text, provider and the secrets in it, in their order. */
export const rows: readonly (readonly [string, string, string, readonly string[]])[] = [
  [
    '.railway/config.json',
    `{"user":{"token":"${secret('rw')}","accessToken":"${secret('rw2')}"},"projects":{"/x":{"project":"${uuid('p')}"}}}`,
    'railway',
    [secret('rw'), secret('rw2')],
  ],
  [
    '.aws/credentials',
    `[default]\naws_access_key_id = x\naws_secret_access_key = ${secret('aws')}\naws_session_token=${secret('session', 300)}\n`,
    'aws',
    [secret('aws'), secret('session', 300)],
  ],
  [
    '.aws/sso/cache/ab12.json',
    `{"accessToken": "${secret('sso', 200)}", "startUrl": "https://x.awsapps.com"}`,
    'aws',
    [secret('sso', 200)],
  ],
  [
    '.config/gcloud/application_default_credentials.json',
    `{"client_id":"x","refresh_token": "${secret('gc', 90)}"}`,
    'google',
    [secret('gc', 90)],
  ],
  [
    'sa.json',
    JSON.stringify({
      type: 'service_account',
      project_id: 'p',
      private_key_id: 'x',
      private_key: pem('', 'sa'),
    }),
    'google',
    [JSON.stringify(pem('', 'sa')).slice(1, -1)],
  ],
  [
    '.azure/msal_token_cache.json',
    `{"RefreshToken":{"a":{"secret":"${secret('az', 300)}"}}}`,
    'azure',
    [secret('az', 300)],
  ],
  [
    '.kube/config',
    `users:\n- name: a\n  user:\n    client-key-data: ${secret('kube', 400)}\n    token: ${secret('kt')}\n`,
    'kubernetes',
    [secret('kube', 400), secret('kt')],
  ],
  [
    '.config/gh/hosts.yml',
    `github.com:\n    user: a\n    oauth_token: ${secret('gh', 40, hex)}\n`,
    'github',
    [secret('gh', 40, hex)],
  ],
  [
    '.docker/config.json',
    `{"auths":{"https://index.docker.io/v1/":{"auth":"${base64}"}}}`,
    'docker',
    [base64],
  ],
  ['.npmrc', `//registry.example.net/:_authToken=${secret('npm')}`, 'npm', [secret('npm')]],
  ['.pypirc', `[pypi]\nusername = a\npassword = ${secret('pypi')}`, 'pypi', [secret('pypi')]],
  [
    '.cargo/credentials.toml',
    `[registry]\ntoken = "${secret('cargo')}"`,
    'crates',
    [secret('cargo')],
  ],
  ['.supabase/access-token', secret('supabase'), 'supabase', [secret('supabase')]],
  ['.fly/config.yml', `access_token: ${secret('fly', 90)}\n`, 'fly', [secret('fly', 90)]],
  [
    '.local/share/com.vercel.cli/auth.json',
    `{"token":"${secret('vc', 24)}"}`,
    'vercel',
    [secret('vc', 24)],
  ],
  [
    '.config/netlify/config.json',
    `{"users":{"a":{"auth":{"token":"${secret('nf')}"}}}}`,
    'netlify',
    [secret('nf')],
  ],
  [
    '.netrc',
    `machine api.heroku.com\n  login a@b.c\n  password ${uuid('heroku')}\n`,
    'heroku',
    [uuid('heroku')],
  ],
  [
    '.config/neonctl/credentials.json',
    `{"access_token":"${secret('neon', 90)}","refresh_token":"${secret('neon2', 90)}"}`,
    'neon',
    [secret('neon', 90), secret('neon2', 90)],
  ],
  [
    '.config/stripe/config.toml',
    `[default]\nlive_mode_api_key = '${secret('stripe')}'`,
    'stripe',
    [secret('stripe')],
  ],
  [
    '.config/doctl/config.yaml',
    `access-token: ${secret('do', 64, hex)}\ncontext: default\n`,
    'digitalocean',
    [secret('do', 64, hex)],
  ],
  [
    '.config/hcloud/cli.toml',
    `[[contexts]]\nname = "prod"\ntoken = "${secret('hc', 64)}"`,
    'hetzner',
    [secret('hc', 64)],
  ],
  [
    '.wrangler/config/default.toml',
    `oauth_token = "${secret('cf', 90)}"\nexpiration_time = "2026"`,
    'cloudflare',
    [secret('cf', 90)],
  ],
  [
    '.pgpass',
    `# a\ndb.shop.io:5432:main:app:${secret('pg', 12)}\n`,
    'postgres',
    [secret('pg', 12)],
  ],
  ['.my.cnf', `[client]\nuser=a\npassword=${secret('my', 12)}\n`, 'mysql', [secret('my', 12)]],
  ['.git-credentials', `https://a:${secret('gl', 20)}@gitlab.com\n`, 'gitlab', [secret('gl', 20)]],
  ['.ssh/id_rsa', pem('RSA ', 'rsa'), 'ssh', [pem('RSA ', 'rsa')]],
  [
    '.terraform.d/credentials.tfrc.json',
    `{"credentials":{"app.terraform.io":{"token":"${secret('tf', 90)}"}}}`,
    'terraform',
    [secret('tf', 90)],
  ],
  ['.vault-token', `${secret('vault')}\n`, 'vault', [secret('vault')]],
  [
    '.claude/.credentials.json',
    `{"claudeAiOauth":{"accessToken":"${secret('cl', 90)}"}}`,
    'anthropic',
    [secret('cl', 90)],
  ],
  [
    '.cursor/mcp.json',
    JSON.stringify({
      mcpServers: {
        a: {
          env: { SUPABASE_ACCESS_TOKEN: secret('m1') },
          headers: { Authorization: `Bearer ${secret('m2')}` },
          args: ['--access-token', secret('m3')],
        },
      },
    }),
    'supabase',
    [secret('m1'), secret('m2'), secret('m3')],
  ],
  [
    '.claude.json',
    `{"mcpServers":{"a":{"env":{"DATABASE_URL":"postgres://a:${secret('mp', 16)}@db.shop.io/x"}}}}`,
    'postgres',
    [secret('mp', 16)],
  ],
  [
    '.env.production',
    `CLERK_SECRET_KEY=${secret('clerk')}\nPUBLIC_KEY=${secret('public')}\nSESSION_SECRET='${secret('session', 32)}'\n`,
    'clerk',
    [secret('clerk'), secret('session', 32)],
  ],
]
