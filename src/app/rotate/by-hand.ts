/** How a person makes a credential new and takes the old one back, where Firebreak cannot: by provider, the page or the command, and what to do there. */

/** From general knowledge, not checked against each provider's page: pages move, so the words to look for stand beside them. */
const steps: Readonly<Record<string, string>> = {
  anthropic: 'console.anthropic.com, Settings, API keys: create one, then delete the old one',
  aws: 'IAM, Users, your user, Security credentials: create a second access key, set the old one inactive, look who stops (`aws iam get-access-key-last-used`), then delete it',
  azure:
    'Microsoft Entra ID, App registrations, Certificates & secrets: add a client secret, then delete the old one; `az logout` for your own login',
  bitbucket: 'Atlassian account, Security, API tokens: create one, then revoke the old one',
  circleci: 'User settings, Personal API tokens: create one, then remove the old one',
  cloudflare:
    'dash.cloudflare.com/profile/api-tokens: Roll, beside the token: it keeps what it may, and the old one is dead at once',
  crates: 'the registry’s Account settings, API tokens: new token, then revoke the old one',
  databricks: 'Settings, Developer, Access tokens: generate one, then revoke the old one',
  datadog: 'Organization settings, API keys: new key, then revoke the old one',
  digitalocean:
    'cloud.digitalocean.com/account/api/tokens: Regenerate, beside the token: the old one is dead at once',
  discord: 'discord.com/developers/applications, your app, Bot: Reset token',
  docker:
    'account settings of Docker Hub, Personal access tokens: generate one, then delete the old one; `docker logout` and `docker login`',
  doppler: 'the project’s config, Access: new service token, then revoke the old one',
  fly: '`fly tokens list`, `fly tokens create …`, then `fly tokens revoke ID`; `fly auth logout` for your own login',
  gitlab:
    'gitlab.com/-/user_settings/personal_access_tokens: Rotate, beside the token: the old one is dead at once',
  github:
    'github.com/settings/tokens (or your app’s page): Regenerate, or delete it; `gh auth logout` for the login of `gh`',
  google:
    'IAM & Admin, Service accounts, Keys: add a key, then delete the old one; `gcloud auth revoke` for your own login',
  heroku: 'dashboard.heroku.com/account: Regenerate API key; `heroku authorizations:revoke ID`',
  hetzner:
    'console.hetzner.com, the project, Security, API tokens: generate one, then delete the old one',
  linear: 'Settings, Security & access, Personal API keys: create one, then revoke the old one',
  linode: 'cloud.linode.com/profile/tokens: create one, then revoke the old one',
  mailgun: 'Settings, API security: add a key, then delete the old one',
  mongodb: 'Atlas, Database access, your user: Edit password',
  mysql: '`ALTER USER USER() IDENTIFIED BY …` as that user, from a client that keeps no history',
  neon: 'console.neon.tech, Account settings, API keys: create one, then revoke the old one; a database’s password: Roles, Reset password',
  netlify:
    'app.netlify.com/user/applications, Personal access tokens: new token, then revoke the old one',
  npm: '`npm token create`, then `npm token list` and `npm token revoke ID`',
  openai: 'platform.openai.com/api-keys: create one, then revoke the old one',
  planetscale:
    'Settings, Service tokens, or the branch’s Passwords: new one, then delete the old one',
  postgres:
    '`ALTER ROLE … PASSWORD` by `\\password` in psql, which sends only what the server keeps; then hand it to whoever logs in with it',
  pulumi: 'app.pulumi.com, Personal access tokens: create one, then delete the old one',
  pypi: 'Account settings, API tokens: add one, then remove the old one',
  railway:
    'railway.com/account/tokens (a project’s: its Settings, Tokens): make another, then delete the old one; `railway logout` for the login of `railway`',
  redis:
    '`ACL SETUSER NAME >new` and `ACL SETUSER NAME <old`, or the provider’s page: reset the password',
  render: 'dashboard.render.com/u/settings, API keys: create one, then revoke the old one',
  rubygems: 'Edit settings, API keys: new one, then delete the old one',
  scaleway: 'console.scaleway.com/iam/api-keys: generate one, then delete the old one',
  sendgrid: 'Settings, API keys: create one, then delete the old one',
  sentry: 'Settings, Developer settings or User auth tokens: create one, then revoke the old one',
  slack:
    'api.slack.com/apps, your app, OAuth & permissions: Reinstall; `auth.revoke` kills the old one',
  ssh: '`ssh-keygen` makes another; put its `.pub` where the old one stood (`authorized_keys`, your forge), then take the old one out there',
  stripe: 'dashboard.stripe.com/apikeys: Roll key, and say how long the old one lives on: now',
  supabase:
    'supabase.com/dashboard/account/tokens: generate one, then delete the old one; a database’s password: Project settings, Database, Reset',
  telegram: 'BotFather, `/revoke`: a new token, and the old one is dead at once',
  terraform: 'app.terraform.io, User settings, Tokens: create one, then delete the old one',
  turso: '`turso auth api-tokens mint NAME`, then `turso auth api-tokens revoke OLD`',
  twilio: 'console.twilio.com, API keys & tokens: create one, then delete the old one',
  vault: '`vault token revoke`, then log in again',
  vercel:
    'vercel.com/account/settings/tokens: create one, then delete the old one; `vercel logout` for the login of `vercel`',
  vultr: 'my.vultr.com/settings, API: Regenerate',
}

/** One line; for a provider that nobody has written down, what is true of all of them. */
export function byHand(provider: string): string {
  return (
    steps[provider] ??
    'make another where it was made, give it to whoever needs it, then revoke the old one there'
  )
}
