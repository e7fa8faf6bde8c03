/** A way to people: it takes one letter and says what came of it. */
import type { Letter } from './letter.ts'

export interface Channel {
  /** Throws where nobody answered, or there is no credential. */
  readonly send: (letter: Letter, signal: AbortSignal) => Promise<Answer>
}

export interface Answer {
  readonly kind: 'taken' | 'refused' | 'gone'
  /** One line for a person, without secrets. */
  readonly said: string
}
