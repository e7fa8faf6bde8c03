/** What looks like Firebreak, and is a file that came with the checkout: a person's command starts none of it, and it counts as nothing of ours. */
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import type { Place } from './host.ts'

/** The word of a command that is a file of the checkout; null where none is. Firebreak's own checkout is none of an agent's. */
export function fileOfCheckout(
  words: readonly string[],
  { checkout, real }: Pick<Place, 'checkout' | 'real'>,
): string | null {
  const [here, own] = [real(checkout), real(root)]
  const isTheirs = (word: string): boolean => {
    if (!/[/\\]/.test(word) || word.includes('://')) return false
    const path = real(resolve(checkout, word))
    return isWithin(here, path) && !isWithin(own, path)
  }
  return words.find(isTheirs) ?? null
}

/** The package's own folder, built (`dist/src/app/hosts`) or not. */
const source = resolve(import.meta.dirname, '../../..')
const root = source.endsWith('dist') ? dirname(source) : source

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return !way.startsWith('..') && !isAbsolute(way)
}
