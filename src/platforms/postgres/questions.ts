/** How a database is asked: text in, rows of text out, one statement at a time, on one session. */

/** A row as the server tells it, each value in its text form. */
export type Row = Readonly<Record<string, string | null>>

/** One statement with its `$1…`; throws what the server says. */
export type Ask = (sql: string, values?: readonly (string | null)[]) => Promise<readonly Row[]>

/** One session of a database, for whoever moves rows: statements run in the order in which they are asked. */
export interface Session {
  readonly ask: Ask
  /** The bytes of `COPY … TO STDOUT`, read no faster than they are taken. */
  copyOut(sql: string): AsyncIterable<Uint8Array>
  /** Feeds `COPY … FROM STDIN`; where the bytes throw, the statement fails. */
  copyIn(sql: string, bytes: AsyncIterable<Uint8Array>): Promise<void>
}

/** The text of a column that is never null; the empty text where the row has no such column. */
export function told(row: Row | undefined, column: string): string {
  return row?.[column] ?? ''
}
