/** A window of time as an incident: who asked how often, what was refused, held, approved and run, and what came back. */
import { FirebreakError } from '../base/error.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { bundle } from './incident.ts'
import type { Account, Bundle, Section } from './incident.ts'
import { timeText } from './leaf.ts'
import type { Told } from './leaf.ts'
import type { Verifier } from './note.ts'
import type { LogReads } from './reads.ts'
import { searchLog } from './search.ts'
import type { Numbered } from './story.ts'
import { lineOf, plain } from './telling.ts'

export interface Window {
  readonly since: number
  readonly until: number
}

/** A bundle is for people: a longer time is many incidents. */
const most = { entries: 1000, bytes: 8 * 1024 * 1024 } as const

/** Throws `not_found` where nothing was written down in it, `too_large` where too much was, `broken_ledger` where a proof fails. */
export async function incidentIn(
  log: LogReads,
  window: Window,
  verifier: Verifier,
): Promise<Bundle> {
  const entries = await entriesIn(log, window)
  const id = `${timeText(window.since)}/${timeText(window.until)}`
  if (entries.length === 0)
    throw new FirebreakError('not_found', `nothing was written down in ${id}`)
  const account = accountOf(entries, window)
  return await bundle(log, entries, { verifier, id, told: account, account })
}

async function entriesIn(log: LogReads, window: Window): Promise<readonly Numbered[]> {
  const sought = { kinds: [], principal: null, subject: null, text: null, ...window }
  const found: Numbered[] = []
  let before: number | null = null
  do {
    const stretch = await searchLog(log, sought, { before, limit: most.entries + 1 })
    found.push(...stretch.found)
    before = stretch.next
  } while (before !== null && found.length <= most.entries)
  const bytes = found.reduce((sum, { told }) => sum + JSON.stringify(told.body).length, 0)
  if (found.length > most.entries || bytes > most.bytes)
    throw new FirebreakError(
      'too_large',
      `more than ${most.entries} entries, or ${most.bytes} bytes of them, are in that window`,
      'name a shorter one, or a hold',
    )
  return found.toReversed()
}

/** What each kind of entry comes under; the rest is in the timeline alone. */
const headings: readonly (readonly [string, readonly string[]])[] = [
  ['Held', ['held']],
  ['Refused', ['denied', 'rejected', 'expired']],
  ['Let pass in shadow mode', ['shadowed']],
  ['Approved, and when it runs', ['approved', 'scheduled']],
  ['Run', ['outcome']],
  ['Came back, or was taken back in time', ['undone', 'restored']],
  ['Stopped and let go on', ['halted', 'resumed']],
  ['Alarms', ['alarm']],
]

function accountOf(entries: readonly Numbered[], { since, until }: Window): Account {
  const of = (kinds: readonly string[]): Section['lines'] =>
    entries
      .filter(({ told }) => kinds.includes(told.kind))
      .map(({ index, told }) => ({ text: lineOf(told), index }))
  return {
    title: `Incident ${timeText(since)} to ${timeText(until)}`,
    headlines: [`${entries.length} entries were written down in this time.`],
    sections: [
      { heading: 'Asked', lines: asked(entries.map(({ told }) => told)) },
      ...headings.map(([heading, kinds]) => ({ heading, lines: of(kinds) })),
    ],
    timeline: entries.map(({ index, told }) => ({
      index,
      at: timeText(told.at),
      line: lineOf(told),
    })),
  }
}

/** By agent, the busiest first: a batch has a row for each request (`guard/record.ts`). */
function asked(all: readonly Told[]): Section['lines'] {
  const counts = new Map<string, { total: number; refused: number; held: number }>()
  const count = (who: string, part: 'total' | 'refused' | 'held'): void => {
    const had = counts.get(who) ?? { total: 0, refused: 0, held: 0 }
    counts.set(who, had)
    had[part] += 1
    if (part !== 'total') had.total += 1
  }
  for (const { kind, subject, principal, body } of all) {
    if (kind === 'request')
      for (const [who, status] of rowsOf(body)) count(who, isRefusal(status) ? 'refused' : 'total')
    if (kind === 'held') count(principal ?? '', 'held')
    // What was held first, and refused when it was looked at again, was asked once.
    if (kind === 'denied' && subject === null) count(principal ?? '', 'refused')
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b.total - a.total)
    .map(([who, { total, refused, held }]) => {
      const name = plain(who) === '' ? 'somebody without a grant' : plain(who)
      return { text: `${name}: ${total} in all, ${refused} refused, ${held} held`, index: null }
    })
}

/** Who, and what they were answered. */
function rowsOf({ rows }: JsonObject): readonly (readonly [string, Json])[] {
  if (!Array.isArray(rows)) return []
  return rows.flatMap((row: Json) => {
    const [, who, , , , status = null] = Array.isArray(row) ? row : []
    return typeof who === 'string' ? [[who, status] as const] : []
  })
}

function isRefusal(status: Json): boolean {
  return status === 401 || status === 403
}
