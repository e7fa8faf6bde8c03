/** What `firebreak init` asks about credentials that agents may have read: which are made new at once, by the same signature. */
import type { Config } from '../app/config.ts'
import type { Prepared } from '../app/setup/prepare.ts'
import type { Wanted } from '../app/setup/targets.ts'
import { FirebreakError } from '../base/error.ts'
import { objectOf } from '../base/json.ts'
import { exits, usage } from './command.ts'
import type { Parsed } from './command.ts'
import { questionFor, rowsIn, tellLook, tellRotated } from './custody-rotate.ts'
import type { Io } from './io.ts'
import { openHands } from './protect-hands.ts'
import type { Hands } from './protect-hands.ts'
import { agreed } from './setup-hands.ts'
import { cell, visible } from './table.ts'

/**
 * The targets that a person wants made new. Nobody is asked where there is no terminal: then only those that `--rotate` names. The
 * answer that is nearest is no, since an application may log in with the same one.
 */
export async function askRotations(
  parsed: Parsed,
  io: Io,
  { hands, prepared }: { readonly hands: Pick<Hands, 'call'>; readonly prepared: Prepared },
): Promise<readonly string[]> {
  const wished = new Set(parsed.list('rotate'))
  const able = prepared.plan.targets.filter(rotates)
  checkWished(wished, able)
  const chosen: string[] = []
  const asksAll = io.interactive && !parsed.flag('yes')
  for (const { name, secret } of able)
    if ((asksAll || wished.has(name)) && (await looksFine(io, hands, { name, secret }))) {
      const asked = {
        question: questionFor(name),
        otherwise: `later: \`firebreak custody rotate ${name}\``,
        no: `not rotated; later: firebreak custody rotate ${name}`,
      }
      if (await agreed(parsed, io, asked)) chosen.push(name)
    }
  return chosen
}

function checkWished(wished: ReadonlySet<string>, able: readonly Wanted[]): void {
  const names = able.map(({ name }) => name)
  const unknown = [...wished].find((name) => !names.includes(name))
  if (unknown === undefined) return
  const known = names.length === 0 ? 'nothing here can be' : `write one of ${names.join(', ')}`
  throw usage(`\`--rotate ${unknown}\`: ${known}`)
}

/** Tells what a person has to know; false where it cannot be done, with why. */
async function looksFine(
  io: Io,
  hands: Pick<Hands, 'call'>,
  { name, secret }: Pick<Wanted, 'name' | 'secret'>,
): Promise<boolean> {
  try {
    const wish = { target: name, secret: secret?.reveal() ?? null }
    tellLook(io, name, objectOf(await hands.call('custody-rotate-look', wish)))
    return true
  } catch (thrown) {
    // What cannot be rotated keeps nothing else from being set up.
    if (!(thrown instanceof FirebreakError)) throw thrown
    io.say(visible(`\`${name}\` cannot be rotated: ${thrown.message}`))
    if (thrown.hint !== null) io.say(visible(`  ${thrown.hint}`))
    return false
  }
}

/** By an API, with the credential itself. */
export function rotates({ entry, secret }: Wanted): boolean {
  const platform: unknown = Reflect.get(entry, 'platform')
  return secret !== null && (platform === 'postgres' || platform === 'railway')
}

/** What was chosen and signed, done, now that the files are written. */
export async function rotateChosen(
  io: Io,
  config: Config,
  chosen: readonly string[],
): Promise<number> {
  if (chosen.length === 0) return exits.done
  const hands = await openHands(config, (line) => io.note(line))
  try {
    const codes = rowsIn(await hands.call('setup-rotate', {})).map((row) =>
      tellRotated(io, cell(row['target']), row),
    )
    return Math.max(exits.done, ...codes)
  } finally {
    await hands.close()
  }
}
