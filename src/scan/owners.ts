/** Whose a secret is, by the host it is for or by the name it stands under. */

const hosts: readonly (readonly [provider: string, host: RegExp])[] = [
  ['github', /(?:^|\.)(?:github\.com|githubusercontent\.com|ghcr\.io)$/],
  ['gitlab', /(?:^|\.)gitlab\.[a-z.]+$/],
  ['bitbucket', /(?:^|\.)bitbucket\.org$/],
  ['heroku', /(?:^|\.)heroku\.com$/],
  ['railway', /(?:^|\.)railway\.(?:app|com)$/],
  ['fly', /(?:^|\.)fly\.io$/],
  ['vercel', /(?:^|\.)vercel\.(?:com|app)$/],
  ['netlify', /(?:^|\.)netlify\.(?:com|app)$/],
  ['render', /(?:^|\.)render\.com$/],
  ['supabase', /(?:^|\.)supabase\.(?:co|com)$/],
  ['neon', /(?:^|\.)neon\.tech$/],
  ['google', /(?:^|\.)(?:gcr\.io|pkg\.dev|googleapis\.com|source\.developers\.google\.com)$/],
  ['azure', /(?:^|\.)(?:azurecr\.io|azure\.com|windows\.net|visualstudio\.com)$/],
  ['aws', /(?:^|\.)amazonaws\.com$/],
  ['digitalocean', /(?:^|\.)(?:digitalocean\.com|ondigitalocean\.com)$/],
  ['hetzner', /(?:^|\.)hetzner\.(?:cloud|com)$/],
  ['cloudflare', /(?:^|\.)cloudflare\.com$/],
  ['docker', /(?:^|\.)docker\.(?:io|com)$/],
  ['npm', /(?:^|\.)npmjs\.[a-z]+$/],
  ['sentry', /(?:^|\.)sentry\.io$/],
]

/** The provider behind a host; null where the host tells nobody. */
export function ownerOfHost(host: string): string | null {
  const plain = host.toLowerCase().replace(/:\d+$/, '')
  return hosts.find(([, pattern]) => pattern.test(plain))?.[0] ?? null
}

/** Words of a name that tell a provider; the more telling first. */
const words: readonly (readonly [provider: string, word: RegExp])[] = [
  ['railway', /railway/],
  ['supabase', /supabase/],
  ['neon', /neon/],
  ['vercel', /vercel/],
  ['netlify', /netlify/],
  ['heroku', /heroku/],
  ['render', /^render_/],
  ['fly', /^fly_|_fly_/],
  ['stripe', /stripe/],
  ['github', /^(?:gh|github)_|_github_|^github/],
  ['gitlab', /gitlab/],
  ['cloudflare', /cloudflare|^cf_/],
  ['digitalocean', /digital_?ocean|^do_/],
  ['hetzner', /hetzner|hcloud/],
  ['linode', /linode/],
  ['aws', /^aws_|_aws_/],
  ['azure', /azure|^arm_/],
  ['google', /google|^gcp_|firebase|gemini/],
  ['openai', /openai/],
  ['anthropic', /anthropic|claude/],
  ['slack', /slack/],
  ['discord', /discord/],
  ['telegram', /telegram/],
  ['twilio', /twilio/],
  ['sendgrid', /sendgrid/],
  ['mailgun', /mailgun/],
  ['resend', /^resend/],
  ['npm', /^npm_|_npm_/],
  ['docker', /docker/],
  ['datadog', /datadog|^dd_/],
  ['sentry', /sentry/],
  ['shopify', /shopify/],
  ['algolia', /algolia/],
  ['auth0', /auth0/],
  ['clerk', /clerk/],
  ['upstash', /upstash/],
  ['turso', /turso/],
  ['planetscale', /planetscale|pscale/],
  ['mongodb', /mongo/],
  ['redis', /redis/],
  ['mysql', /mysql|mariadb/],
  ['postgres', /postgres|^pg|_pg_/],
]

/** The provider that a variable's name tells; null where it tells none. */
export function ownerOfName(name: string): string | null {
  const plain = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[.-]/g, '_')
    .replace(
      /^(?:vite|next_public|react_app|expo_public|public|prod|production|staging|dev|test)_/,
      '',
    )
  return words.find(([, pattern]) => pattern.test(plain))?.[0] ?? null
}

/** Hosts that only exist in texts about hosts. */
const nobody =
  /(?:^|\.)(?:example\.(?:com|org|net)|example|invalid|test)$|^(?:host(?:name)?|server|your[-_.].{0,80}|.{0,80}[-_.]host)$|[<>{}$%*]/i
const here =
  /^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\]|host\.docker\.internal|[^.]+|.+\.(?:local|localhost|internal\.docker))$/i

/** True for this machine, and for a name that only the network of one machine's containers knows. */
export const isHere = (host = ''): boolean => here.test(host) && !/^\[(?!::1\])/.test(host)
/** False for a host that only stands for one. */
export const isSomebody = (host = ''): boolean => !nobody.test(host)
