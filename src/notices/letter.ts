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

/** Within so many characters, cut between lines: the first stay, and the last, which say where to look; how many went is said. */
export function within(text: string, most: number): string {
  if (text.length <= most) return text
  const lines = text.split('\n')
  const room = most - goneLine(lines.length).length - 1
  const last = fitting(lines.toReversed(), Math.floor(room / 3)).toReversed()
  const rest = lines.slice(0, lines.length - last.length)
  const whole = fitting(rest, room - lengthOf(last))
  // A first line that is too long by itself is cut in itself, rather than that nothing is told.
  const first = whole.length > 0 ? whole : [cut(rest[0] ?? '', room - lengthOf(last) - 1)]
  return [...first, goneLine(rest.length - whole.length), ...last].join('\n')
}

function goneLine(many: number): string {
  return `… ${many} line${many === 1 ? '' : 's'} left out: \`firebreak holds\`, \`firebreak alarms\``
}

/** As many of them from the start as have room, each with its end. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  const most = lines.findIndex((_, index) => lengthOf(lines.slice(0, index + 1)) > room)
  return most === -1 ? lines : lines.slice(0, most)
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0)
}

function cut(line: string, most: number): string {
  return `${line.slice(0, most - 1).toWellFormed()}…`
}
