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

/** A client with many ids must not fill the memory, nor one with long ones: the oldest go, and a long question is asked every time. */
const mostKept = 500
const longestQuestion = 4000

/** INVARIANT (no stale answer): an answer is given at most `freshMs` after its question was asked, by the clock that never goes back. */
export function openAnswers(clock: Clock, freshMs: number): Answers {
  const kept = new Map<string, Kept>()
  return {
    forget: (questions) => {
      for (const question of questions) kept.delete(question)
    },
    of: (question, ask) => {
      if (question.length > longestQuestion) return ask()
      const found = kept.get(question)
      if (found !== undefined && clock.steady() - found.at < freshMs) return found.answer
      const asked: Kept = { at: clock.steady(), answer: ask() }
      kept.delete(question)
      kept.set(question, asked)
      for (const [old, { at }] of kept)
        if (kept.size > mostKept || asked.at - at >= freshMs) kept.delete(old)
        else break
      asked.answer.catch(() => kept.get(question) === asked && kept.delete(question))
      return asked.answer
    },
  }
}
