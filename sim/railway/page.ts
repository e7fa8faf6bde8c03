/** Cuts rows into the pages of a connection. */
import { maybeNumber, maybeText, type Args } from './args.ts'

/** Edges and page info of the rows that `first`, `after`, `last` and `before` ask for; a cursor is a row's id. */
export function page<T extends { readonly id: string }>(
  rows: readonly T[],
  args: Args,
  view: (row: T) => unknown,
): unknown {
  const at = (name: string): number => rows.findIndex(({ id }) => id === maybeText(args, name))
  const start = at('after') + 1
  const stop = at('before') === -1 ? rows.length : at('before')
  const between = rows.slice(start, Math.max(start, stop))
  const cut = lastOf(firstOf(between, maybeNumber(args, 'first')), maybeNumber(args, 'last'))
  const [head, tail] = [cut[0], cut.at(-1)]
  return {
    edges: cut.map((row) => ({ cursor: row.id, node: view(row) })),
    pageInfo: {
      hasPreviousPage: head !== undefined && head !== rows[0],
      hasNextPage: tail !== undefined && tail !== rows.at(-1),
      startCursor: head?.id ?? null,
      endCursor: tail?.id ?? null,
    },
  }
}

function firstOf<T>(rows: readonly T[], count: number | null): readonly T[] {
  return count === null ? rows : rows.slice(0, Math.max(0, count))
}

function lastOf<T>(rows: readonly T[], count: number | null): readonly T[] {
  return count === null ? rows : rows.slice(Math.max(0, rows.length - Math.max(0, count)))
}
