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

interface Life {
  readonly principal: Principal
  readonly outgoing: ServerResponse
  /** Where it stands in the list. */
  at: number
}

/**
 * A list and no `Set`: a set that things come to and go from makes itself anew all the time, each old one still refers to
 * the next, and once one has grown old all later ones stay in memory with the requests in them, until the great collection.
 * That cost a third of the processor's time.
 */
export function openLives(): Lives {
  const lives: Life[] = []
  const leave = (life: Life): void => {
    if (lives[life.at] !== life) return
    const last = lives.pop()
    if (last === undefined || last === life) return
    last.at = life.at
    lives[life.at] = last
  }
  return {
    enter: (principal, outgoing) => {
      const life: Life = { principal, outgoing, at: lives.length }
      lives.push(life)
      return () => leave(life)
    },
    cut: (isBarred) => {
      // A list of its own: who is cut may leave at once.
      const barred = lives.filter(({ principal }) => isBarred(principal))
      for (const { outgoing } of barred) outgoing.destroy()
    },
  }
}
