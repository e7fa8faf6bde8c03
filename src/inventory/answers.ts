/** The platform's answers, kept for seconds: surveys that ask the same within that time ask once. */
import type { Clock } from '../base/clock.ts'
import type { JsonObject } from '../base/json.ts'

export interface Answers {
  /** The answer that is on its way or came lately, else the one that `ask` brings, which is kept; a failed one is not. */
  readonly of: (question: string, ask: () => Promise<JsonObject>) => Promise<JsonObject>
  /** Asks these anew the next time: what the platform could not say now it may say then. */
  readonly forget: (questions: readonly string[]) => void
}

interface Kept {
  readonly at: number
  readonly answer: Promise<JsonObject>
}

/** The oldest answers are dropped beyond so many: a client with many ids must not fill the memory. */
const mostKept = 2000

/** INVARIANT (no stale answer): an answer is given at most `freshMs` after its question was asked, by the clock that never goes back. */
export function openAnswers(clock: Clock, freshMs: number): Answers {
  const kept = new Map<string, Kept>()
  return {
    forget: (questions) => {
      for (const question of questions) kept.delete(question)
    },
    of: (question, ask) => {
      const found = kept.get(question)
      if (found !== undefined && clock.steady() - found.at < freshMs) return found.answer
      const asked: Kept = { at: clock.steady(), answer: ask() }
      kept.delete(question)
      kept.set(question, asked)
      const oldest = kept.keys().next()
      if (kept.size > mostKept && oldest.done !== true) kept.delete(oldest.value)
      asked.answer.catch(() => kept.get(question) === asked && kept.delete(question))
      return asked.answer
    },
  }
}
