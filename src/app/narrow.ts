/** Wishes in words as caveats: for minting and for narrowing. */
import type { JsonObject } from '../base/json.ts'
import { attenuate } from '../grants/grant.ts'
import type { Caveat } from '../grants/caveat.ts'

export interface CaveatWish {
  readonly operations?: readonly string[] | undefined
  readonly environments?: readonly string[] | undefined
  readonly targets?: readonly string[] | undefined
  readonly resources?: readonly string[] | undefined
  readonly expiresMs?: number | undefined
  readonly rows?: number | undefined
  readonly holder?: string | undefined
  readonly delegate?: string | undefined
}

/** The caveats, an expiry from now on; the delegate is no caveat. */
export function caveatsOf(wish: CaveatWish, now: number): readonly Caveat[] {
  const lists = (['operations', 'environments', 'targets', 'resources'] as const).flatMap(
    (word): readonly Caveat[] => {
      const list = wish[word]
      return list === undefined ? [] : [[word, list]]
    },
  )
  const { expiresMs, rows, holder } = wish
  return [
    ...lists,
    ...(expiresMs === undefined ? [] : [['expires', now + expiresMs] as const]),
    ...(rows === undefined ? [] : [['rows', rows] as const]),
    ...(holder === undefined ? [] : [['holder', holder] as const]),
  ]
}

/** A grant narrowed offline. */
export function attenuateGrant(grant: string, wish: JsonObject & CaveatWish, now: number): string {
  return attenuate(grant, caveatsOf(wish, now), wish.delegate ?? null)
}
