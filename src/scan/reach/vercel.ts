/**
 * What a Vercel token can do (https://vercel.com/docs/rest-api; the platform's own `@vercel/sdk` 1.28.35, November 2026). What is
 * deployed comes back from code; stores are listed to no token. `/v5/user/tokens/current` tells a token's own scopes.
 */
import { objectOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Ask } from './ask.ts'
import { byWord } from './pages.ts'
import { accountOf, objectsOf, refusal, toldOf, troubleOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Power } from './reach.ts'
import { bearer, openRest, thingOf } from './rest.ts'
import type { Rest } from './rest.ts'

const host = 'api.vercel.com'

export const vercel: Provider = {
  name: 'vercel',
  hosts: () => [host],
  asks: 'who it is, its scopes, teams and projects',
  reach: async ({ secret }, ask: Ask) => {
    const rest = openRest(ask, host, bearer(secret))
    const user = await rest.get('/v2/user')
    if (user.status === 401) return refusal(user, host)
    const { id, username } = objectOf(objectOf(user.body)['user'])
    const { teams, isUser } = await scopesOf(rest)
    // A token of one team may not ask who its maker is.
    if (user.status !== 200 && teams.length === 0) return refusal(user, host)
    const things: JsonObject[] = isUser ? [...(await projectsOf(rest, ''))] : []
    for (const team of teams) things.push(...(await projectsOf(rest, `&teamId=${team}`)))
    const who = isUser ? `user ${wordOf(username)}` : `team ${teams.join(', ')}`
    return toldOf(isUser ? accountOf('vercel', wordOf(id)) : accountOf('vercel', ...teams), who, {
      isBlanket: isUser,
      unknown: ['its stores: the platform does not list them to a token', ...rest.unknown],
      things: things.map((each) => thingOf('project', 'rest', each)),
      powers,
    })
  },
}

const powers: readonly Power[] = [
  { operation: 'DELETE /v9/projects/{id}', does: 'destroys', on: 'all' },
  { operation: 'POST /v3/user/tokens', does: 'mints', on: [] },
  { operation: 'GET /v9/projects/{id}/env', does: 'reads', on: 'all' },
]

/** One of a user is for all the teams that the user is in. */
async function scopesOf(
  rest: Rest,
): Promise<{ readonly teams: readonly string[]; readonly isUser: boolean }> {
  const heard = await rest.get('/v5/user/tokens/current')
  const scopes = objectsOf(objectOf(objectOf(heard.body)['token'])['scopes'])
  const isSaid = heard.status === 200 && scopes.length > 0
  if (!isSaid) rest.unknown.push(`its scopes: ${troubleOf(heard, host)}`)
  const isUser = !isSaid || scopes.some(({ type }) => type === 'user')
  const named = scopes.map((scope) => wordOf(scope['teamId']))
  const all = isUser
    ? (await rest.list('/v2/teams?limit=100', 'teams', next('until'))).map(({ id }) => wordOf(id))
    : []
  const teams = [...new Set([...named, ...all])].filter((id) => /^[\w-]{1,60}$/.test(id))
  return { teams, isUser }
}

const next = (name: string): ReturnType<typeof byWord> => byWord(name, 'pagination', 'next')

const projectsOf = async (rest: Rest, query: string): Promise<readonly JsonObject[]> =>
  await rest.list(`/v10/projects?limit=100${query}`, 'projects', next('from'))
