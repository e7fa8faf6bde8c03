/** What a checkout holds of what `firebreak init` is about: credentials, agents, their MCP servers. Reads only. */
import { join, relative } from 'node:path'
import { findUnder } from '../../scan/find.ts'
import type { Found, Unreadable } from '../../scan/find.ts'
import { hosts, serversOf } from '../hosts/known.ts'
import { isHere } from '../config-targets.ts'
import type { Host, McpServer, Place } from '../hosts/host.ts'
import { fileOfCheckout } from '../hosts/of-checkout.ts'
import { fixedBy } from './fixed.ts'
import { looksLikeGrant } from '../../grants/token.ts'

export interface Seen {
  /** With `at.file` as a whole path, in the order of the files. */
  readonly found: readonly Found[]
  readonly unreadable: readonly Unreadable[]
  /** Files with a credential that cannot be written anew, and why. */
  readonly fixed: ReadonlyMap<string, string>
  /** The hosts that are used here, or whose program is. */
  readonly hosts: readonly Host[]
  /** Servers that an agent starts past Firebreak. */
  readonly servers: readonly McpServer[]
}

/** Folders of what others wrote, or of what is built from what is here: no client reads its credential there. */
export const foreign = /(^|\/)(node_modules|\.git|\.venv|vendor|dist|build|\.next|target)(\/|$)/

export async function lookAround(place: Place): Promise<Seen> {
  const found: Found[] = []
  const unreadable: Unreadable[] = []
  for await (const each of findUnder(place.checkout, { skip: (path) => foreign.test(path) }))
    if ('unreadable' in each) unreadable.push(each)
    // A grant is what shall stand there.
    else if (!looksLikeGrant(each.secret.reveal()))
      found.push({ ...each, at: { ...each.at, file: join(place.checkout, each.at.file) } })
  const files = new Set(found.map(({ at }) => at.file))
  const fixed = [...files].flatMap((file) => {
    const why = fixedBy(place, file)
    return why === null ? [] : [[file, why] as const]
  })
  const used = hosts.filter((host) => host.isUsed(place))
  const servers = serversOf(used, place).filter((server) => !isThrough(server, place))
  return { found, unreadable, fixed: new Map(fixed), hosts: used, servers }
}

/** True where it goes through Firebreak: what only looks so is past it. */
function isThrough({ isOurs, kind, command, url }: McpServer, place: Place): boolean {
  if (kind === 'url') return isOurs && isHere(new URL(url ?? '').hostname)
  return isOurs && fileOfCheckout(command, place) === null
}

/** A path as a person in the checkout reads it, on one line: a name may hold a line end, and make one of its own. */
export function shownPath(
  { checkout, home }: Pick<Place, 'checkout' | 'home'>,
  path: string,
): string {
  const inside = relative(checkout, path)
  const under = relative(home, path)
  const shown = !inside.startsWith('..') ? inside : under.startsWith('..') ? path : `~/${under}`
  return shown.replaceAll('\n', String.raw`\u{a}`)
}
