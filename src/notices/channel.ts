/** A way to people: it takes one letter and says what came of it. */
import type { Letter } from './letter.ts'

export interface Channel {
  /** Throws where there is no credential, or it cannot be used. */
  readonly send: (letter: Letter, signal: AbortSignal) => Promise<Answer>
}

export interface Answer {
  readonly kind: 'taken' | 'refused' | 'gone'
  /** One line for a person, without secrets. */
  readonly said: string
}
