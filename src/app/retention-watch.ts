/** Tells while the vault is filling, before it is full. */
import { messageOf } from '../base/error.ts'
import type { Firebreak } from './compose.ts'
import { every } from './rounds.ts'

const everyMs = 60_000

/** Looks each minute where there is a quota; gives what stops it. */
export function watchRoom({ room }: Firebreak, log: (line: string) => void): () => void {
  if (room === null || room.quota === null) return () => undefined
  const look = async (): Promise<void> => await room.look()
  const failed = (thrown: unknown): void => log(`vault: ${messageOf(thrown)}`)
  look().catch(failed)
  return every(everyMs, look, failed)
}
