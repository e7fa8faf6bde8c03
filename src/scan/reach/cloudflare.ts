/**
 * What a Cloudflare token can do: it is verified, and its policies read where it may read them. After the platform's own SDK 7.3.0 and
 * https://developers.cloudflare.com/api (read in November 2026): a user's token by `/user/tokens/verify`, an account's own by
 * `/accounts/{account_id}/tokens/verify`.
 */
import { objectOf, textOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Heard } from './ask.ts'
import { accountOf, objectsOf, refusal, toldOf, troubleOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import { silent } from './reach.ts'
import type { Power, Thing } from './reach.ts'
import { byNumber } from './pages.ts'
import { bearer, familyOf, openRest, thingOf } from './rest.ts'
import type { Rest } from './rest.ts'

const host = 'api.cloudflare.com'
const base = '/client/v4'

export const cloudflare: Provider = {
  name: 'cloudflare',
  // A global key goes with its owner's address, which is not known; keys of tunnels and origins open no API.
  hosts: ({ rule, secret }) =>
    rule === 'cloudflare-token' && !/^(?:cfk_|[0-9a-f]{37}$)/.test(secret.reveal()) ? [host] : null,
  asks: 'whether it is active, its policies, its zones',
  reach: async ({ secret }, ask) => {
    const rest = openRest(ask, host, bearer(secret))
    const isAccount = secret.reveal().startsWith('cfat_')
    const owners = isAccount ? await ownersOf(rest) : ['/user']
    const { heard, owner } = await verified(rest, owners)
    if (heard === null) return silent(rest.unknown[0] ?? `${host} names no account of it`)
    if (heard.status !== 200) return refusal(heard, host)
    const { id, status } = objectOf(objectOf(heard.body)['result'])
    if (typeof status === 'string' && status !== 'active')
      return { kind: 'dead', why: `${host} says that it is ${status}` }
    const policies = await policiesOf(rest, `${base}${owner}/tokens/${wordOf(id)}`)
    const groups = [...new Set(policies.flatMap(namesIn))]
    const zones = await rest.list(`${base}/zones?per_page=50`, 'result', zonePages)
    const stores = storesOf(groups)
    const accounts = isAccount ? [owner.replace('/accounts/', '')] : policies.flatMap(accountsIn)
    // Of a user's token that does not name its accounts nobody says where its stores are.
    return toldOf(accountOf('cloudflare', ...accounts), isAccount ? 'an account' : 'a user', {
      isBlanket: groups.length > 40,
      unknown: rest.unknown,
      things: [...zones.map((zone) => thingOf('zone', 'rest', zone)), ...stores],
      powers: powersOf(groups, stores, zones),
    })
  },
}

const zonePages = byNumber('result_info', 'total_pages')

/** The accounts that an account's own token sees; it is one's own, and mostly the only one. */
async function ownersOf(rest: Rest): Promise<readonly string[]> {
  const accounts = await rest.list(`${base}/accounts?per_page=50`, 'result', zonePages)
  return accounts
    .map(({ id }) => wordOf(id))
    .filter((id) => /^[0-9a-f]{32}$/.test(id))
    .slice(0, 5)
    .map((id) => `/accounts/${id}`)
}

/** The first owner that knows it; where none does, what the last one said. */
async function verified(
  rest: Rest,
  owners: readonly string[],
): Promise<{ readonly heard: Heard | null; readonly owner: string }> {
  let last: { heard: Heard | null; owner: string } = { heard: null, owner: '' }
  for (const owner of owners) {
    last = { heard: await rest.get(`${base}${owner}/tokens/verify`), owner }
    if (last.heard?.status === 200) return last
  }
  // The list itself was refused: that says what became of the token.
  if (last.heard === null) {
    const heard = await rest.get(`${base}/accounts?per_page=50`)
    return heard.status === 200 ? last : { heard, owner: '' }
  }
  return last
}

/** What a token allows; it is told to who may read tokens. */
async function policiesOf(rest: Rest, path: string): Promise<readonly JsonObject[]> {
  if (!/\/[0-9a-f]{32}$/.test(path)) {
    rest.unknown.push('its policies: it has no id')
    return []
  }
  const heard = await rest.get(path)
  if (heard.status !== 200) {
    rest.unknown.push(`its policies: ${troubleOf(heard, host)}`)
    return []
  }
  const policies = objectsOf(objectOf(objectOf(heard.body)['result'])['policies'])
  return policies.filter(({ effect }) => effect === 'allow')
}

const namesIn = (policy: JsonObject): readonly string[] =>
  objectsOf(policy['permission_groups']).map(({ name }) => textOf(name))

/** `com.cloudflare.api.account.ID` among the resources that a policy is for. */
const accountsIn = (policy: JsonObject): readonly string[] =>
  Object.keys(objectOf(policy['resources'])).flatMap((name) => {
    const id = /^com\.cloudflare\.api\.account\.([0-9a-f]{32})$/.exec(name)?.[1]
    return id === undefined ? [] : [id]
  })

const isWrite = (group: string): boolean => /\b(?:Write|Edit|Admin)\b/.test(group)
const keeps = /R2|D1|KV Storage|Queues|Durable|Vectorize|Hyperdrive|Stream|Images/

/** What keeps data is known by the right to it alone. */
function storesOf(groups: readonly string[]): readonly Thing[] {
  return groups
    .filter((group) => isWrite(group) && keeps.test(group))
    .map((group) => familyOf('store', 'data', group, group.replace(/ (?:Write|Edit)$/, '')))
}

function powersOf(
  groups: readonly string[],
  stores: readonly Thing[],
  zones: readonly JsonObject[],
): readonly Power[] {
  const ids = zones.map(({ id }) => `zone/${wordOf(id)}`)
  return groups.map((group): Power => {
    if (/API Tokens/.test(group) && isWrite(group))
      return { operation: group, does: 'mints', on: [] }
    const store = stores.find(({ id }) => id === `store/${group}`)
    if (store !== undefined) return { operation: group, does: 'destroys', on: [store.id] }
    return isWrite(group)
      ? { operation: group, does: 'changes', on: ids }
      : { operation: group, does: 'reads', on: ids }
  })
}
