/** The one header that a target's credential goes out in. */
import { FirebreakError } from '../base/error.ts'
import { platformNamed } from '../platforms/known.ts'
import type { CredentialHeader } from '../platforms/platform.ts'
import type { HttpEntry, McpEntry, TargetEntry } from './config-targets.ts'

/** By the target's `header:`, else the platform's usual one. Throws `bad_config` for a platform that is not known or takes none in that header. */
export function headerOf(entry: HttpEntry): CredentialHeader {
  const { platform: name, header } = entry
  const headers = platformNamed(name)?.headers ?? []
  const found = headers.find((each) => header === undefined || each.name === header)
  if (found !== undefined) return found
  throw new FirebreakError(
    'bad_config',
    `\`${name}\` takes no credential in \`${header ?? 'any header'}\``,
    `write one of: ${headers.map((each) => each.name).join(', ')}`,
  )
}

/** Where a target's credential goes, and how, for a person who is about to hand it over. */
export function goesOut(entry: TargetEntry): string {
  if (entry.platform === 'mcp') {
    const to = entry.url ?? `the process \`${entry.command?.join(' ') ?? ''}\``
    return entry.secret === undefined
      ? `${to}, which takes no credential`
      : `${to} alone, as \`${entry.secret}\``
  }
  if (entry.platform === 'shell') return 'hooks on this machine, which take no credential'
  const how = entry.platform === 'postgres' ? 'as the password' : `in \`${headerOf(entry).name}\``
  return `${entry.url} alone, ${how}`
}

/** Whether a target takes a token that one logs in for: a server of MCP that is there, in the usual header. */
export function logsIn(entry: TargetEntry): entry is McpEntry & { readonly url: string } {
  const takes = entry.platform === 'mcp' && entry.secret?.toLowerCase() === 'authorization'
  return takes && entry.url !== undefined
}
