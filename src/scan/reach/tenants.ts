/**
 * Platforms whose tokens may do what their owner may, and which list what there is: as data, and one function. Forms after each one's
 * own description, read in November 2026: Heroku's platform API reference (devcenter.heroku.com; lists answer 200 or 206 with
 * `Next-Range`), Render's (api-docs.render.com, and its own `render-oss/sdk`), Netlify's (`@netlify/open-api` 2.60.0).
 */
import { objectOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import { byLast, byLink, byRange } from './pages.ts'
import type { Pages } from './pages.ts'
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Power, Reach, Thing } from './reach.ts'
import { bearer, openRest, thingOf } from './rest.ts'

interface Kind {
  readonly path: string
  readonly type: string
  /** The member of each row that is the thing; null: the row is it. */
  readonly within: string | null
  readonly holds: Thing['holds'] | ((thing: JsonObject) => Thing['holds'])
}

interface Tenant {
  readonly name: string
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
  /** Says whose token it is, by an `id` or an `email`. */
  readonly who: string
  readonly pages: Pages
  readonly kinds: readonly Kind[]
  readonly powers: readonly Power[]
  readonly unsaid: readonly string[]
}

const render = (type: string, within: string, path: string, holds: Thing['holds']): Kind => ({
  path: `/v1/${path}?limit=100`,
  type,
  within,
  holds,
})

/** An add-on by its service's name: what looks like a store is one. */
const addonHolds = (addon: JsonObject): Thing['holds'] =>
  /sql|postgres|mongo|redis|valkey|key-value|kafka|db|data|graph|bucket|s3|stor|search|elastic|vector/i.test(
    wordOf(objectOf(addon['addon_service'])['name']),
  )
    ? 'data'
    : 'rest'

const tenants: readonly Tenant[] = [
  {
    name: 'heroku',
    host: 'api.heroku.com',
    headers: { accept: 'application/vnd.heroku+json; version=3' },
    who: '/account',
    pages: byRange,
    kinds: [
      { path: '/addons', type: 'addon', within: null, holds: addonHolds },
      { path: '/apps', type: 'app', within: null, holds: 'rest' },
    ],
    powers: [
      { operation: 'DELETE /apps/{id}', does: 'destroys', on: 'all' },
      { operation: 'POST /oauth/authorizations', does: 'mints', on: [] },
      { operation: 'GET /apps/{id}/config-vars', does: 'reads', on: 'all' },
    ],
    unsaid: ['its scope: the platform does not say it to the token'],
  },
  {
    name: 'render',
    host: 'api.render.com',
    headers: {},
    who: '/v1/users',
    pages: byLast('cursor', 'cursor', null),
    kinds: [
      render('postgres', 'postgres', 'postgres', 'data'),
      render('key value', 'keyValue', 'key-value', 'data'),
      render('disk', 'disk', 'disks', 'data'),
      render('service', 'service', 'services', 'rest'),
    ],
    powers: [
      { operation: 'DELETE /v1/postgres/{id}', does: 'destroys', on: 'all' },
      { operation: 'PUT /v1/services/{id}/env-vars', does: 'changes', on: 'all' },
      { operation: 'GET /v1/postgres/{id}/connection-info', does: 'reads', on: 'all' },
    ],
    unsaid: [],
  },
  {
    name: 'netlify',
    host: 'api.netlify.com',
    headers: {},
    who: '/api/v1/user',
    pages: byLink,
    kinds: [{ path: '/api/v1/sites?per_page=100', type: 'site', within: null, holds: 'rest' }],
    powers: [
      { operation: 'DELETE /sites/{site_id}', does: 'destroys', on: 'all' },
      { operation: 'GET /accounts/{id}/env', does: 'reads', on: 'all' },
    ],
    unsaid: ['what its sites keep (forms, blobs, databases): it is not listed with them'],
  },
]

/** What a person signed in with elsewhere, or a key of another kind, is not one of these. */
const isToken = (secret: Secret): boolean => !/^eyJ|\s/.test(secret.reveal())

export const tenantProviders: readonly Provider[] = tenants.map((tenant): Provider => {
  const { name, host, who, kinds, pages, powers, unsaid } = tenant
  return {
    name,
    hosts: ({ secret }) => (isToken(secret) ? [host] : null),
    asks: `who it is, and its ${kinds.map(({ type }) => `${type}s`).join(', ')}`,
    reach: async ({ secret }, ask): Promise<Reach> => {
      const rest = openRest(ask, host, { ...bearer(secret), ...tenant.headers })
      const own = await rest.get(who)
      if (own.status !== 200) return refusal(own, host)
      const { id, email } = objectOf(own.body)
      const things: Thing[] = []
      for (const { path, type, within, holds } of kinds)
        for (const row of await rest.list(path, null, pages)) {
          const one = within === null ? row : objectOf(row[within])
          things.push(thingOf(type, typeof holds === 'string' ? holds : holds(one), one))
        }
      return toldOf(accountOf(name, wordOf(id ?? email)), 'the whole account', {
        isBlanket: true,
        unknown: [...unsaid, ...rest.unknown],
        things,
        powers,
      })
    },
  }
})
