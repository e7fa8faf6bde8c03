/** What a scanner took, as `usage.ts` has written it down. */
import { readFileSync } from 'node:fs'

export interface Took {
  readonly cpuMs: number
  readonly rssMb: number
}

/** Throws where the scanner ended before it could write. */
export function tookIn(file: string): Took {
  const took: Took = JSON.parse(readFileSync(file, 'utf8'))
  return took
}
