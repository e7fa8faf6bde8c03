/** What the daemon brings back: points that it has signed, or knows. */
import { FirebreakError } from '../base/error.ts'
import { digest, parseJson } from '../base/json.ts'
import type { Firebreak } from './compose.ts'
import { boxOf } from './physical.ts'

/**
 * INVARIANT (signed-points): what this daemon brings back it has signed, or it knows it by its digest; else whoever holds the key and
 * the folder could have written it. With the store and the key alone a person may take it all the same.
 */
export async function asTaken(firebreak: Firebreak, id: string): Promise<void> {
  const { text, signed } = await boxOf(firebreak).proof(id)
  if (signed) return
  const row = await firebreak.state.transact((tx) => tx.get('point', id))
  if (row !== null && row.manifest === digest(parseJson(text))) return
  throw new FirebreakError(
    'broken_store',
    `\`${id}\` is not signed, and this Firebreak does not know it as it is now: someone who holds the key may have written it`,
    'use another; or, where you know whence it is, restore it with `--store` and `--key`',
  )
}
