/** Stripe: what a key of it can lose is mostly money; what it can delete is told. */
import { objectOf } from '../../base/json.ts'
import { accountOf, refusal, toldOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Power } from './reach.ts'
import { bearer, familyOf, openRest } from './rest.ts'

/**
 * https://docs.stripe.com/keys: what a restricted key may is not told; a deleted customer cannot be brought back. Forms after
 * github.com/stripe/openapi (November 2026): `balance.livemode`, and `GET /v1/account` for the account that a key is of.
 */
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
    const [mode, name] = isLive ? ['live', 'of the live mode'] : ['test', 'of the test mode']
    const customers = familyOf('customers', isLive ? 'data' : 'rest', mode, name)
    const own = wordOf(objectOf((await rest.get('/v1/account')).body)['id'])
    return toldOf(
      accountOf('stripe', /^acct_\w{1,60}$/.test(own) ? own : ''),
      isLive ? 'the live mode' : 'the test mode',
      {
        isBlanket: !isRestricted,
        unknown: isRestricted
          ? ['its permissions: the platform does not tell those of a restricted key']
          : [],
        things: [customers],
        powers: isRestricted ? [] : charges,
      },
    )
  },
}

const charges: readonly Power[] = [
  { operation: 'DELETE /v1/customers/{id}', does: 'destroys', on: 'all' },
  { operation: 'POST /v1/refunds', does: 'changes', on: [] },
  { operation: 'POST /v1/payouts', does: 'changes', on: [] },
  { operation: 'GET /v1/customers', does: 'reads', on: 'all' },
]
