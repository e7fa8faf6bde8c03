/** `firebreak ledger search`: entries in a line each, newest first; on the rows themselves, so the daemon may be down. */
import { withLog } from '../app/archive.ts'
import { parseDuration } from '../app/duration.ts'
import { lookUp, mostFound } from '../app/looked-up.ts'
import type { LookedUp } from '../app/looked-up.ts'
import { realClock } from '../app/world.ts'
import { exits, usage } from './command.ts'
import type { Parsed } from './command.ts'
import { configOf } from './daemon.ts'
import type { Io } from './io.ts'
import { table, word } from './table.ts'

export const searchOptions = {
  kind: { type: 'string', multiple: true },
  principal: { type: 'string' },
  subject: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  limit: { type: 'string' },
  before: { type: 'string' },
} as const

/** Goes on from stretch to stretch until so many are found: whoever asks here can wait, and nobody else does. */
export async function searchLedger(parsed: Parsed, io: Io): Promise<number> {
  const [text = null, ...more] = parsed.positionals
  if (more.length > 0) throw usage(`\`${more[0] ?? ''}\` is one argument too many`)
  const wanted = {
    text,
    kinds: parsed.list('kind'),
    principal: parsed.text('principal'),
    subject: parsed.text('subject'),
    since: momentIn(parsed, 'since'),
    until: momentIn(parsed, 'until'),
  }
  const limit = numberIn(parsed, 'limit') ?? mostFound
  const begin = numberIn(parsed, 'before')
  return await withLog(configOf(parsed), async (log) => {
    const entries: LookedUp['entries'][number][] = []
    let before = begin
    do {
      const left = { before, limit: limit - entries.length }
      const { entries: found, next } = await lookUp(log, { ...wanted, ...left })
      entries.push(...found)
      before = next
    } while (before !== null && entries.length < limit)
    for (const line of table(
      entries.map(({ index, time, kind, line: said }) => [`[${index}]`, time, kind, word(said)]),
      'no entry is like that',
    ))
      io.say(line)
    if (before !== null) io.note(`there may be more: --before ${before}`)
    io.give({ entries, next: before })
    return exits.done
  })
}

/** `2h` is two hours ago; anything else is a time with its date. */
export function momentIn(parsed: Parsed, name: string): number | null {
  const text = parsed.text(name)
  if (text === null) return null
  const ago = parseDuration(text)
  const at = ago === null ? Date.parse(text) : realClock.now() - ago
  if (Number.isNaN(at))
    throw usage(`\`--${name} ${text}\` is no time: write \`2h\` or \`2026-11-25T06:49:50Z\``)
  return at
}

function numberIn(parsed: Parsed, name: string): number | null {
  const text = parsed.text(name)
  if (text !== null && !/^[1-9]\d{0,14}$/.test(text))
    throw usage(`\`--${name} ${text}\` is no number from 1 on`)
  return text === null ? null : Number(text)
}
