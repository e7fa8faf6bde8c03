/**
 * What a GitHub token can do: a classic one tells its scopes in a header (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps).
 * Paths and forms after GitHub's own OpenAPI description, as `@octokit/openapi-types` 29.0.1 has it (November 2026). A fine-grained
 * token's permissions are told to no read: `X-Accepted-GitHub-Permissions` says what a path takes, not what the token has.
 */
import { objectOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { byLink } from './pages.ts'
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Power } from './reach.ts'
import { bearer, openRest, thingOf } from './rest.ts'

const host = 'api.github.com'

export const github: Provider = {
  name: 'github',
  // A refresh token (`ghr_`) opens nothing by itself, and asking for its successor would use it up.
  hosts: ({ secret }) => (secret.reveal().startsWith('ghr_') ? null : [host]),
  asks: 'who it is, its scopes, its repositories',
  reach: async ({ secret }, ask) => {
    const rest = openRest(ask, host, { ...bearer(secret), accept: 'application/vnd.github+json' })
    const isApp = secret.reveal().startsWith('ghs_')
    const heard = await rest.get(isApp ? '/installation/repositories?per_page=100' : '/user')
    if (heard.status !== 200) return refusal(heard, host)
    const said = heard.headers['x-oauth-scopes']
    const scopes = said === undefined ? null : said.split(/,\s*/).filter((scope) => scope !== '')
    if (scopes === null)
      rest.unknown.push('its permissions: GitHub tells them of classic tokens alone')
    const repositories = isApp
      ? await rest.list('/installation/repositories?per_page=100', 'repositories', byLink)
      : await rest.list('/user/repos?per_page=100', null, byLink)
    const login = wordOf(objectOf(heard.body)['login'])
    const account = accountOf('github', wordOf(objectOf(heard.body)['id']))
    return toldOf(account, isApp ? 'an installed app' : `user ${login}`, {
      isBlanket: ['repo', 'delete_repo', 'admin:org'].every((scope) => scopes?.includes(scope)),
      unknown: rest.unknown,
      things: repositories.map((one) =>
        thingOf('repository', 'data', one, wordOf(one['full_name'])),
      ),
      powers: powersOf(scopes ?? [], repositories),
    })
  },
}

function powersOf(scopes: readonly string[], all: readonly JsonObject[]): readonly Power[] {
  const where = (right: 'admin' | 'push'): readonly string[] =>
    all
      .filter(({ permissions }) => objectOf(permissions)[right] === true)
      .map(({ id }) => `repository/${wordOf(id)}`)
  const [ids, pushed] = [where('admin'), where('push')]
  const open = all
    .filter((one) => one['private'] === false)
    .map(({ id }) => `repository/${wordOf(id)}`)
  const powers: readonly (readonly [string, Power])[] = [
    ['delete_repo', { operation: 'delete a repository', does: 'destroys', on: ids }],
    ['admin:org', { operation: 'delete an organization', does: 'destroys', on: ids }],
    ['delete:packages', { operation: 'delete packages', does: 'changes', on: [] }],
    ['repo', { operation: 'push, also by force', does: 'changes', on: pushed }],
    [
      'public_repo',
      {
        operation: 'push to what is public, also by force',
        does: 'changes',
        on: pushed.filter((id) => open.includes(id)),
      },
    ],
    ['workflow', { operation: 'change what builds run', does: 'changes', on: pushed }],
    ['repo', { operation: 'add deploy keys', does: 'mints', on: [] }],
    ['admin:public_key', { operation: 'add SSH keys', does: 'mints', on: [] }],
    ['write:public_key', { operation: 'add SSH keys', does: 'mints', on: [] }],
    ['repo', { operation: 'read private code', does: 'reads', on: 'all' }],
  ]
  const read: Power = { operation: 'read what is public', does: 'reads', on: [] }
  return [...powers.flatMap(([scope, power]) => (scopes.includes(scope) ? [power] : [])), read]
}
