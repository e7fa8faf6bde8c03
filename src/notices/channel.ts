/** A way to people: it takes one letter and says what came of it. */
import type { Letter } from './letter.ts'

export interface Channel {
  /** Throws where nobody answered, or there is no credential. */
  readonly send: (letter: Letter, signal: AbortSignal) => Promise<Answer>
}

export interface Answer {
  /** `partly`: some whom it is for have it and some will not; it is not tried again, or the first would get it for a day. */
  readonly kind: 'taken' | 'partly' | 'refused' | 'gone'
  /** One line for a person, without secrets. */
  readonly said: string
}
