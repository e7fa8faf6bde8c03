/** Makes the parts of a database that are wanted and not there, or not as they were. */
import { FirebreakError, messageOf } from '../base/error.ts'
import type { Ask } from '../platforms/postgres/questions.ts'
import { describe, differences, rowRank } from './table-describe.ts'
import type { Description, Part } from './table-describe.ts'

/** Kinds whose statement sets what is there: nothing need go first. */
export const replaced = new Set([
  'function',
  'default',
  'comment',
  'owner',
  'column setting',
  'trigger state',
  'replica identity',
])

interface Making {
  /** Only what comes before the rows. */
  readonly beforeRows: boolean
  /** What is there and nobody asked for. */
  readonly ignores?: (part: Part) => boolean
}

/** Makes what is missing, in order; what comes back is what could not be made, and why. What waits for something else is tried again as long as that helps. */
export async function make(
  ask: Ask,
  wanted: Description,
  { beforeRows, ignores = () => false }: Making,
): Promise<readonly string[]> {
  let reasons: readonly string[] = []
  for (let before = Infinity; ;) {
    const is = await describe(ask)
    const wrong = differences(wanted, is).filter((id) => {
      const part = wanted.get(id) ?? is.get(id)
      return part !== undefined && !ignores(part) && (!beforeRows || part.rank < rowRank)
    })
    if (wrong.length === 0) return []
    // What cannot be made before the rows may be made after them.
    if (wrong.length >= before && beforeRows) return []
    if (wrong.length >= before)
      return [...wrong.map((id) => `\`${id}\` is not as it was`), ...new Set(reasons)]
    before = wrong.length
    reasons = await mend(ask, wrong, wanted, is)
  }
}

async function mend(
  ask: Ask,
  wrong: readonly string[],
  wanted: Description,
  is: Description,
): Promise<readonly string[]> {
  const reasons: string[] = []
  for (const id of wrong) {
    const there = is.get(id)
    if (there?.unmake && !replaced.has(there.kind)) await attempt(ask, there.unmake)
  }
  for (const part of wanted.values()) {
    if (!wrong.includes(part.id)) continue
    const failure = await attempt(ask, part.make)
    if (failure !== null) reasons.push(failure)
  }
  return reasons
}

/** Null, or what the server said; the transaction goes on either way. */
export async function attempt(ask: Ask, statement: string): Promise<string | null> {
  await ask('SAVEPOINT firebreak_attempt')
  try {
    await ask(statement)
    await ask('RELEASE SAVEPOINT firebreak_attempt')
    return null
  } catch (thrown) {
    // Whether it mattered is decided by a look at the whole.
    await ask('ROLLBACK TO SAVEPOINT firebreak_attempt')
    return messageOf(thrown)
  }
}

export function blocked(what: readonly string[]): FirebreakError {
  const shown = what.slice(0, 5).join('; ')
  const more = what.length > 5 ? `; and ${what.length - 5} more` : ''
  return new FirebreakError(
    'wrong_state',
    `nothing was put back: ${shown}${more}`,
    'move aside what is in the way, or take the rows from the image by hand',
  )
}
