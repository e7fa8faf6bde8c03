/** What a Cloudflare token can do: it is verified, and its policies read where it may read them (https://developers.cloudflare.com/api). */
import { objectOf, textOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { accountOf, objectsOf, refusal, toldOf, troubleOf, wordOf } from './provider.ts'
import type { Provider } from './provider.ts'
import type { Power, Thing } from './reach.ts'
import { bearer, openRest, thingOf } from './rest.ts'
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
    const owner = isAccount ? await ownerOf(rest) : '/user'
    const heard = await rest.get(`${base}${owner}/tokens/verify`)
    if (heard.status !== 200) return refusal(heard, host)
    const { id, status } = objectOf(objectOf(heard.body)['result'])
    if (typeof status === 'string' && status !== 'active')
      return { kind: 'dead', why: `${host} says that it is ${status}` }
    const groups = await groupsOf(rest, `${base}${owner}/tokens/${wordOf(id)}`)
    const zones = await rest.list(`${base}/zones?per_page=50`, 'result')
    const stores = storesOf(groups)
    // Of a user's token nobody says which accounts its stores are in.
    const account = accountOf('cloudflare', owner.replace(/^\/(?:user|accounts\/)/, ''))
    return toldOf(account, isAccount ? 'an account' : 'a user', {
      isBlanket: groups.length > 40,
      unknown: rest.unknown,
      things: [...zones.map((zone) => thingOf('zone', 'rest', zone)), ...stores],
      powers: powersOf(groups, stores, zones),
    })
  },
}

async function ownerOf(rest: Rest): Promise<string> {
  const [account] = await rest.list(`${base}/accounts?per_page=5`, 'result')
  const id = wordOf(account?.['id'])
  return /^[0-9a-f]{32}$/.test(id) ? `/accounts/${id}` : '/user'
}

/** Names of permission groups that are allowed; those of a token are told to who may read tokens. */
async function groupsOf(rest: Rest, path: string): Promise<readonly string[]> {
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
  return policies
    .filter(({ effect }) => effect === 'allow')
    .flatMap((policy) => objectsOf(policy['permission_groups']).map(({ name }) => textOf(name)))
}

const isWrite = (group: string): boolean => /\b(?:Write|Edit|Admin)\b/.test(group)
const keeps = /R2|D1|KV Storage|Queues|Durable|Vectorize|Hyperdrive|Stream|Images/

/** What keeps data is known by the right to it alone. */
function storesOf(groups: readonly string[]): readonly Thing[] {
  return groups
    .filter((group) => isWrite(group) && keeps.test(group))
    .map((group) =>
      thingOf('store', 'data', { id: group, name: group.replace(/ (?:Write|Edit)$/, '') }),
    )
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
