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

/** The two largest units that matter: `1 d 3 h`, `47 h 59 m`, `12 s`; `0 s` for nothing. */
export function sayDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const from = parts.findIndex(([count]) => count > 0)
  if (from === -1) return '0 s'
  const said = parts.slice(from, from + 2).filter(([count]) => count > 0)
  return said.map(([count, unit]) => `${count} ${unit}`).join(' ')
}

function isUnit(text: string): text is keyof typeof units {
  return Object.hasOwn(units, text)
}
