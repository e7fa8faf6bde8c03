/** Supabase: an account's token may do what its owner may, a project's key what is in the project. */
import { objectOf, textOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { claims } from '../jwt.ts'
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Credential, Provider } from './provider.ts'
import type { Ask } from './ask.ts'
import type { Copy, Power, Reach } from './reach.ts'
import { bearer, copyOf, openRest, thingOf } from './rest.ts'
import type { Rest } from './rest.ts'

/** The platform answers 60 questions a minute. */
const mostAsked = 50
const reads: Power = { operation: 'GET', does: 'reads', on: 'all' }

/**
 * https://supabase.com/docs/reference/api and its OpenAPI description (https://api.supabase.com/api/v1-json), forms read in November 2026.
 * With a deleted project its backups go too (https://supabase.com/docs/guides/platform/backups).
 */
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
  // An organization goes by its slug; its id is the same, and on its way out.
  const owner = accountOf(
    'supabase',
    ...projects.map((each) => wordOf(each['organization_slug'] ?? each['organization_id'])),
  )
  if (projects.length > mostAsked)
    rest.unknown.push(`the backups of ${projects.length - mostAsked} more projects`)
  for (const each of projects.slice(0, mostAsked)) copies.push(...(await backups(rest, each)))
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
  const path = `/v1/projects/${id}/database/backups`
  const found = await rest.list(path, 'backups')
  const isContinuous = objectOf((await rest.get(path)).body)['pitr_enabled'] === true
  const copy = (which: string, name: string): Copy =>
    // Gone with the project; a key that only empties its tables leaves them.
    copyOf('backup', `project/${id}`, 'account', { id: `${id}/${which}`, name })
  return [
    ...found
      .filter(({ status }) => status !== 'FAILED' && status !== 'CANCELLED')
      .map((each, at) => copy(String(at), wordOf(each['inserted_at']))),
    ...(isContinuous ? [copy('pitr', 'the last days, to any second')] : []),
  ]
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
