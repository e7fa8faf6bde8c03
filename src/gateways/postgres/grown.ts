/** An approval is for the rows that were told: an act that takes clearly more of them than was told is not kept. */
import { rowsByTag } from './counted.ts'

/** So many more are the work of others meanwhile. */
const slackRows = 10
const slackPart = 0.1

/** Why it is not kept, by what the server says that it has changed; null where it may be, or where no number was told. */
export function grownPast(told: number | null, tags: readonly string[]): string | null {
  if (told === null) return null
  const rows = tags.reduce((sum, tag) => sum + rowsByTag(tag), 0)
  return rows > told + Math.max(slackRows, told * slackPart)
    ? `it would change ${rows} rows now, and ${told} were told: ask again`
    : null
}
