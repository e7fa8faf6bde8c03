/**
 * Places for boxes and lines, by the steps of Sugiyama, Tagawa and Toda (1981): a line that passes over a column gets a slot of its own there, the boxes of a
 * column stand where their neighbours are, and what overlaps is pushed down. The first column keeps its order: the worst is on top.
 */
import { boxSize, headRoom } from './layered.ts'
import type { Box, Drawn, Layered, Line } from './layered.ts'

const columnWidth = 256
const gap = 12
const margin = 8
/** A line that passes by needs less room than a box. */
const slotHeight = 10
const sweeps = 6

interface Slot {
  readonly id: string
  readonly column: number
  readonly height: number
  readonly box: Box | null
}

interface Link {
  readonly from: string
  readonly to: string
}

/** Same input, same picture. Lines to or from what is not drawn are left out. */
export function layOut({ heads, boxes, lines }: Layered): Drawn {
  const columnOf = new Map(boxes.map(({ id, column }) => [id, column]))
  const routes = lines.flatMap((line) => routeOf(line, columnOf))
  const slots = [
    ...boxes.map((box): Slot => ({ ...box, box, height: boxSize.height })),
    ...routes.flatMap(({ via }) => via),
  ]
  const links = routes.flatMap(({ path }) =>
    path.slice(1).map((to, at): Link => ({ from: path[at] ?? to, to })),
  )
  const columns = orderOf(columnsOf(slots, heads.length), links)
  const middles = middlesOf(columns, links)
  const placed = slots.flatMap(({ id, column, box, height }) => {
    const at = (middles.get(id) ?? 0) - height / 2
    return box === null ? [] : [{ ...box, x: margin + column * columnWidth, y: at }]
  })
  const lowest = Math.max(headRoom, ...placed.map(({ y }) => y + boxSize.height))
  return {
    width: margin * 2 + (heads.length - 1) * columnWidth + boxSize.width,
    height: lowest + margin,
    heads: heads.map((text, column) => ({ text, x: margin + column * columnWidth })),
    boxes: placed,
    lines: routes.map(({ path, tone, first }) => ({ d: curve(path, first, middles), tone })),
  }
}

interface Route {
  readonly path: readonly string[]
  readonly via: readonly Slot[]
  /** The column in which it begins. */
  readonly first: number
  readonly tone: Line['tone']
}

function routeOf(
  { from, to, tone }: Line,
  columnOf: ReadonlyMap<string, number>,
): readonly Route[] {
  const [start, end] = [columnOf.get(from), columnOf.get(to)]
  if (start === undefined || end === undefined || start === end) return []
  if (start > end) return routeOf({ from: to, to: from, tone }, columnOf)
  const via = Array.from({ length: end - start - 1 }, (_, at): Slot => ({
    id: `${from} → ${to} ${start + 1 + at}`,
    column: start + 1 + at,
    height: slotHeight,
    box: null,
  }))
  return [{ path: [from, ...via.map(({ id }) => id), to], via, first: start, tone }]
}

type Columns = readonly (readonly Slot[])[]

const columnsOf = (slots: readonly Slot[], many: number): Columns =>
  Array.from({ length: many }, (_, at) => slots.filter(({ column }) => column === at))

function neighbours(links: readonly Link[], side: 'from' | 'to'): ReadonlyMap<string, string[]> {
  const known = new Map<string, string[]>()
  const other = side === 'from' ? 'to' : 'from'
  for (const link of links) known.set(link[side], [...(known.get(link[side]) ?? []), link[other]])
  return known
}

/** Crossings become fewer where each stands at the mean of its neighbours' places; who has none keeps its own. */
function orderOf(columns: Columns, links: readonly Link[]): Columns {
  const [left, right] = [neighbours(links, 'to'), neighbours(links, 'from')]
  let now = columns
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const side = sweep % 2 === 0 ? left : right
    const ranks = new Map<string, number>()
    const rank = (column: readonly Slot[]): readonly Slot[] => {
      for (const [at, { id }] of column.entries()) ranks.set(id, at / Math.max(1, column.length))
      return column
    }
    const sorted = (column: readonly Slot[], at: number): readonly Slot[] =>
      rank(at === 0 ? column : column.toSorted((a, b) => mean(a, side) - mean(b, side)))
    for (const column of now) rank(column)
    const mean = ({ id }: Slot, of: ReadonlyMap<string, string[]>): number =>
      average((of.get(id) ?? []).map((each) => ranks.get(each) ?? 0)) ?? ranks.get(id) ?? 0
    now =
      sweep % 2 === 0
        ? now.map((column, at) => sorted(column, at))
        : now.map((_, at) => sorted(now.at(-1 - at) ?? [], now.length - 1 - at)).toReversed()
  }
  return now
}

function average(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : numbers.reduce((sum, one) => sum + one, 0) / numbers.length
}

/** The first column from the top; each further box as near to the mean of those it hangs on as the ones above it let it. */
function middlesOf(columns: Columns, links: readonly Link[]): ReadonlyMap<string, number> {
  const left = neighbours(links, 'to')
  const middles = new Map<string, number>()
  for (const column of columns) {
    let free = headRoom
    for (const { id, height } of column) {
      const wish = average((left.get(id) ?? []).flatMap((each) => middles.get(each) ?? []))
      const at = Math.max(free, (wish ?? 0) - height / 2)
      middles.set(id, at + height / 2)
      free = at + height + gap
    }
    lift(column, left, middles)
  }
  return middles
}

/** A run of boxes that were pushed down hangs below its middle: the whole run goes up by half of that, as far as it may. */
function lift(
  column: readonly Slot[],
  left: ReadonlyMap<string, string[]>,
  middles: Map<string, number>,
): void {
  const wishes = column.flatMap(({ id }) => {
    const wish = average((left.get(id) ?? []).flatMap((each) => middles.get(each) ?? []))
    return wish === null ? [] : [(middles.get(id) ?? 0) - wish]
  })
  const [first] = column
  if (first === undefined || wishes.length === 0) return
  const top = (middles.get(first.id) ?? 0) - first.height / 2 - headRoom
  const by = Math.min(top, Math.max(0, average(wishes) ?? 0))
  for (const { id } of column) middles.set(id, (middles.get(id) ?? 0) - by)
}

/** From the right edge of a box to the left edge of the next; over a column that it passes, straight. */
function curve(
  path: readonly string[],
  first: number,
  middles: ReadonlyMap<string, number>,
): string {
  const parts: string[] = []
  for (const [at, id] of path.entries()) {
    const x = margin + (first + at) * columnWidth
    const y = round(middles.get(id) ?? 0)
    if (at === 0) parts.push(`M${x + boxSize.width} ${y}`)
    else {
      const from = x - columnWidth + boxSize.width
      const bend = round((from + x) / 2)
      parts.push(`C${bend} ${round(middles.get(path[at - 1] ?? '') ?? 0)} ${bend} ${y} ${x} ${y}`)
      if (at < path.length - 1) parts.push(`H${x + boxSize.width}`)
    }
  }
  return parts.join('')
}

const round = (number: number): number => Math.round(number * 10) / 10
