/** A line of `~/.pgpass`: the database that it opens, and the line that leads to the gateway in its place. */
import { readUrl } from '../database-url.ts'
import type { Named } from '../database-url.ts'
import type { Span } from './span.ts'

/** As PostgreSQL 18, §32.16 has it: `host:port:database:user:password`, with `\` before a `:` or `\` that is none of these. */
const fields = /^((?:[^:\\\n]|\\.)*):([^:\n]*):((?:[^:\\\n]|\\.)*):((?:[^:\\\n]|\\.)*):(.*)$/

export interface PgpassLine {
  readonly named: Named
  readonly from: number
  readonly to: number
}

/** The database of the line that holds this place; null for one that stands for several (`*`), and for what none can be told of. */
export function pgpassAt(text: string, at: number): PgpassLine | null {
  const from = text.lastIndexOf('\n', at - 1) + 1
  const end = text.indexOf('\n', from)
  const line = text.slice(from, end === -1 ? text.length : end).replace(/\r$/, '')
  const parts = (fields.exec(line) ?? []).slice(1).map((part) => part.replaceAll(/\\(.)/g, '$1'))
  if (parts.length === 0 || parts.slice(0, 4).some((part) => part === '' || part === '*'))
    return null
  const [host, port, database, user, password] = parts.map(encodeURIComponent)
  try {
    const url = `postgres://${user}:${password}@${host}:${port}/${database}`
    return { named: readUrl(url, 'pgpass'), from, to: from + line.length }
  } catch {
    // No database that PostgreSQL would take: it stays, and is told.
    return null
  }
}

/** The same line for the gateway; `target` is the database's name there. */
export function pgpassThrough(
  { from, to }: PgpassLine,
  {
    listen,
    target,
    grant,
  }: { readonly listen: string; readonly target: string; readonly grant: string },
): Span {
  // An address of IPv6 has colons of its own.
  const cut = listen.lastIndexOf(':')
  const host = listen.slice(0, cut).replaceAll(':', String.raw`\:`)
  return { from, to, text: `${host}:${listen.slice(cut + 1)}:${target}:agent:${grant}` }
}
