/** Whether a drill could be held at all. INVARIANT (only damage un-verifies): what its surroundings lack says nothing about a point, so then it throws. */
import { FirebreakError, messageOf } from '../base/error.ts'
import { isFull, isOutOfReach } from './reason.ts'

/** Makes ready for a drill in that folder: nothing of the point is looked at yet, so whatever is thrown is of the surroundings. */
export async function ready<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    refuse(thrown, folder)
    if (thrown instanceof FirebreakError)
      throw new FirebreakError(
        thrown.code,
        `no drill could be held: ${thrown.message}`,
        thrown.hint,
        thrown,
      )
    throw unheld(folder, thrown)
  }
}

/** Throws what is of the surroundings of a drill that was begun; comes back for what speaks against the point. */
export function refuse(thrown: unknown, folder: string): void {
  if (isOutOfReach(thrown)) throw thrown
  if (isFull(thrown))
    throw new FirebreakError(
      'wrong_state',
      `no drill could be held: the disk of \`${folder}\` is full`,
      'make room there, or name another place in `vault.scratch`',
      thrown,
    )
  if (isOutside(thrown, folder)) throw unheld(folder, thrown)
}

function unheld(folder: string, thrown: unknown): FirebreakError {
  return new FirebreakError(
    'wrong_state',
    `no drill could be held in \`${folder}\`: ${messageOf(thrown).split('\n')[0] ?? ''}`,
    'see that this user may write there, or name another place in `vault.scratch`',
    thrown,
  )
}

/** A machine or a scratch server that has no more of something (53…: a server's own words for it). */
const spent = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', '53000', '53200', '53300', '53400'])
/** In a drill nothing is written but in its folder, and nothing is started but its own server. */
const own = /^(spawn|write|writev|fsync|fdatasync|ftruncate)\b/

function isOutside(thrown: unknown, folder: string): boolean {
  if (!(thrown instanceof Error)) return false
  if (thrown instanceof FirebreakError)
    return thrown.code === 'wrong_state' && isOutside(thrown.cause, folder)
  const told = (name: 'code' | 'path' | 'syscall'): string =>
    name in thrown ? String(Reflect.get(thrown, name)) : ''
  return (
    spent.has(told('code')) ||
    own.test(told('syscall')) ||
    told('path') === folder ||
    told('path').startsWith(`${folder}/`)
  )
}
