/** What one channel is sent at a time: one message, or a burst of them as one. */
import type { Message } from './news.ts'
import { sayMoment } from './news.ts'

export interface Item extends Message {
  readonly id: string
  readonly at: number
}

export interface Letter {
  /** The same at each try: a receiver that has it already has all of it. */
  readonly id: string
  readonly at: number
  /** One line. */
  readonly title: string
  /** The facts, a line each. */
  readonly text: string
  readonly isUrgent: boolean
  readonly items: readonly Item[]
}

/** The gravest first; all of them below. */
export function letterOf(id: string, items: readonly Item[], now: number): Letter {
  const sorted = items.toSorted((a, b) => gravity[a.kind] - gravity[b.kind])
  const [first] = sorted
  const more = sorted.length - 1
  const title = `${first?.title ?? 'nothing'}${more > 0 ? `, and ${more} more` : ''}`
  const text = sorted
    .map(({ at, title, facts }) =>
      [...(more > 0 ? [title] : []), ...facts, `told       ${sayMoment(at)}`].join('\n'),
    )
    .join('\n\n')
  const isUrgent = sorted.some(({ kind }) => kind !== 'act')
  return { id, at: now, title, text: `${text}\n\nmessage    ${id}`, isUrgent, items: sorted }
}

const gravity = { halt: 0, hold: 1, alarm: 2, act: 3 } as const

/** Within so many characters; what is left out is said, with where all of it is. */
export function within(text: string, most: number): string {
  const rest = '\n… and more: `firebreak holds`, `firebreak alarms`'
  if (text.length <= most) return text
  return `${text.slice(0, most - rest.length).toWellFormed()}${rest}`
}
