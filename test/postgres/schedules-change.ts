/** What a statement does to the shop of the model: when an agent's is kept, when an approved one has run, and when it is undone. */
import type { Row, Seen, Shop, Table } from './schedules-shop.ts'

/** A change of rows by their ids, or one that only an approval may make. */
export type Change =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'insert'; readonly table: string; readonly row: Row }
  | { readonly kind: 'set'; readonly ids: readonly string[]; readonly name: string }
  | { readonly kind: 'delete'; readonly table: string; readonly ids: readonly string[] }
  | { readonly kind: 'bump' | 'dropColumn' }
  | { readonly kind: 'empty' | 'drop'; readonly table: string }

/** What an approved act does: what was seen when it was held, in the very same tables; else nothing. */
export function approved(shop: Shop, change: Change, seen: Seen): Shop {
  const takes = touchedBy(shop, change)
  return takes.every((name) => shop[name]?.oid === seen[name]) ? made(shop, change).shop : shop
}

function touchedBy(shop: Shop, change: Change): readonly string[] {
  if (change.kind === 'nothing') return []
  if (!('table' in change)) return ['car']
  const takesAll = change.kind === 'delete' || change.kind === 'empty' || change.kind === 'drop'
  const children = Object.keys(shop).filter((name) => shop[name]?.parents.includes(change.table))
  return takesAll ? [change.table, ...children] : [change.table]
}

export interface Made {
  readonly shop: Shop
  /** How many rows it has changed or deleted. */
  readonly rows: number
}

export function made(shop: Shop, change: Change): Made {
  switch (change.kind) {
    case 'nothing':
      return { shop, rows: 0 }
    case 'insert': {
      const rows = { ...shop[change.table]?.rows, [String(change.row['id'])]: change.row }
      return { shop: put(shop, change.table, { rows }), rows: 0 }
    }
    case 'set':
      return eachCar(shop, (row, id) =>
        change.ids.includes(id) ? { ...row, name: change.name } : row,
      )
    case 'bump':
      return eachCar(shop, (row) => ({ ...row, n: Number(row['n']) + 1 }))
    case 'delete':
      return without(shop, change.table, change.ids)
    case 'empty':
      return without(shop, change.table, idsOf(shop, change.table))
    case 'drop':
      return { shop: dropped(shop, change.table), rows: 0 }
    case 'dropColumn':
      return { shop: withoutNote(shop), rows: 0 }
  }
}

const idsOf = (shop: Shop, table: string): readonly string[] => Object.keys(shop[table]?.rows ?? {})

function withoutNote(shop: Shop): Shop {
  const columns = (shop['car']?.columns ?? []).filter((column) => column !== 'note')
  const bare = eachCar(shop, (row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => column !== 'note')),
  )
  return put(bare.shop, 'car', { columns })
}

function put(shop: Shop, name: string, change: Partial<Table>): Shop {
  const table = shop[name]
  return table === undefined ? shop : { ...shop, [name]: { ...table, ...change } }
}

function dropped(shop: Shop, gone: string): Shop {
  const left = Object.entries(shop).filter(([name]) => name !== gone)
  return Object.fromEntries(
    left.map(([name, table]) => [
      name,
      { ...table, parents: table.parents.filter((parent) => parent !== gone) },
    ]),
  )
}

function eachCar(shop: Shop, change: (row: Row, id: string) => Row): Made {
  const cars = Object.entries(shop['car']?.rows ?? {})
  const rows = Object.fromEntries(cars.map(([id, row]) => [id, change(row, id)]))
  const changed = cars.filter(([id, row]) => rows[id] !== row)
  return { shop: put(shop, 'car', { rows }), rows: changed.length }
}

/** Without these rows and all that hangs on them. */
function without(shop: Shop, name: string, ids: readonly string[]): Made {
  const all = Object.entries(shop[name]?.rows ?? {})
  const kept = all.filter(([id]) => !ids.includes(id))
  let now = put(shop, name, { rows: Object.fromEntries(kept) })
  let rows = all.length - kept.length
  for (const [child, { parents, rows: theirs }] of Object.entries(shop)) {
    if (!parents.includes(name)) continue
    const hang = Object.keys(theirs).filter((id) => ids.includes(String(theirs[id]?.['car'])))
    const more = without(now, child, hang)
    now = more.shop
    rows += more.rows
  }
  return { shop: now, rows }
}

/** After the undo of an act: whatever it has changed is as it was before, and the rest as it is. */
export function restored(shop: Shop, before: Shop, after: Shop): Shop {
  const back: Record<string, Table> = { ...shop }
  for (const [name, was] of Object.entries(before)) {
    const now = after[name]
    const here = shop[name]
    if (now === undefined) back[name] = here ?? was
    else if (here !== undefined)
      back[name] = {
        ...here,
        columns: String(now.columns) === String(was.columns) ? here.columns : was.columns,
        parents: String(now.parents) === String(was.parents) ? here.parents : was.parents,
        rows: JSON.stringify(now.rows) === JSON.stringify(was.rows) ? here.rows : was.rows,
      }
  }
  return back
}
