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

interface House {
  /** Texts of credentials that a gateway serves where they stand. */
  readonly handled: ReadonlySet<string>
  /** Where agents start their servers, as the config says it. */
  readonly cwd: string
  /** Those without a credential too. */
  readonly all: boolean
}

export function serveMcp(
  server: McpServer,
  targets: Targets,
  { handled, cwd, all }: House,
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
  if (first === undefined && !all) return { kind: 'bare' }
  // As it stands in the config, which holds no secret: a database's password would be in it, or the server's own.
  const bare = [...words, ...given.flatMap((each) => (secrets.includes(each) ? [] : [each[1]]))]
  if (bare.some((text) => isHandled(text) || (first !== undefined && text.includes(first[1]))))
    return {
      kind: 'stays',
      why: 'a credential stands in more than one place of its entry, and the config may hold none',
      todo: 'name it once, in a variable or a header, then run this again',
    }
  if (more.length > 0)
    return {
      kind: 'stays',
      why: `it has ${secrets.length} credentials (${secrets.map(([name]) => name).join(', ')}), and a target keeps one`,
      todo: 'put all but one away, or start it as a user that agents are not',
    }
  const target = targets.of(`mcp ${server.name} ${words.join(' ')} ${first?.[1] ?? ''}`, () => ({
    like: server.name,
    entry: entryOf(server, first?.[0] ?? null, cwd),
    secret: first === undefined ? null : new Secret(first[1]),
  }))
  return { kind: 'through', target }
}

/** As the config has it; `secret`: where its credential goes. */
function entryOf(
  { kind, command, env, url }: McpServer,
  secret: string | null,
  cwd: string,
): object {
  if (kind === 'url')
    return { platform: 'mcp', url, ...(secret === null ? {} : { secret: secret.toLowerCase() }) }
  const bare = Object.fromEntries(Object.entries(env).filter(([name]) => name !== secret))
  return {
    platform: 'mcp',
    command: [...command],
    cwd,
    ...(Object.keys(bare).length === 0 ? {} : { env: bare }),
    ...(secret === null ? {} : { secret }),
  }
}

function isSecret(name: string, value: string): boolean {
  // What the host takes out of its own environment is not here.
  if (/^\s*\$\{?[\w:]+\}?\s*$|^$/.test(value)) return false
  return secretName.test(name) || holds(name, value)
}

function holds(name: string, value: string): boolean {
  return findIn(`${name}=${value}\n`, '.env').some(({ low }) => !low)
}
