/** Server-sent events (HTML §9.2) as a stream of texts: each event whole, as it came, with its data beside it. */

export interface ServerEvent {
  /** As it came, its blank line included. */
  readonly raw: string
  /** The data lines, joined; empty for a comment or what primes a client. */
  readonly data: string
  readonly id: string | null
}

export interface Events {
  /** The events that this text completes. */
  readonly push: (text: string) => readonly ServerEvent[]
  /** What is left: no whole event. */
  readonly end: () => string
  /** How much waits for its end, in characters. */
  readonly waiting: () => number
}

/** A line ends by `\r\n`, `\n` or `\r`, and any two of them in a row end an event, alike or not. */
const blank = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)/g

export function openEvents(): Events {
  let rest = ''
  // What was looked at once is not looked at again: an event may come in very many pieces.
  let looked = 0
  return {
    push: (text) => {
      rest += text
      const found: ServerEvent[] = []
      for (;;) {
        blank.lastIndex = Math.max(0, looked - 3)
        const match = blank.exec(rest)
        // A `\r` at the end may be half of a line's end.
        const end = match === null ? rest.length : match.index + match[0].length
        if (match === null || (end === rest.length && match[0].endsWith('\r'))) {
          looked = rest.length
          return found
        }
        found.push(eventOf(rest.slice(0, end)))
        rest = rest.slice(end)
        looked = 0
      }
    },
    end: () => rest,
    waiting: () => rest.length,
  }
}

/** The same event with other data. */
export function withData({ raw }: ServerEvent, data: string): string {
  const kept = linesOf(raw).filter((line) => line !== '' && fieldOf(line)[0] !== 'data')
  return `${[...kept, `data: ${data}`].join('\n')}\n\n`
}

function eventOf(raw: string): ServerEvent {
  const fields = linesOf(raw).map(fieldOf)
  const data = fields.filter(([name]) => name === 'data').map(([, value]) => value)
  const id = fields.findLast(([name]) => name === 'id')?.[1] ?? null
  return { raw, data: data.join('\n'), id }
}

function linesOf(raw: string): readonly string[] {
  return raw.split(/\r\n|\n|\r/)
}

function fieldOf(line: string): readonly [name: string, value: string] {
  const at = line.indexOf(':')
  if (at === -1) return [line, '']
  const value = line.slice(at + 1)
  return [line.slice(0, at), value.startsWith(' ') ? value.slice(1) : value]
}
