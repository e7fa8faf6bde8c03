/** The hosts that Firebreak sets itself up in, under the names that its hook has for them. */
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { copilot } from './copilot.ts'
import { cursor } from './cursor.ts'
import { gemini } from './gemini.ts'
import type { Host, McpServer, Place } from './host.ts'
import { kiro } from './kiro.ts'
import { opencode } from './opencode.ts'
import { windsurf } from './windsurf.ts'

export const hosts: readonly Host[] = [
  cursor,
  claudeCode,
  codex,
  gemini,
  copilot,
  opencode,
  windsurf,
  kiro,
]

/** All MCP servers of these hosts, each once: some read one another's files. */
export function serversOf(all: readonly Host[], place: Place): readonly McpServer[] {
  const found = all.flatMap((host) => host.servers(place))
  const key = ({ file, at }: McpServer): string => JSON.stringify([file, at])
  return [
    ...new Map(found.toReversed().map((server) => [key(server), server])).values(),
  ].toReversed()
}
