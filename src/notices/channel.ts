/** A way to people: it takes one letter and says what came of it. */
import type { Letter } from './letter.ts'

export interface Channel {
  /** Throws where there is no credential, or it cannot be used. */
  readonly send: (letter: Letter, signal: AbortSignal) => Promise<Answer>
}

export interface Answer {
  /** `partly`: some whom it is for have it and some will not; it is not tried again, or the first would get it for a day. */
  readonly kind: 'taken' | 'partly' | 'refused' | 'gone'
  /** One line for a person, without secrets. */
  readonly said: string
}
