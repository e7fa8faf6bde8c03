/** Platforms that keep databases, and Vercel: Supabase and Neon. Their tokens may do what their owner may. */
import { objectOf, textOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { claims } from '../jwt.ts'
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Credential, Provider } from './provider.ts'
import type { Ask } from './ask.ts'
import type { Copy, Power, Reach } from './reach.ts'
import { bearer, copyOf, openRest, thingOf } from './rest.ts'
import type { Rest } from './rest.ts'

const reads: Power = { operation: 'GET', does: 'reads', on: 'all' }

/** https://supabase.com/docs/reference/api: with a deleted project its backups go too (https://supabase.com/docs/guides/platform/backups). */
export const supabase: Provider = {
  name: 'supabase',
  hosts: (credential) => {
    if (credential.secret.reveal().startsWith('sbp_')) return ['api.supabase.com']
    const ref = refOf(credential)
    // A new secret key does not tell its project, and another file's word is not taken for it.
    return ref === null ? null : [`${ref}.supabase.co`]
  },
  asks: 'its projects and their backups, or the tables of the one project that the key names',
  reach: async (credential, ask) => {
    const ref = refOf(credential)
    return ref === null ? await account(credential, ask) : await project(credential, ask, ref)
  },
}

/** The project that a key's own claims name: a fixed form, so that it can be no other host. */
function refOf({ secret }: Credential): string | null {
  const ref = textOf(claims(secret.reveal())?.['ref'])
  return /^[a-z]{20}$/.test(ref) ? ref : null
}

async function account({ secret }: Credential, ask: Ask): Promise<Reach> {
  const rest = openRest(ask, 'api.supabase.com', bearer(secret))
  const first = await rest.get('/v1/projects')
  if (first.status !== 200) return refusal(first, rest.host)
  const projects = await rest.list('/v1/projects', null)
  const copies: Copy[] = []
  const owner = accountOf('supabase', ...projects.map((each) => wordOf(each['organization_id'])))
  for (const each of projects.slice(0, 50)) copies.push(...(await backups(rest, each)))
  return toldOf(owner, 'the whole account', {
    isBlanket: true,
    unknown: rest.unknown,
    things: projects.map((each) => thingOf('project', 'data', each)),
    copies,
    powers: [{ operation: 'DELETE /v1/projects/{ref}', does: 'destroys', on: 'all' }, reads],
  })
}

async function backups(rest: Rest, project: JsonObject): Promise<readonly Copy[]> {
  const id = wordOf(project['id'])
  // An id is put into a path: only one of the platform's own form.
  if (!/^[a-z]{20}$/.test(id)) return []
  const found = await rest.list(`/v1/projects/${id}/database/backups`, 'backups')
  return found.map((backup, at) =>
    copyOf('backup', `project/${id}`, 'inside', {
      id: `${id}/${at}`,
      name: wordOf(backup['inserted_at']),
    }),
  )
}

/** A service key passes by every rule of the database's own (row level security). */
async function project({ secret }: Credential, ask: Ask, ref: string): Promise<Reach> {
  const host = `${ref}.supabase.co`
  const rest = openRest(ask, host, { ...bearer(secret), apikey: secret.reveal() })
  const heard = await rest.get('/rest/v1/')
  if (heard.status !== 200) return refusal(heard, host)
  const tables = Object.keys(objectOf(objectOf(heard.body)['definitions'])).length
  const name = `${ref} (${tables} tables)`
  return toldOf(accountOf('supabase', ref), `project ${ref}`, {
    isBlanket: true,
    things: [thingOf('project', 'data', { id: ref, name })],
    powers: [{ operation: 'DELETE on every table', does: 'destroys', on: 'all' }, reads],
  })
}

/** https://api-docs.neon.tech/reference: history lies in the project itself. */
export const neon: Provider = {
  name: 'neon',
  hosts: () => ['console.neon.tech'],
  asks: 'its projects and how long their history is kept',
  reach: async ({ secret }, ask) => {
    const rest = openRest(ask, 'console.neon.tech', bearer(secret))
    const first = await rest.get('/api/v2/projects?limit=400')
    if (first.status !== 200) return refusal(first, rest.host)
    const projects = await rest.list('/api/v2/projects?limit=400', 'projects')
    const owner = accountOf('neon', ...projects.map((each) => wordOf(each['owner_id'])))
    return toldOf(owner, 'all projects that it lists', {
      isBlanket: true,
      unknown: rest.unknown,
      things: projects.map((each) => thingOf('project', 'data', each)),
      copies: projects.flatMap((each) =>
        Number(each['history_retention_seconds'] ?? 0) > 0
          ? [
              copyOf('history', `project/${wordOf(each['id'])}`, 'inside', {
                id: wordOf(each['id']),
                name: 'history',
              }),
            ]
          : [],
      ),
      powers: [
        { operation: 'DELETE /projects/{id}', does: 'destroys', on: 'all' },
        { operation: 'POST /api_keys', does: 'mints', on: [] },
        reads,
      ],
    })
  },
}

/** https://vercel.com/docs/rest-api: what is deployed comes back from code; stores are told to its own pages alone. */
export const vercel: Provider = {
  name: 'vercel',
  hosts: () => ['api.vercel.com'],
  asks: 'who it is, and its projects',
  reach: async ({ secret }, ask) => {
    const rest = openRest(ask, 'api.vercel.com', bearer(secret))
    const user = await rest.get('/v2/user')
    if (user.status !== 200) return refusal(user, rest.host)
    const projects = await rest.list('/v9/projects?limit=100', 'projects')
    const { username = '' } = objectOf(objectOf(user.body)['user'])
    return toldOf(accountOf('vercel', wordOf(username)), `user ${wordOf(username)}`, {
      isBlanket: true,
      unknown: ['its stores: the platform does not list them to a token', ...rest.unknown],
      things: projects.map((each) => thingOf('project', 'rest', each)),
      powers: [
        { operation: 'DELETE /v9/projects/{id}', does: 'destroys', on: 'all' },
        { operation: 'POST /v3/user/tokens', does: 'mints', on: [] },
        { operation: 'GET /v9/projects/{id}/env', does: 'reads', on: 'all' },
      ],
    })
  },
}
