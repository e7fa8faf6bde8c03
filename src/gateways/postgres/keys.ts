/** Keys with which clients cancel: the gateway's own, so that nobody learns one of the database's. */
import { timingSafeEqual } from 'node:crypto'
import type { Chance } from '../../base/clock.ts'

export interface Keys {
  /** A new key, good until it is given up. */
  issue(cancel: () => void): Key
  /** True if the key was good; what it stands for is cancelled. */
  use(process: number, secret: Uint8Array): boolean
}

interface Key {
  readonly process: number
  readonly secret: Uint8Array
  readonly giveUp: () => void
}

export function openKeys(chance: Chance): Keys {
  const issued = new Map<number, { readonly secret: Uint8Array; readonly cancel: () => void }>()
  return {
    issue: (cancel) => {
      let process = 0
      // Positive, as process ids are; one that is in use is another session's.
      while (process === 0 || issued.has(process))
        process = chance(4).reduce((sum, byte) => ((sum << 8) | byte) & 0x7fffffff, 0)
      const secret = chance(4)
      issued.set(process, { secret, cancel })
      return { process, secret, giveUp: () => issued.delete(process) }
    },
    use: (process, secret) => {
      const key = issued.get(process)
      if (key === undefined || key.secret.length !== secret.length) return false
      if (!timingSafeEqual(key.secret, secret)) return false
      key.cancel()
      return true
    },
  }
}
