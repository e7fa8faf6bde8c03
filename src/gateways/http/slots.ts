/** How many requests are under way, in all and for each root grant: one agent cannot take every place. */
import type { AllLimits } from './limits.ts'

export interface Slots {
  /** Takes a place; what comes back gives it up, once. Null when none is free. */
  enter(root: string): (() => void) | null
}

export function openSlots({ concurrent, perGrant }: AllLimits): Slots {
  const taken = new Map<string, number>()
  let all = 0
  return {
    enter: (root) => {
      const mine = taken.get(root) ?? 0
      if (all >= concurrent || mine >= perGrant) return null
      all += 1
      taken.set(root, mine + 1)
      let inside = true
      return () => {
        if (!inside) return
        inside = false
        all -= 1
        const left = (taken.get(root) ?? 1) - 1
        if (left === 0) taken.delete(root)
        else taken.set(root, left)
      }
    },
  }
}
