/** Files with a credential in them that a set-up leaves as they are, since it could not write them anew with certainty. */
import { lstatSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'
import { FirebreakError } from '../../base/error.ts'
import type { Place } from '../hosts/host.ts'

/** Longer ones are dumps and logs: they would be shown to nobody, and kept whole. */
const longest = 1_000_000

/** Why a file of the checkout stays as it is; null for one that can be written. */
export function fixedBy(place: Place, path: string): string | null {
  const real = place.real(path)
  const way = relative(place.real(place.checkout), real)
  if (way.startsWith('..') || isAbsolute(way))
    return `it leads out of the checkout by a link, to \`${real}\``
  if ((lstatSync(real, { throwIfNoEntry: false })?.nlink ?? 1) > 1)
    return 'the file has a second name elsewhere (a hard link), under which it would go on standing'
  try {
    return (place.read(real) ?? '').length > longest ? 'the file is too long' : null
  } catch (thrown) {
    // No text in UTF-8, for one: what else stands in it would be lost.
    if (!(thrown instanceof FirebreakError)) throw thrown
    return thrown.message
  }
}
