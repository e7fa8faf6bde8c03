/** Whether what holds a copy would go with what it saves. */
import { realpath } from 'node:fs/promises'
import type { BlastRadius } from '../core/blast-radius.ts'
import { resourceKey } from '../core/resource.ts'
import { contains } from './grade.ts'
import type { Source } from './needs.ts'

/** `the vault` or `the restic repository`, and its real path. */
export interface Lying {
  readonly what: string
  readonly place: string
}

/** Keys of the declared things that a place turns out to lie in. */
export async function thingsAround(
  place: string,
  sources: readonly Source[],
): Promise<readonly string[]> {
  const keys = new Set<string>()
  for (const source of sources) {
    if ('database' in source) continue
    const { covers, path } = source
    // A source that is gone holds nothing.
    const real = await realpath(path).catch(() => null)
    if (real !== null && contains(real, place)) keys.add(resourceKey(covers))
  }
  return [...keys]
}

/** Why it would go: one of the things that it lies on does. Null where none does. */
export function goesWith(lying: Lying, on: readonly string[], radius: BlastRadius): string | null {
  const going = new Set([...radius.resources, ...radius.backups].map(resourceKey))
  const key = on.find((each) => going.has(each))
  return key === undefined ? null : insideRadius(lying, key)
}

/** Why it would go: it lies in the folder that is saved, or that in it. Null where neither does. */
export function isNested(lying: Lying, source: string): string | null {
  const { place } = lying
  return contains(source, place) || contains(place, source) ? insideRadius(lying, source) : null
}

export function insideRadius({ what, place }: Lying, thing: string): string {
  return `${what} \`${place}\` lies inside the blast radius, with \`${thing}\`: move it outside`
}
