/** Work that takes turns: one piece after another, in the order it was asked for. */

/** Runs `work` when all that was asked for before it has ended, well or not; gives what it gives, or its fault. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>

/** A queue of its own. A fault is its asker's alone: the next piece runs all the same. */
export function openTurn(): Turn {
  let tail: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = tail.then(work)
    tail = mine.catch(() => null)
    return mine
  }
}
