/** Where a credential stands in a text, and another one in its place. */
import { findIn } from '../../scan/find.ts'
import { rewritten, stringAround, whereIs } from '../setup/span.ts'
import type { Span } from '../setup/span.ts'

/** A shorter one may be an ordinary word: it counts only where the scan takes it for a secret. */
const telling = 12

/** `file`: its name tells which rules are for it. */
export function holds(text: string, file: string, secret: string): boolean {
  return spots(text, file, secret).length > 0
}

/** The same text with `next` wherever `old` stood, written as the place asks for. `isIts`: by the connection string around it, null where there is none. */
export function withOther(
  text: string,
  file: string,
  { old, next }: { readonly old: string; readonly next: string },
  isIts: (within: string | null) => boolean,
): string {
  const its = spots(text, file, old).filter(({ within }) => isIts(within))
  const spans = its.map(({ from, to, isUrl }): Span => ({
    from,
    to,
    text: isUrl ? encodeURIComponent(next) : next,
  }))
  return rewritten(text, spans)
}

interface Spot {
  readonly from: number
  readonly to: number
  /** In a connection string, where some signs are written by their code. */
  readonly isUrl: boolean
  /** That string. */
  readonly within: string | null
}

function spots(text: string, file: string, secret: string): readonly Spot[] {
  const seen = findIn(text, file).flatMap((found): readonly Spot[] => {
    const own = found.secret.reveal()
    const from = own === secret || decoded(own) === secret ? whereIs(text, found) : null
    return from === null
      ? []
      : [
          {
            from,
            to: from + own.length,
            isUrl: found.within !== null,
            within: stringAround(text, from, found)?.text ?? null,
          },
        ]
  })
  if (secret.length < telling) return seen
  const coded = encodeURIComponent(secret)
  const others = [...new Set([secret, coded])].flatMap((form) =>
    [...occurrences(text, form)].map((from) => ({
      from,
      to: from + form.length,
      isUrl: form !== secret,
      within: null,
    })),
  )
  return [...seen, ...others.filter(({ from }) => !seen.some((spot) => spot.from === from))]
}

function* occurrences(text: string, part: string): Generator<number> {
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) yield at
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // No code: it is what it is.
    return text
  }
}
