/** Times, sizes and names as people read them: in the words of the command line, so that both say the same. */
import { withoutLookalikes } from './lookalike.ts'

const second = 1000
const [minute, hour, day] = [60 * second, 3600 * second, 86_400 * second]

/** One unit, no more exact than it helps. */
export function sayDuration(ms: number): string {
  if (ms < 2 * minute) return `${Math.max(0, Math.round(ms / second))} s`
  if (ms < 2 * hour) return `${Math.round(ms / minute)} min`
  return ms < 2 * day ? `${Math.round(ms / hour)} h` : `${Math.round(ms / day)} d`
}

/** What is left, to the second: `47:59:58`. */
export function sayCountdown(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / second))
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

/** `48 hours`, `90 minutes`: as the text of a hold says it. */
export function sayWindow(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / minute))
  const [count, unit] = minutes % 60 === 0 ? [minutes / 60, 'hour'] : [minutes, 'minute']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** `2026-11-25 06:50:01Z`. */
export function sayTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** `12.3 MB`; decimal units. */
export function sayBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const scaled = bytes / 1000 ** power
  return `${power === 0 ? scaled : scaled.toFixed(1)} ${units[power] ?? 'B'}`
}

/** `1 row`, `12 rows`; a word that does not just take an s brings its own. */
export function count(many: number, one: string, more = `${one}s`): string {
  return `${many.toLocaleString('en')} ${many === 1 ? one : more}`
}

/** Names come from platforms and agents: what moves, colours or turns text, or passes for another letter, is shown as its code. Lines stay lines. */
export function visible(text: string): string {
  return withoutLookalikes(text, coded).replaceAll(
    /(?![\n ])[\p{Cc}\p{Cf}\p{Cs}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    coded,
  )
}

function coded(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
