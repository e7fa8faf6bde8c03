/** MCP servers with a credential in their entry: started by Firebreak from then on, which keeps it. */
import { Secret } from '../../base/secret.ts'
import { findIn } from '../../scan/find.ts'
import type { McpServer } from '../hosts/host.ts'
import type { Targets } from './targets.ts'

export type McpServed =
  | { readonly kind: 'through'; readonly target: string }
  /** It has none, or one that is dealt with where it stands. */
  | { readonly kind: 'bare' }
  | { readonly kind: 'stays'; readonly why: string; readonly todo: string }

/** Values that name a secret by what they are called. */
const secretName =
  /(^|[_-])(token|secret|password|passwd|pat|api_?key|access_?key|private_?key|auth(orization)?|key)$/i

/** `handled`: texts of credentials that a gateway serves where they stand. `cwd`: where agents start their servers, as the config says it. */
export function serveMcp(
  server: McpServer,
  targets: Targets,
  { handled, cwd }: { readonly handled: ReadonlySet<string>; readonly cwd: string },
): McpServed {
  const words = server.kind === 'command' ? server.command : [server.url ?? '']
  const isHandled = (text: string): boolean => [...handled].some((secret) => text.includes(secret))
  if (words.some((word) => !isHandled(word) && holds('argument', word)))
    return {
      kind: 'stays',
      why: 'its credential stands on its command line or in its URL, where Firebreak cannot put it',
      todo: 'give it in a variable or a header, then run this again',
    }
  const given = Object.entries(server.kind === 'command' ? server.env : server.headers)
  const secrets = given.filter(([name, value]) => !isHandled(value) && isSecret(name, value))
  const [first, ...more] = secrets
  if (first === undefined) return { kind: 'bare' }
  if (more.length > 0)
    return {
      kind: 'stays',
      why: `it has ${secrets.length} credentials (${secrets.map(([name]) => name).join(', ')}), and a target keeps one`,
      todo: 'put all but one away, or start it as a user that agents are not',
    }
  const [name, value] = first
  const bare = Object.fromEntries(given.filter(([other]) => other !== name))
  const target = targets.of(`mcp ${server.name} ${words.join(' ')} ${value}`, () => ({
    like: server.name,
    entry:
      server.kind === 'command'
        ? {
            platform: 'mcp',
            command: [...server.command],
            cwd,
            ...(Object.keys(bare).length === 0 ? {} : { env: bare }),
            secret: name,
          }
        : { platform: 'mcp', url: server.url, secret: name.toLowerCase() },
    secret: new Secret(value),
  }))
  return { kind: 'through', target }
}

function isSecret(name: string, value: string): boolean {
  // What the host takes out of its own environment is not here.
  if (/^\s*\$\{?[\w:]+\}?\s*$|^$/.test(value)) return false
  return secretName.test(name) || holds(name, value)
}

function holds(name: string, value: string): boolean {
  return findIn(`${name}=${value}\n`, '.env').some(({ low }) => !low)
}
