/** The providers that can be asked: a new one is a file and a line here. */
import { aws } from './aws.ts'
import { cloudflare } from './cloudflare.ts'
import { fly } from './fly.ts'
import { github } from './github.ts'
import { digitalocean, hetzner } from './hosters.ts'
import { sellers } from './models.ts'
import { neon } from './neon.ts'
import { npm } from './npm.ts'
import { planetscale } from './planetscale.ts'
import type { Credential, Provider } from './provider.ts'
import { railway } from './railway.ts'
import { stripe } from './stripe.ts'
import { supabase } from './supabase.ts'
import { tenantProviders } from './tenants.ts'
import { turso } from './turso.ts'
import { vercel } from './vercel.ts'

export const providers: readonly Provider[] = [
  railway,
  github,
  aws,
  supabase,
  neon,
  vercel,
  fly,
  cloudflare,
  digitalocean,
  hetzner,
  stripe,
  planetscale,
  turso,
  npm,
  ...tenantProviders,
  ...sellers,
]

/** Names of those that are called; a token of Fly tells by itself. */
export const calledNames = (): readonly string[] =>
  providers.filter((each) => each !== fly).map(({ name }) => name)

/** Null: nobody can be asked what this one can do. */
export function providerOf(name: string, credential: Credential): Provider | null {
  const found = providers.find((each) => each.name === name) ?? null
  return found === null || found.hosts(credential) === null ? null : found
}
