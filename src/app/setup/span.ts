/** Places in a text that are written anew, found by what stands there. */
import type { Found } from '../../scan/find.ts'

export interface Span {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** The text with every span written anew; spans do not overlap, or the later is left out. */
export function rewritten(text: string, spans: readonly Span[]): string {
  let [out, at] = ['', 0]
  for (const { from, to, text: put } of spans.toSorted((a, b) => a.from - b.from)) {
    if (from < at) continue
    out += text.slice(at, from) + put
    at = to
  }
  return out + text.slice(at)
}

/** Where a found secret stands in its file's text; null where it has changed since. */
export function whereIs(text: string, { at, secret }: Pick<Found, 'at' | 'secret'>): number | null {
  let start = 0
  for (let line = 1; line < at.line; line += 1) {
    start = text.indexOf('\n', start) + 1
    if (start === 0) return null
  }
  const from = start + at.column - 1
  return text.startsWith(secret.reveal(), from) ? from : null
}

/** The whole connection string that a secret is a part of, with port, database and parameters; null where there is none around it. */
export function stringAround(
  text: string,
  from: number,
  { secret, within }: Found,
): Stretch | null {
  if (within === null) return null
  const head = within.reveal()
  const own = secret.reveal()
  for (let part = head.indexOf(own); part !== -1; part = head.indexOf(own, part + 1)) {
    const begins = from - part
    if (!text.startsWith(head, begins)) continue
    rest.lastIndex = begins + head.length
    return { from: begins, text: head + (rest.exec(text)?.[0] ?? '') }
  }
  return null
}

export interface Stretch {
  readonly from: number
  readonly text: string
}

/** What follows a host in a URL, to where the text around it goes on. */
const rest = /(?:[:/?][^\s'"`<>\\;,)}]*)?/y
