/**
 * What a Neon key can do (https://api-docs.neon.tech; the platform's own description in `@neondatabase/api-client` 2.7.3, November 2026).
 * A person's key lists projects by organization, an organization's its own, a project's that one. History and snapshots lie in the project.
 */
import { objectOf, textOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { byWord } from './pages.ts'
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Copy, Power } from './reach.ts'
import { bearer, copyOf, openRest, thingOf } from './rest.ts'
import type { Rest } from './rest.ts'

const host = 'console.neon.tech'
/** Of so many projects snapshots are asked about. */
const mostAsked = 50

export const neon: Provider = {
  name: 'neon',
  hosts: () => [host],
  asks: 'whose key it is, projects, how long their history is kept, and snapshots',
  reach: async ({ secret }, ask) => {
    const rest = openRest(ask, host, bearer(secret))
    const who = await rest.get('/api/v2/auth')
    if (who.status !== 200) return refusal(who, host)
    const method = textOf(objectOf(who.body)['auth_method'])
    const projects = await projectsOf(rest, method)
    const copies: Copy[] = projects.flatMap(historyOf)
    if (projects.length > mostAsked)
      rest.unknown.push(`the snapshots of ${projects.length - mostAsked} more projects`)
    for (const one of projects.slice(0, mostAsked)) copies.push(...(await snapshotsOf(rest, one)))
    const owner = accountOf('neon', wordOf(objectOf(who.body)['account_id']))
    return toldOf(owner, method === 'api_key_org' ? 'an organization' : 'a person', {
      isBlanket: true,
      unknown: rest.unknown,
      things: projects.map((each) => thingOf('project', 'data', each)),
      copies,
      powers,
    })
  },
}

const powers: readonly Power[] = [
  { operation: 'DELETE /projects/{id}', does: 'destroys', on: 'all' },
  { operation: 'POST /api_keys', does: 'mints', on: [] },
  { operation: 'GET', does: 'reads', on: 'all' },
]

async function projectsOf(rest: Rest, method: string): Promise<readonly JsonObject[]> {
  const list = async (query: string): Promise<readonly JsonObject[]> => {
    const path = `/api/v2/projects?limit=400${query}`
    const projects = await rest.list(path, 'projects', byWord('cursor', 'pagination', 'cursor'))
    const first = objectOf((await rest.get(path)).body)['unavailable_project_ids']
    // The platform ran out of time for these, and says so.
    if (Array.isArray(first) && first.length > 0)
      rest.unknown.push(`${first.length} projects that the platform did not get to`)
    return projects
  }
  if (method === 'api_key_org') return await list('')
  const organizations = await rest.list('/api/v2/users/me/organizations', 'organizations')
  const ids = organizations.map(({ id }) => wordOf(id)).filter(isId)
  const all = ids.length === 0 ? [await list('')] : []
  for (const id of ids) all.push(await list(`&org_id=${id}`))
  return all.flat()
}

/** The form of every id of the platform: no other is put into a path. */
const isId = (id: string): boolean => /^[a-z0-9-]{1,60}$/.test(id)

function historyOf(project: JsonObject): readonly Copy[] {
  const id = wordOf(project['id'])
  return Number(project['history_retention_seconds'] ?? 0) > 0
    ? [copyOf('history', `project/${id}`, 'inside', { id, name: 'history' })]
    : []
}

async function snapshotsOf(rest: Rest, project: JsonObject): Promise<readonly Copy[]> {
  const id = wordOf(project['id'])
  if (!isId(id)) return []
  const heard = await rest.get(`/api/v2/projects/${id}/snapshots`)
  // Not every plan and region has them.
  if (heard.status === 404) return []
  const snapshots = await rest.list(`/api/v2/projects/${id}/snapshots`, 'snapshots')
  return snapshots.map((one) =>
    copyOf('snapshot', `project/${id}`, 'inside', {
      id: wordOf(one['id']),
      name: wordOf(one['name']),
    }),
  )
}
