/**
 * What a token of an npm registry can do: whose it is and which packages that account may write. It is asked at the registry that its
 * own line in `.npmrc` names (`//HOST/:_authToken=…`), so only where it stands in one; by the paths of npm's own client (11.19.1:
 * `whoami`, `access list packages`). What one token of the account may is told to no read: tokens are listed without saying which is this.
 */
import { objectOf, textOf } from '../../base/json.ts'
import { accountOf, mostThings, refusal, toldOf, troubleOf } from './provider.ts'
import type { Credential, Provider } from './provider.ts'
import { silent } from './reach.ts'
import type { Reach, Thing } from './reach.ts'
import { bearer, openRest, thingOf } from './rest.ts'
import type { Rest } from './rest.ts'

interface Registry {
  readonly host: string
  readonly prefix: string
}

export const npm: Provider = {
  name: 'npm',
  hosts: (credential) => {
    const registry = registryOf(credential)
    return registry === null ? null : [registry.host]
  },
  asks: 'whose it is, and which packages that account may write',
  reach: async (credential, ask): Promise<Reach> => {
    const registry = registryOf(credential)
    if (registry === null) return silent('its line names no registry')
    const { host, prefix } = registry
    const rest = openRest(ask, host, bearer(credential.secret))
    const own = await rest.get(`${prefix}/-/whoami`)
    if (own.status !== 200) return refusal(own, host)
    const user = textOf(objectOf(own.body)['username'])
    if (!/^[\w.~-]{1,214}$/.test(user)) return silent(troubleOf(own, host))
    const things = await packagesOf(rest, `${prefix}/-/user/${user}/package`)
    return toldOf(accountOf('npm', `${host}${prefix}`, user), `user ${user} at ${host}`, {
      unknown: [
        'which of these packages it may write itself: the registry does not say',
        ...rest.unknown,
      ],
      things,
      powers: [
        {
          operation: 'publish what others install',
          does: 'changes',
          on: things.map(({ id }) => id),
        },
        { operation: 'read private packages', does: 'reads', on: 'all' },
      ],
    })
  },
}

/** `//HOST/PATH/:_authToken=…`: the line's own word, and no other file's. */
function registryOf({ within = null }: Credential): Registry | null {
  const line = /^\/\/(?<host>[a-z0-9.-]{1,253}(?::\d{1,5})?)(?<path>\/[\w./-]{0,200})?:_authToken/i
  const groups = within === null ? null : (line.exec(within.reveal())?.groups ?? null)
  if (groups === null || groups['path']?.includes('..') === true) return null
  const host = (groups['host'] ?? '').toLowerCase()
  return { host, prefix: (groups['path'] ?? '').replace(/\/+$/, '') }
}

/** Packages by name, each with `write` or `read`. */
async function packagesOf(rest: Rest, path: string): Promise<readonly Thing[]> {
  const heard = await rest.get(path)
  if (heard.status !== 200) {
    rest.unknown.push(`its packages: ${troubleOf(heard, rest.host)}`)
    return []
  }
  const written = Object.entries(objectOf(heard.body)).filter(([, right]) => right === 'write')
  if (written.length > mostThings) rest.unknown.push(`${written.length - mostThings} more packages`)
  return written
    .slice(0, mostThings)
    .map(([name]) => thingOf('package', 'rest', { id: `${rest.host}/${name}` }, name))
}
