/** `.firebreak-ignore`: findings that somebody has accepted, each with a day and a reason; it lies in the checkout, where all can read it. */
import { FirebreakError } from '../base/error.ts'

export const ignoreFile = '.firebreak-ignore'

export interface Accepted {
  readonly id: string
  /** The day on which it was accepted, `2026-11-27`. */
  readonly day: string
  /** The last day on which that counts; null: it has no end. */
  readonly until: string | null
  readonly reason: string
  readonly line: number
}

export interface Ignored {
  /** Findings' ids are made with it, so that they tell nothing to who has not this file. */
  readonly salt: string
  readonly accepted: readonly Accepted[]
}

/** What the file says. Throws `bad_input` with the line that it cannot read: a slip must not hide a finding, nor bring one back unsaid. */
export function readIgnored(text: string): Ignored {
  let salt = ''
  const accepted: Accepted[] = []
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const salted = /^salt:\s*([0-9a-f]{32})$/.exec(line)?.[1]
    if (salted !== undefined && salt === '') salt = salted
    else accepted.push(acceptedOf(line, at + 1))
  }
  return { salt, accepted }
}

/** What still counts today: past its last day a finding is open again. Days are those of UTC. */
export const inForce = (all: readonly Accepted[], today: string): readonly Accepted[] =>
  all.filter(({ until }) => until === null || until >= today)

/** True for a day of the calendar, `2026-11-27`. */
export function isDay(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

function acceptedOf(line: string, at: number): Accepted {
  const [, id = '', days = '', reason = ''] = /^(\S+)\s+(\S+)\s+(\S.*)$/.exec(line) ?? []
  const [day = '', ...ends] = days.split('..')
  const areDays = ends.length < 2 && [day, ...ends].every(isDay)
  if (!/^[a-z\d-]+-[0-9a-f]{12}$/.test(id) || !areDays || reason === '')
    throw new FirebreakError(
      'bad_input',
      `${ignoreFile}, line ${at}: not an id, a day and a reason`,
      'write for example `railway-token-0123456789ab 2026-11-27 revoked, kept for a test`, or `2026-11-27..2026-12-31` where it ends',
    )
  return { id, day, until: ends[0] ?? null, reason, line: at }
}

/** The text with blanks for salt, ids and days: what a person wrote, each word at its own place. */
export function reasonsIn(text: string): string {
  return text.replaceAll(
    /^[ \t]*(?:salt:[ \t]*[0-9a-f]{32}[ \t]*$|[a-z\d-]+-[0-9a-f]{12}[ \t]+\S+)/gm,
    (own) => ' '.repeat(own.length),
  )
}

/** The file with these accepted too. */
export function writeIgnored({ salt, accepted }: Ignored): string {
  const head = [
    '# Findings of `firebreak scan` that were accepted: id, day (or `day..last day`), reason. One that is gone may be taken out.',
    `salt: ${salt}`,
    '',
  ]
  const lines = accepted.map(
    ({ id, day, until, reason }) => `${id} ${day}${until === null ? '' : `..${until}`} ${reason}`,
  )
  return [...head, ...lines, ''].join('\n')
}
