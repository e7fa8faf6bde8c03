/** What the doctor looks at where agents work: hooks and MCP servers as their hosts would use them, and credentials that still lie about. */
import { plain } from '../../base/plain.ts'
import type { Finding } from '../../core/verdict.ts'
import type { Config } from '../config.ts'
import { hookFindings } from '../hosts/canary.ts'
import { fire } from '../hosts/fire.ts'
import { serversOf } from '../hosts/known.ts'
import { mcpFindings } from '../hosts/mcp-canary.ts'
import { agentEnv } from './agent-env.ts'
import type { Place } from '../hosts/host.ts'
import { shownPath } from './seen.ts'
import type { Seen } from './seen.ts'

/** Fires a harmless canary through each; nothing that it says is run. `seen`: the checkout, as it was looked at. */
export async function checkUp(
  config: Config,
  place: Place,
  { found, hosts }: Seen,
): Promise<readonly Finding[]> {
  const raw = found
    .filter(({ low }) => !low)
    .map(({ at, rule, name, masked }) => ({
      rule: 'raw-credential',
      message: plain(
        `${shownPath(place, at.file)}:${at.line}: ${rule}${name === null ? '' : ` (${name})`}, ${masked}: an agent here can read it, and go past Firebreak with it`,
      ),
    }))
  const { removed, led } = agentEnv(place.env, config, '')
  const loose = [...led, ...removed]
  return [
    ...raw,
    ...(loose.length === 0
      ? []
      : [
          {
            rule: 'raw-environment',
            message: `this shell holds ${loose.join(', ')}: start agents by \`firebreak run -- AGENT\`, which keeps them from it`,
          },
        ]),
    ...(await hookFindings(hosts, place, { node: process.execPath, fire })),
    ...(await mcpFindings(serversOf(hosts, place), place)),
  ]
}
