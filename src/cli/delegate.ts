/** `firebreak approver delegate`: somebody is away, and a viewer signs in their place until a day. */
import { parseDuration } from '../app/duration.ts'
import { isObject } from '../base/json.ts'
import { exits, usage } from './command.ts'
import type { Parsed } from './command.ts'
import { call, factor, first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell, sayTime } from './table.ts'

export async function lend(parsed: Parsed, io: Io): Promise<number> {
  const name = first(parsed, 'NAME')
  const to = parsed.text('to')
  if (to === null) throw usage('`--to` is missing: the viewer who signs in their place')
  const until = endOf(parsed.text('until'), Date.now())
  const done = await call(parsed, 'approver-delegate', {
    name,
    to,
    until,
    ...(await factor(parsed, io)),
  })
  const told = isObject(done) ? done : {}
  io.say(
    `${cell(told['to'])} signs in the place of ${cell(told['name'])} until ${sayTime(told['until'])}; together they are one voice`,
  )
  io.give(done)
  return exits.done
}

export async function takeBack(parsed: Parsed, io: Io): Promise<number> {
  const name = first(parsed, 'NAME')
  const done = await call(parsed, 'approver-undelegate', { name, ...(await factor(parsed, io)) })
  const told = isObject(done) ? done : {}
  io.say(
    `${cell(told['to'])} signs nothing any more in the place of ${cell(told['name'])}, and what has not run needs another yes`,
  )
  io.give(done)
  return exits.done
}

/** ms since 1970: in so long, at that time, or at the end of that day as this machine counts days. Throws for anything else. */
export function endOf(text: string | null, now: number): number {
  const said = text ?? ''
  const lasts = parseDuration(said)
  const end = lasts === null ? (endOfDay(said) ?? timeIn(said)) : now + lasts
  if (Number.isFinite(end)) return end
  throw usage('`--until` takes `14d`, a day as `2026-12-24`, or a time as `2026-12-24T18:00:00Z`')
}

/** Null for what is no day: also the 30th of February. */
function endOfDay(text: string): number | null {
  const [year = NaN, month = NaN, date = NaN] = /^\d{4}-\d\d-\d\d$/.test(text)
    ? text.split('-').map(Number)
    : []
  const noon = new Date(year, month - 1, date, 12)
  return noon.getMonth() === month - 1 && noon.getDate() === date
    ? new Date(year, month - 1, date + 1).getTime()
    : null
}

function timeIn(text: string): number {
  return /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN
}
