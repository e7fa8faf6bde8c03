/** Sizes as people write and read them: `200GB`, in powers of 1,000. */

const units = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const

/** Bytes, or null for what is no size. */
export function parseSize(text: string): number | null {
  const [, count, unit] = /^(\d{1,6}) ?(kB|MB|GB|TB)$/.exec(text) ?? []
  return count === undefined || !isUnit(unit) ? null : Number(count) * units[unit]
}

function isUnit(text: string | undefined): text is keyof typeof units {
  return text !== undefined && Object.hasOwn(units, text)
}

/** `1.2 GB`. */
export function saySize(bytes: number): string {
  const at = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3))
  const scaled = bytes / 1000 ** at
  const digits = at > 0 && scaled < 10 ? 1 : 0
  return `${scaled.toFixed(digits)} ${['bytes', 'kB', 'MB', 'GB', 'TB'][at] ?? 'TB'}`
}
