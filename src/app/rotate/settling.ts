/** Rotations that a crash has cut off are brought to an end at the next start; until then nobody logs in with what may be dead. */
import { FirebreakError, messageOf } from '../../base/error.ts'
import type { Firebreak } from '../compose.ts'
import { every } from '../rounds.ts'
import { settle } from './rotate.ts'

const everyMs = 30_000

/** Where a target does not answer, it is tried again. Gives what stops that. */
export async function settleRotations(
  firebreak: Firebreak,
  log: (line: string) => void,
): Promise<() => void> {
  const open = new Set(await cutOff(firebreak))
  if (open.size === 0) return () => undefined
  const round = async (): Promise<void> => {
    for (const target of open)
      await firebreak.credential.during([target], async () => {
        if (firebreak.credential.isAllowed() && (await settle(firebreak, target)))
          open.delete(target)
      })
  }
  const failed = (thrown: unknown): void => log(`rotation: ${messageOf(thrown)}`)
  // Begun before anybody is let in: whoever asks for a credential of these waits for it.
  round().catch(failed)
  return every(everyMs, round, failed)
}

/** The same at once, for whoever hands credentials out: throws where it is not certain which one opens. */
export async function settleAll(firebreak: Firebreak): Promise<void> {
  for (const target of await cutOff(firebreak))
    if (!(await settle(firebreak, target)))
      throw new FirebreakError(
        'not_reachable',
        `a rotation of \`${target}\` was cut off, and which credential opens is not known yet`,
        'look whether the target answers, then run this again',
      )
}

/** Targets of which one was under way. */
async function cutOff({ state, config }: Firebreak): Promise<readonly string[]> {
  const rows = await state.transact((tx) => tx.find('meta', {}))
  return rows
    .map(({ id }) => /^rotation:(.*)$/s.exec(id)?.[1] ?? '')
    .filter((target) => Object.hasOwn(config.targets, target))
}
