/** Whose password a connection string holds: its server, port and role tell. */
import type { DatabaseAt } from '../config-targets.ts'

/** `within`: the whole string; null for a password that stands alone, of which nothing can be told. */
export function leadsTo(
  within: string | null,
  { host, port, user }: Pick<DatabaseAt, 'host' | 'port' | 'user'>,
): boolean {
  // The signs of a password need not be a URL's: what stands before and behind it is enough.
  const parts = /^\w+:\/\/([^:@/?#]*):.*@(\[[^\]]*\]|[^:/?#@\s]*)(?::(\d+))?/s.exec(within ?? '')
  const own = hostOf(parts?.[2] ?? '')
  if (Number(parts?.[3] ?? 5432) !== port) return false
  return own !== '' && own === hostOf(host) && decoded(parts?.[1] ?? '') === user
}

/** One host, written in one way. */
function hostOf(text: string): string {
  const bare = text.replaceAll(/^\[|\]$/g, '')
  const url = bare.includes(':') ? `http://[${bare}]` : `http://${bare}`
  return URL.canParse(url) ? new URL(url).hostname : bare.toLowerCase()
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // No code: it is what it is.
    return text
  }
}
