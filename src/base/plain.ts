/** Text that others wrote, made harmless for a person's screen: one short line in which nothing is hidden. */

import { withoutLookalikes } from './lookalike.ts'

/** How many characters of such a text a line shows, where nothing else is said. */
export const longest = 200

/**
 * The text on one line, without anything that moves a cursor, changes a colour, turns the direction of reading, is
 * invisible, passes for another letter, stacks marks on one, or pushes the rest out of sight by blank space: all that is written as its code.
 */
export function plain(text: string, most = longest): string {
  const shown = Array.from(
    withoutLookalikes(text.slice(0, 4 * most), coded)
      .replaceAll(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, coded)
      .replaceAll(/(?! )\p{Zs}/gu, coded)
      .replaceAll(/\p{M}{3,}/gu, (marks) => Array.from(marks, coded).join(''))
      .replaceAll(/ {4,}/g, (blank) => `\\u{20}×${blank.length}`),
  )
  const more = text.length - 4 * most
  if (shown.length <= most && more <= 0) return shown.join('')
  const rest = shown.length - most + Math.max(0, more)
  return `${shown.slice(0, most).join('')}… (${rest} more)`
}

/** A character as its code: `\u{43e}`. */
export function coded(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
