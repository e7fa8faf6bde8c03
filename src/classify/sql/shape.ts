/** The shape of a text: the same with its whole numbers gone, so that one verdict serves all of them where none was looked at. */

import { isAscii } from './mask.ts'

/** Longer texts cost more to look through than they save. */
const longest = 4096

/**
 * Null for a text whose tokens cannot be told at a glance: comments, dollar quotes, backslashes, several statements.
 * INVARIANT (shape): two texts of one shape differ in nothing but whole numbers of up to nine digits.
 */
export function shapeOf(text: string): string | null {
  if (text.length > longest || !isAscii(text) || text.includes('\0')) return null
  if (/--|\/\*|\\|\$(?!\d)|;(?!\s*$)/.test(text)) return null
  let isWhole = true
  const shape = text.replaceAll(
    /"[^"]*("|$)|'[^']*('|$)|\$\d+|[A-Za-z_]\w*|[\d.][\w.]*/g,
    (token, quote: string | undefined, mark: string | undefined) => {
      if (quote === '' || mark === '') isWhole = false
      return /^\d{1,9}$/.test(token) ? '\0' : token
    },
  )
  return isWhole ? shape : null
}
