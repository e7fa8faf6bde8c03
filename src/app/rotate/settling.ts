/** Rotations that were cut off are brought to an end, at the start and again and again; at a start nobody logs in before that with what may be dead. */
import { FirebreakError, messageOf } from '../../base/error.ts'
import type { Firebreak } from '../compose.ts'
import { every } from '../rounds.ts'
import { settled } from './settle.ts'

const everyMs = 30_000

/** Where a target does not answer, it is tried again. Gives what stops that. */
export async function settleRotations(
  firebreak: Firebreak,
  log: (line: string) => void,
): Promise<() => void> {
  const { credential } = firebreak
  const failed = (thrown: unknown): void => log(`rotation: ${messageOf(thrown)}`)
  const one = async (target: string): Promise<void> => {
    // Of several, one that fails keeps no other from its end.
    await credential.during([target], () => settled(firebreak, target)).catch(failed)
  }
  const round = async (): Promise<void> =>
    await credential.alone(async () => {
      if (!credential.isAllowed()) return
      for (const target of await cutOff(firebreak))
        if (isKnown(firebreak, target)) await one(target)
    })
  // Begun before anybody is let in: whoever asks for a credential of these waits for it.
  credential.during(await cutOff(firebreak), round).catch(failed)
  return every(everyMs, round, failed)
}

/** The same at once, and then what hands credentials out, in one turn: throws where it is not certain which one opens. */
export async function settledThen<T>(firebreak: Firebreak, work: () => Promise<T>): Promise<T> {
  return await firebreak.credential.alone(async () => {
    for (const target of await cutOff(firebreak))
      if (!isKnown(firebreak, target) || !(await settled(firebreak, target)))
        throw new FirebreakError(
          'not_reachable',
          `a rotation of \`${target}\` was cut off, and which credential opens is not known yet`,
          isKnown(firebreak, target)
            ? 'look whether the target answers, then run this again'
            : 'put the target back into the config, then run this again',
        )
    return await work()
  })
}

/** Targets of which one was cut off; whoever has the turn asks, so none is under way. */
async function cutOff({ state }: Firebreak): Promise<readonly string[]> {
  const rows = await state.transact((tx) => tx.find('meta', {}))
  return rows.flatMap(({ id }) => /^rotation:(.*)$/s.exec(id)?.[1] ?? [])
}

function isKnown({ config }: Firebreak, target: string): boolean {
  return Object.hasOwn(config.targets, target)
}
