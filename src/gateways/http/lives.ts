/** Answers that are on their way to an agent, so that a halt, a revocation or an expiry ends them too. */
import type { ServerResponse } from 'node:http'
import type { Principal } from '../../core/principal.ts'

export interface Lives {
  /** Until the given function is called, `cut` may end this answer. */
  enter(principal: Principal, outgoing: ServerResponse): () => void
  /**
   * INVARIANT (halt-halts): ends the answers of whoever is barred by now. A read is given up at the target as well; what
   * else was sent goes on there, so that its outcome is known.
   */
  cut(isBarred: (principal: Principal) => boolean): void
}

export function openLives(): Lives {
  const lives = new Set<{ readonly principal: Principal; readonly outgoing: ServerResponse }>()
  return {
    enter: (principal, outgoing) => {
      const life = { principal, outgoing }
      lives.add(life)
      return () => void lives.delete(life)
    },
    cut: (isBarred) => {
      for (const { principal, outgoing } of lives) if (isBarred(principal)) outgoing.destroy()
    },
  }
}
