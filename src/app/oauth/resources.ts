/** The MCP servers behind this daemon as protected resources (RFC 9728): the one name of each, and what is said of it to whoever has no grant. */
import type { JsonObject } from '../../base/json.ts'
import type { ProtectedResources } from '../../gateways/http/resource.ts'
import { addressOf } from '../address.ts'
import type { Config } from '../config.ts'
import { siteOf } from '../site.ts'

export function resourcesOf(config: Config): ProtectedResources {
  return {
    describe: (name, { host, port }) => {
      if (!isServer(config, name)) return null
      const base = isOwn(config, host, port) ? host : `${addressOf(config.listen).host}:${port}`
      const facts: JsonObject = {
        resource: `http://${base}/${name}`,
        resource_name: `${name} behind Firebreak`,
        bearer_methods_supported: ['header'],
      }
      // Without a console nobody could sign in a browser: a person mints at a terminal.
      return config.console === undefined
        ? facts
        : { ...facts, authorization_servers: [siteOf(config).origin] }
    },
  }
}

/**
 * The target that a `resource` (RFC 8707) names; null for any other place.
 * INVARIANT (one audience): a server elsewhere that names our console as its own gets no grant of ours by it.
 */
export function resourceNamed(config: Config, resource: string, port: number): string | null {
  if (!URL.canParse(resource)) return null
  const { protocol, host, pathname, search, hash, username, password } = new URL(resource)
  const name = pathname.slice(1)
  const isBare = search === '' && hash === '' && username === '' && password === ''
  if (protocol !== 'http:' || !isBare || !isOwn(config, host, port)) return null
  return isServer(config, name) ? name : null
}

function isServer({ targets }: Config, name: string): boolean {
  return Object.hasOwn(targets, name) && targets[name]?.platform === 'mcp'
}

/** The names that lead to where it listens, and are nobody else's. */
function isOwn({ listen }: Config, host: string, port: number): boolean {
  const { host: named } = addressOf(listen)
  const names = isHere(named) ? [named, 'localhost', '127.0.0.1'] : [named]
  return names.some((name) => host === `${name}:${port}`)
}

function isHere(host: string): boolean {
  return ['localhost', '127.0.0.1', '0.0.0.0'].includes(host)
}
