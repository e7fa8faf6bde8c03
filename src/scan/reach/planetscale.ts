/**
 * What a PlanetScale login can do: it tells its own scopes (https://planetscale.com/docs/api/reference/oauth/token-info), and lists
 * organizations and databases (…/list_organizations, …/list_databases; November 2026). A service token goes with an id that is no secret
 * and stands elsewhere: it is not asked about. With a database its branches and their backups go.
 */
import { objectOf, textOf } from '../../base/json.ts'
import { byWord } from './pages.ts'
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Power, Thing } from './reach.ts'
import { bearer, openRest, thingOf } from './rest.ts'

const door = 'auth.planetscale.com'
const host = 'api.planetscale.com'
const pages = byWord('page', 'next_page')

export const planetscale: Provider = {
  name: 'planetscale',
  hosts: ({ rule, secret }) =>
    rule === 'planetscale-cli' || secret.reveal().startsWith('pscale_oauth_') ? [door, host] : null,
  asks: 'its scopes, organizations and their databases',
  reach: async ({ secret }, ask) => {
    const own = openRest(ask, door, bearer(secret))
    const info = await own.get('/oauth/token/info')
    if (info.status !== 200) return refusal(info, door)
    const { active, scope, sub } = objectOf(info.body)
    if (active === false) return { kind: 'dead', why: `${door} says that it is not active` }
    const scopes = textOf(scope)
      .split(/\s+/)
      .filter((word) => word !== '')
    if (scopes.length === 0) own.unknown.push('its scopes: the platform named none')
    const rest = openRest(ask, host, bearer(secret))
    const organizations = await rest.list('/v1/organizations?per_page=100', 'data', pages)
    const things: Thing[] = []
    for (const name of organizations.map((one) => wordOf(one['name'])).filter(isName)) {
      const path = `/v1/organizations/${name}/databases?per_page=100`
      for (const one of await rest.list(path, 'data', pages))
        things.push(thingOf('database', 'data', one, `${name}/${wordOf(one['name'])}`))
    }
    return toldOf(accountOf('planetscale', wordOf(sub)), 'a person', {
      unknown: [...own.unknown, ...rest.unknown],
      things,
      powers: scopes.map(powerOf),
    })
  },
}

/** The form of an organization's name: no other is put into a path. */
const isName = (name: string): boolean => /^[\w-]{1,100}$/.test(name)

/** A scope begins with what it lets do. A database goes by its own scope; so does what is in a branch. */
function powerOf(scope: string): Power {
  if (/^delete_\w*(?:database|branch)/.test(scope))
    return { operation: scope, does: 'destroys', on: 'all' }
  if (/password|service_token/.test(scope) && !/^(?:read|delete)_/.test(scope))
    return { operation: scope, does: 'mints', on: [] }
  return scope.startsWith('read_')
    ? { operation: scope, does: 'reads', on: 'all' }
    : { operation: scope, does: 'changes', on: 'all' }
}
