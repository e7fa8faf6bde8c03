/** Durations as people write them: `30s`, `15m`, `48h`, `7d`. */

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds, or null for what is no duration (`48 h`, `-1h`, `1.5h`, anything over ten years). */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  const unit = match?.[2]
  if (match === null || unit === undefined || !isUnit(unit)) return null
  const ms = Number(match[1]) * units[unit]
  return ms <= 10 * 366 * units.d ? ms : null
}

function isUnit(text: string): text is keyof typeof units {
  return Object.hasOwn(units, text)
}

/** For a person: one unit, no more exact than it helps. */
export function sayDuration(ms: number): string {
  if (ms < units.s) return `${Math.round(ms)} ms`
  if (ms < 2 * units.m) return `${Math.round(ms / units.s)} s`
  if (ms < 2 * units.h) return `${Math.round(ms / units.m)} min`
  return ms < 2 * units.d ? `${Math.round(ms / units.h)} h` : `${Math.round(ms / units.d)} d`
}
