/**
 * What a token of Turso's platform API can do: all that its owner may in each organization (https://docs.turso.tech/api-reference and
 * its OpenAPI description, turso.tech/openapi.json, November 2026). A database's point-in-time history goes with it.
 */
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Thing } from './reach.ts'
import { bearer, openRest, thingOf } from './rest.ts'

const host = 'api.turso.tech'

export const turso: Provider = {
  name: 'turso',
  hosts: () => [host],
  asks: 'its organizations and their databases',
  reach: async ({ secret }, ask) => {
    const rest = openRest(ask, host, bearer(secret))
    const first = await rest.get('/v1/organizations')
    if (first.status !== 200) return refusal(first, host)
    const slugs = (await rest.list('/v1/organizations', null)).map(({ slug }) => wordOf(slug))
    const things: Thing[] = []
    for (const slug of slugs.filter((each) => /^[\w-]{1,80}$/.test(each))) {
      const databases = await rest.list(`/v1/organizations/${slug}/databases`, 'databases')
      for (const { DbId, Name } of databases)
        things.push(thingOf('database', 'data', { id: DbId ?? null }, wordOf(Name)))
    }
    return toldOf(accountOf('turso', ...slugs), 'the whole account', {
      isBlanket: true,
      unknown: rest.unknown,
      things,
      powers: [
        {
          operation: 'DELETE /v1/organizations/{slug}/databases/{name}',
          does: 'destroys',
          on: 'all',
        },
        { operation: 'POST /v1/auth/api-tokens/{name}', does: 'mints', on: [] },
        { operation: 'POST …/auth/tokens', does: 'reads', on: 'all' },
      ],
    })
  },
}
