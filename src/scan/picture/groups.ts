/** Nodes of the graph that mean the same to a reader become one box, and what no column has room for becomes one that counts it. */
import type { Box, Line, Tone } from './layered.ts'

/** More boxes in a column are no picture any more. */
export const mostBoxes = 24

/** A box, and the nodes for which it stands. */
export interface Group {
  readonly box: Box
  readonly ids: readonly string[]
}

/** Nodes by a key, none of the lists empty, in the order in which they were met. */
export const grouped = <T>(
  nodes: readonly T[],
  keyOf: (node: T) => string,
): readonly (readonly [string, readonly [T, ...T[]]])[] =>
  [...Map.groupBy(nodes, keyOf)].flatMap(([key, [first, ...rest]]) =>
    first === undefined ? [] : [[key, [first, ...rest]] as const],
  )

const ranks: readonly Tone[] = ['bare', 'gone', 'held', 'unsaid', 'plain', 'stays']

/** The worst first; the rest in one box of the same column, as bad as the worst in it. */
export function roomFor(groups: readonly Group[]): readonly Group[] {
  const sorted = groups.toSorted((a, b) => ranks.indexOf(a.box.tone) - ranks.indexOf(b.box.tone))
  const [shown, rest] = [sorted.slice(0, mostBoxes), sorted.slice(mostBoxes)]
  const [first] = rest
  if (first === undefined) return sorted
  const { column, tone } = first.box
  const names = rest.map(({ box }) => box.text).join(', ')
  const text = `and ${rest.length} more`
  const box = { id: `more ${column}`, column, mark: '', text, sub: '', tone, full: names }
  return [...shown, { box, ids: rest.flatMap(({ ids }) => ids) }]
}

/** Lines between nodes as lines between their boxes, each once and in the worst tone of all that it stands for. */
export function linesBetween(groups: readonly Group[], lines: readonly Line[]): readonly Line[] {
  const boxOf = new Map(groups.flatMap(({ box, ids }) => ids.map((id) => [id, box.id] as const)))
  const drawn = new Map<string, Line>()
  for (const { from, to, tone } of lines) {
    const [start, end] = [boxOf.get(from), boxOf.get(to)]
    if (start === undefined || end === undefined) continue
    const key = `${start}\n${end}`
    const known = drawn.get(key)
    if (known === undefined || ranks.indexOf(tone) < ranks.indexOf(known.tone))
      drawn.set(key, { from: start, to: end, tone })
  }
  // What goes is drawn last, over the rest.
  return [...drawn.values()].toSorted((a, b) => ranks.indexOf(b.tone) - ranks.indexOf(a.tone))
}
