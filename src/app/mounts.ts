/** What answers at a path of its own on the gateway: MCP servers, our own, and what hooks ask. */
import type { Mount } from '../gateways/http/house.ts'
import { openMcpGateway } from '../gateways/mcp/gateway.ts'
import type { Firebreak } from './compose.ts'
import { askPath, savePath } from './hook-ask.ts'
import { hookMount } from './hook-asked.ts'
import { saveMount } from './push-mount.ts'
import { ownMount } from './mcp-own.ts'

/** MCP servers answer at their names. */
export function mountsOf(firebreak: Firebreak): ReadonlyMap<string, Mount> {
  const { mcps, guard, config } = firebreak
  const { bodyBytes } = config.limits
  const servers = [...mcps].map(
    ([name, open]) => [`/${name}`, openMcpGateway({ guard, ...open, bodyBytes })] as const,
  )
  const own = [
    ['/.firebreak/mcp', ownMount(firebreak)],
    [askPath, hookMount(firebreak)],
    [savePath, saveMount(firebreak)],
  ] as const
  return new Map([...own, ...servers])
}
