/** Texts that would take too long to read, told apart before the grammar sees them: nobody may stop the others by one. */

/** Longer texts are unread. */
export const longestSql = 1_048_576

/** Conditions, joins and statements beyond any that people or programs write. */
const mostConditions = 20_000
const mostStatements = 50_000

/** The parser goes over the rest of the text at each comment between `/*` and its end. */
const mostCommented = 20_000_000

/** Why a text is not read, or null. */
export function tooLong(text: string): string | null {
  if (text.length > longestSql) return 'the text is too long'
  if (text.length < 4096) return null
  if (count(text, /\/\*/g) * text.length > mostCommented) return 'the text holds too many comments'
  if (text.length < mostConditions) return null
  if (count(text, /;/g) > mostStatements) return 'the text holds too many statements'
  return count(text, /\b(?:and|or|not|join|union|except|intersect)\b/gi) > mostConditions
    ? 'the text holds too many conditions'
    : null
}

function count(text: string, what: RegExp): number {
  let found = 0
  while (what.exec(text) !== null) found += 1
  return found
}
