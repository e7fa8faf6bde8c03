/** A connection string as an agent gets it: through the gateway, with a grant for its password. */
import { databaseAt, isHere } from '../config-targets.ts'
import { readUrl } from '../database-url.ts'
import type { Named } from '../database-url.ts'

/** What only concerns the way to the real server, which is Firebreak's from now on. */
const ofTheWay = /^(ssl\w*|channel_binding|gssencmode|host|hostaddr|options|target_session_attrs)$/i

/** The database that a connection string leads to; null for one of this machine, and for what the gateway cannot take as a target. */
export function namedIn(url: string): Named | null {
  // Another password than the one before the host: a client would take that one.
  if (/[?&](password|user|passfile|service|servicefile)=/i.test(url)) return null
  try {
    // What a library puts behind the scheme (`postgresql+asyncpg`) is its own.
    const named = readUrl(plainScheme(withoutManners(url)), 'URL')
    // Several hosts are several databases.
    return isHere(named.at.host) || named.at.host.includes(',') ? null : named
  } catch {
    // No URL of one database that PostgreSQL would take: it stays where it is, and is told.
    return null
  }
}

/** The same string led through the gateway. Parameters that a client reads for itself stay. */
export function throughGateway(
  url: string,
  {
    listen,
    target,
    grant,
  }: { readonly listen: string; readonly target: string; readonly grant: string },
): string {
  const [whole = '', search = ''] = url.split(/\?(.*)/s)
  const scheme = /^[\w+]+:\/\//.exec(whole)?.[0] ?? 'postgres://'
  const kept = search
    .split('&')
    .filter((each) => each !== '' && !ofTheWay.test(each.split('=')[0] ?? ''))
  const query = kept.length === 0 ? '' : `?${kept.join('&')}`
  return `${scheme}agent:${grant}@${listen}/${target}${query}`
}

/** True where two strings lead to one database as one user. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [databaseAt(one), databaseAt(other)]
  return a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b)
}

function plainScheme(url: string): string {
  return url.replace(/^(postgres(?:ql)?)\+\w+:/, '$1:')
}

/** Only whether it is encrypted is said by what stands behind the database; a pool's size and the like are the client's. */
function withoutManners(url: string): string {
  const [whole = '', search = ''] = url.split(/\?(.*)/s)
  const plain = search.split('&').includes('sslmode=disable')
  return plain ? `${whole}?sslmode=disable` : whole
}
