/** Ids and secrets of the rehearsal world: shaped like the platform's, and the same in every run where that is wanted. */
import { createHash, randomUUID } from 'node:crypto'

/** Makes the next id; `what` is the kind of thing it is for. */
export type NewId = (what: string) => string

/** Ids that nobody can foresee. */
export const randomIds: NewId = () => randomUUID()

/** The same ids in the same order for the same seed. */
export function countedIds(seed: string): NewId {
  let count = 0
  return (what) => {
    count += 1
    return namedId(`${seed}/${what}/${count}`)
  }
}

/** The id that belongs to a name: a UUID of version 8 (RFC 9562 §5.8), made of the name's digest. */
export function namedId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
