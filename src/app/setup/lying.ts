/** Credentials that lie about where an agent works: in the checkout, and in the home's known places. Texts for comparison, never for showing. */
import { homedir } from 'node:os'
import { findAtHome } from '../../scan/find.ts'
import type { Found } from '../../scan/find.ts'
import type { Place } from '../hosts/host.ts'
import type { Lying } from '../rotate/seen.ts'
import { lookAround, shownPath } from './seen.ts'
import type { Seen } from './seen.ts'
import { looksLikeGrant } from '../../grants/token.ts'

/** What is longer is a key of many lines, and no credential of a target. */
const longest = 4096

/** Each with its place as a person here reads it; nothing twice. `seen`: where somebody has looked around already. */
export async function lyingAround(
  place: Place,
  seen: Pick<Seen, 'found'> | null = null,
): Promise<readonly Lying[]> {
  const { found } = seen ?? (await lookAround(place))
  const here = found.map((each) => lying(each, shownPath(place, each.at.file)))
  const home = (await homeFound()).map((each) => lying(each, each.at.file))
  const all = [...here, ...home].filter(({ text }) => text.length <= longest)
  return all.filter(
    ({ where, text }, at) =>
      all.findIndex((other) => other.where === where && other.text === text) === at,
  )
}

/** What an agent could find in the home, ours left out. */
export async function homeFound(home: string = homedir()): Promise<readonly Found[]> {
  const found: Found[] = []
  for await (const each of findAtHome(home))
    if (!('unreadable' in each) && !looksLikeGrant(each.secret.reveal())) found.push(each)
  return found
}

function lying({ at, secret }: Found, where: string): Lying {
  return { where: `${where}:${at.line}`, text: secret.reveal() }
}
