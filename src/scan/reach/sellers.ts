/** Services: payments and models. What a key of one can lose is mostly money; what it can delete is told. */
import { objectOf } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import { refusal, toldOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Power } from './reach.ts'
import { bearer, openRest, thingOf } from './rest.ts'

/** https://docs.stripe.com/keys: what a restricted key may is not told; a deleted customer cannot be brought back. */
export const stripe: Provider = {
  name: 'stripe',
  hosts: ({ rule }) =>
    /^stripe-(?:test-)?key$|^stripe-cli$/.test(rule) ? ['api.stripe.com'] : null,
  asks: 'whether it is of the live mode, by its balance',
  reach: async ({ secret }, ask) => {
    const rest = openRest(ask, 'api.stripe.com', bearer(secret))
    const isRestricted = secret.reveal().startsWith('rk_')
    const heard = await rest.get('/v1/balance')
    const isMissing = isRestricted && heard.status === 403
    if (heard.status !== 200 && !isMissing) return refusal(heard, rest.host)
    const said = objectOf(heard.body)['livemode']
    const isLive = typeof said === 'boolean' ? said : !/_test_/.test(secret.reveal())
    const customers = thingOf('customers', isLive ? 'data' : 'rest', {
      id: isLive ? 'live' : 'test',
      name: isLive ? 'of the live mode' : 'of the test mode',
    })
    return toldOf(null, isLive ? 'the live mode' : 'the test mode', {
      isBlanket: !isRestricted,
      unknown: isRestricted
        ? ['its permissions: the platform does not tell those of a restricted key']
        : [],
      things: [customers],
      powers: isRestricted ? [] : charges,
    })
  },
}

const charges: readonly Power[] = [
  { operation: 'DELETE /v1/customers/{id}', does: 'destroys', on: 'all' },
  { operation: 'POST /v1/refunds', does: 'changes', on: [] },
  { operation: 'POST /v1/payouts', does: 'changes', on: [] },
  { operation: 'GET /v1/customers', does: 'reads', on: 'all' },
]

interface Models {
  readonly name: string
  readonly host: string
  readonly path: string
  readonly headers: (secret: Secret) => Readonly<Record<string, string>>
  /** Lists what people have put there, which the same key can delete. */
  readonly files: string | null
}

/** Each by its own reference: what lists models says whether a key is alive; files are deleted by the key that lists them. */
const models: readonly Models[] = [
  {
    name: 'openai',
    host: 'api.openai.com',
    path: '/v1/models',
    headers: bearer,
    files: '/v1/files?limit=500',
  },
  {
    name: 'anthropic',
    host: 'api.anthropic.com',
    path: '/v1/models',
    headers: (secret) => ({ 'x-api-key': secret.reveal(), 'anthropic-version': '2023-06-01' }),
    files: null,
  },
  {
    name: 'openrouter',
    host: 'openrouter.ai',
    path: '/api/v1/key',
    headers: bearer,
    files: null,
  },
  { name: 'groq', host: 'api.groq.com', path: '/openai/v1/models', headers: bearer, files: null },
  { name: 'xai', host: 'api.x.ai', path: '/v1/api-key', headers: bearer, files: null },
]

/** A key of an organization (`sk-admin-`), and what a person signed in with, are of another kind: they are not asked about. */
const isPlain = (secret: Secret): boolean =>
  !/^sk-admin-|^sk-ant-(?!api)|^eyJ/.test(secret.reveal())

export const sellers: readonly Provider[] = models.map(
  ({ name, host, path, headers, files }): Provider => ({
    name,
    hosts: ({ secret }) => (isPlain(secret) ? [host] : null),
    asks: files === null ? 'whether it is alive' : 'whether it is alive, and the files kept there',
    reach: async ({ secret }, ask) => {
      const rest = openRest(ask, host, headers(secret))
      const heard = await rest.get(path)
      if (heard.status !== 200) return refusal(heard, host)
      const kept = files === null ? [] : await rest.list(files, 'data')
      const things = kept.map((file) => thingOf('file', 'data', file, wordOf(file['filename'])))
      const deletes: Power = { operation: 'DELETE a file', does: 'destroys', on: 'all' }
      return toldOf(null, 'one project', {
        unknown: rest.unknown,
        things,
        powers: [
          ...(things.length === 0 ? [] : [deletes]),
          { operation: 'spend money', does: 'changes', on: [] },
          { operation: 'GET', does: 'reads', on: 'all' },
        ],
      })
    },
  }),
)
