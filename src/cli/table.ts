/** Rows as aligned text, and times and sizes as people read them. */
import { saySize } from '../app/retention-size.ts'
import type { JsonObject } from '../base/json.ts'

/** Columns padded to their widest cell; an empty list gives the one line that teaches what to do. */
export function table(rows: readonly (readonly string[])[], empty: string): readonly string[] {
  if (rows.length === 0) return [empty]
  const columns = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** `2026-11-25 06:50:01Z`; `-` for null. */
export function sayTime(ms: unknown): string {
  if (typeof ms !== 'number') return '-'
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** `1.2 GB`, in powers of 1,000; `-` for what is no number. */
export function sayBytes(bytes: unknown): string {
  if (typeof bytes !== 'number') return '-'
  return saySize(bytes)
}

/** Text of a JSON member for a terminal, `-` where there is none. */
export function cell(value: unknown): string {
  if (typeof value === 'string') return visible(value)
  if (value === null || value === undefined) return '-'
  return visible(JSON.stringify(value))
}

/** The same on one line: a name with a line end in it makes no line of its own. */
export function word(value: unknown): string {
  return cell(value).replaceAll('\n', String.raw`\u{a}`)
}

/** Names come from platforms and agents: what moves a cursor, colours or turns text is shown as its code. Lines stay lines. */
export function visible(text: string): string {
  return text.replaceAll(
    /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** How the schema of a copy of a whole database is kept; nothing for any other point. */
export function schemaOf({ schema }: JsonObject): string {
  return typeof schema === 'string' ? `schema ${word(schema)}` : ''
}
