/** Work that comes again and again, and never beside itself. */

/** A round is left out while the one before is under way; `failed` hears what a round throws. Gives what stops it. */
export function every(
  ms: number,
  round: () => Promise<unknown>,
  failed: (thrown: unknown) => void,
): () => void {
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    round()
      .catch(failed)
      .finally(() => (busy = false))
  }, ms)
  return () => clearInterval(timer)
}
