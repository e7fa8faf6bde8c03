/** When a message goes: bursts together, failures less and less often, and not at night what can wait. Pure. */
import type { Chance } from '../base/clock.ts'
import type { OutboxRow } from '../guard/rows.ts'

/** The first of a burst goes nearly at once; what follows it closely is gathered for longer and longer. */
const windowsMs = [2000, 5000, 15_000, 30_000, 60_000] as const
/** A channel that was silent for so long is at its first window again. */
const calmMs = 10 * 60_000
const firstWaitMs = 5000
const longestWaitMs = 30 * 60_000
/** So long is tried. */
export const giveUpMs = 24 * 60 * 60_000

/** How often a channel was written to in this burst, and when last. */
export interface Burst {
  readonly sent: number
  readonly last: number
}

export const calm: Burst = { sent: 0, last: -Infinity }

export function windowMs({ sent, last }: Burst, now: number): number {
  const step = now - last >= calmMs ? 0 : Math.min(sent, windowsMs.length - 1)
  return windowsMs[step] ?? windowsMs[0]
}

export function after({ sent, last }: Burst, now: number): Burst {
  return { sent: now - last >= calmMs ? 1 : sent + 1, last: now }
}

/** Before the next try: twice as long each time, and by chance up to a half more, so that many do not come together. */
export function waitMs(tries: number, chance: Chance): number {
  const whole = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(tries - 1, 20))
  const [byte = 0] = chance(1)
  return Math.round(whole * (1 + byte / 510))
}

export interface QuietHours {
  /** Minutes of the day. */
  readonly from: number
  readonly to: number
  /** An IANA zone; null: this machine's. */
  readonly zone: string | null
}

/** What is an alarm, a halt or a hold never waits for the morning. */
export function canWait({ kind }: Pick<OutboxRow, 'kind'>): boolean {
  return kind === 'act'
}

export function isQuiet(hours: QuietHours | null, now: number): boolean {
  if (hours === null) return false
  const { from, to, zone } = hours
  const time = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(zone === null ? {} : { timeZone: zone }),
  }).format(now)
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const at = hour * 60 + minute
  return from <= to ? at >= from && at < to : at >= from || at < to
}
