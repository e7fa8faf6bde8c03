/** The way to an MCP server by its entry in the config: its process, or its address. */
import { readFileSync } from 'node:fs'
import { FirebreakError } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'
import type { Redactor } from '../gateways/http/house.ts'
import { openUpstream } from '../gateways/http/upstream.ts'
import { httpWay } from '../gateways/mcp/http-way.ts'
import { stdioWay } from '../gateways/mcp/stdio-way.ts'
import type { Way } from '../gateways/mcp/target.ts'
import type { McpEntry } from './config-targets.ts'
import { environment } from './environment.ts'

interface Furnishing {
  readonly credential: () => Promise<Secret | null>
  readonly renew: (refused: Secret) => Promise<Secret | null>
  readonly redactor: (secret: Secret | null) => Redactor
  readonly shows: Parameters<typeof httpWay>[0]['shows']
}

const upstreamLimits = { connectMs: 10_000, headMs: 120_000, bodyMs: 600_000 } as const

export function openWay(name: string, entry: McpEntry, furnishing: Furnishing): Way {
  const { command, url, secret } = entry
  if (command !== undefined)
    return stdioWay({
      ...furnishing,
      limits: { processes: 64, each: 16, idleMs: 30 * 60_000 },
      start: (credential) => ({
        command,
        cwd: entry.cwd ?? null,
        env: { ...ordinary(), ...entry.env, ...variableOf(secret, credential) },
      }),
    })
  if (url === undefined)
    throw new FirebreakError(
      'bad_config',
      `\`targets.${name}\` has neither \`url\` nor \`command\``,
    )
  const { origin, pathname } = new URL(url)
  const header = (secret ?? 'authorization').toLowerCase()
  const at = {
    origin,
    basePath: pathname,
    credential: { name: header, prefix: header === 'authorization' ? 'Bearer ' : '' },
  }
  const ca = entry.ca === undefined ? null : readFileSync(entry.ca, 'utf8')
  return httpWay({
    ...furnishing,
    // Streams stay open for long, and each takes a connection.
    upstream: openUpstream(at, { ...upstreamLimits, connections: 512 }, ca),
    own: openUpstream(at, { ...upstreamLimits, connections: 16 }, ca),
    limits: { queueMs: 20_000, idleMs: 60_000 },
  })
}

/** INVARIANT (secret-stays): a server's process is given what every program needs, and nothing else of the daemon's. */
function ordinary(): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'XDG_CACHE_HOME']
  const found = names.map((each) => [each, environment(each)] as const)
  return Object.fromEntries(found.flatMap(([key, value]) => (value === null ? [] : [[key, value]])))
}

function variableOf(
  secret: string | undefined,
  credential: Secret | null,
): Readonly<Record<string, string>> {
  return secret === undefined || credential === null ? {} : { [secret]: credential.reveal() }
}
