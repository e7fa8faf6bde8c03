/** A living line on the terminal: how far long work is, how fast it goes, and how long it still takes where the whole is known. */
import { setTimeout as pause } from 'node:timers/promises'
import { sayDuration } from '../app/duration.ts'
import type { Standing } from '../app/progress.ts'
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { call } from './daemon.ts'
import type { Parsed } from './command.ts'
import type { Io } from './io.ts'
import { sayBytes, visible } from './table.ts'

const everyMs = 500
/** The speed is that of the last five seconds. */
const windowMs = 5000

/** Where the work stands; null where nothing can be said of it. */
export type Look = () => Promise<Standing | null>

/**
 * Waits for `work`, and meanwhile shows where it stands to a person who looks. The looking fails alone: the work is asked for once,
 * by itself, and neither waits for a look nor hears of one that broke.
 */
export async function watched<T>(
  { live }: Pick<Io, 'live'>,
  what: string,
  look: Look,
  work: () => Promise<T>,
): Promise<T> {
  if (live === null) return await work()
  const over = new AbortController()
  const shown = show(live, what, look, over.signal)
  try {
    return await work()
  } finally {
    over.abort()
    await shown
    live('')
  }
}

/** What the daemon knows of a backup, by its target, or of a drill or restore, by its point. */
export function progressOf(parsed: Parsed, thing: string): Look {
  return lookBy((command, input) => call(parsed, command, input), thing)
}

export function lookBy(
  ask: (command: string, input: JsonObject) => Promise<Json>,
  thing: string,
): Look {
  return async () => {
    const told = await ask('vault-progress', { thing })
    return isObject(told) ? standingOf(told) : null
  }
}

export function standingOf({ bytes, total, about, sinceMs }: JsonObject): Standing {
  return {
    bytes: Number(bytes),
    total: typeof total === 'number' ? total : null,
    about: about === true,
    sinceMs: Number(sinceMs),
  }
}

/** `backing up shop: 1.2 GB of about 4.0 GB, 85 MB/s, 33 s left`. `earlier`: where it stood a while before. */
export function sayStanding(what: string, now: Standing, earlier: Standing | null): string {
  const perMs = speed(now, earlier)
  const done = sayBytes(now.bytes)
  const fast = perMs > 0 ? `, ${sayBytes(Math.round(perMs * 1000))}/s` : ''
  const left = (now.total ?? 0) - now.bytes
  const soFar = `${sayDuration(now.sinceMs)} so far`
  if (left > 0) {
    const whole = `${now.about ? 'about ' : ''}${sayBytes(now.total)}`
    const end = perMs > 0 ? `${sayDuration(Math.max(1000, left / perMs))} left` : soFar
    return `${what}: ${done} of ${whole}${fast}, ${end}`
  }
  // All has come: what follows is looking at it, and nobody knows how long that takes.
  if (now.bytes > 0 && now.total !== null && perMs === 0)
    return `${what}: ${done}, now comparing, ${soFar}`
  return `${what}: ${done}${fast}, ${soFar}`
}

/** Bytes in a millisecond. */
function speed(now: Standing, earlier: Standing | null): number {
  const { bytes, sinceMs } = earlier ?? { bytes: 0, sinceMs: 0 }
  const passed = now.sinceMs - sinceMs
  return passed > 0 ? Math.max(0, (now.bytes - bytes) / passed) : 0
}

async function show(
  live: NonNullable<Io['live']>,
  what: string,
  look: Look,
  over: AbortSignal,
): Promise<void> {
  const seen: Standing[] = []
  while (!over.aborted)
    try {
      await pause(everyMs, null, { signal: over })
      const now = await look()
      if (now === null || over.aborted) continue
      // Begun anew: what was before says nothing of its speed.
      if (now.sinceMs < (seen.at(-1)?.sinceMs ?? 0)) seen.length = 0
      while ((seen[0]?.sinceMs ?? now.sinceMs) < now.sinceMs - windowMs) seen.shift()
      live(visible(sayStanding(what, now, seen[0] ?? null)))
      seen.push(now)
    } catch {
      // It is over, or it cannot be told: then the work goes on without.
      return
    }
}
