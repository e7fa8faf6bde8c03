/** Writes a query again with whole names, as far as it only reads tables that the catalog knows. */
import type { Json, JsonObject } from '../../base/json.ts'
import { nameOf, quoted } from '../../platforms/postgres/radius-count.ts'
import { filled, printed, printedAll } from './print.ts'
import type { Printing } from './print.ts'
import { child, children, names, nodeName, nothing, under, word } from './tree.ts'

export function printedQuery(select: JsonObject, printing: Printing): string | null {
  if (Object.keys(select).some((key) => !known.has(key))) return null
  const op = setOperations[word(select, 'op')]
  if (op !== undefined) {
    const [left, right] = [child(select, 'larg'), child(select, 'rarg')]
    const all = select['all'] === true ? ' ALL' : ''
    return filled`(${printedQuery(left, printing)}) ${op}${all} (${printedQuery(right, printing)})${tailOf(select, printing)}`
  }
  const lists = children(select, 'valuesLists')
  if (lists.length > 0)
    return filled`VALUES ${printedAll(lists, printing)}${tailOf(select, printing)}`
  return filled`SELECT ${distinctOf(select, printing)}${targetsOf(select, printing)}${fromOf(select, printing)}${clause(' WHERE ', select['whereClause'], printing)}${listed(' GROUP BY ', children(select, 'groupClause'), printing)}${clause(' HAVING ', select['havingClause'], printing)}${tailOf(select, printing)}`
}

/** A lock that a query takes says nothing of its rows, and a count may take none. */
const known: ReadonlySet<string> = new Set(
  `targetList fromClause whereClause groupClause havingClause sortClause limitCount limitOffset limitOption lockingClause
  op all larg rarg valuesLists distinctClause`.split(/\s+/),
)

const setOperations: { readonly [op: string]: string } = {
  SETOP_UNION: 'UNION',
  SETOP_INTERSECT: 'INTERSECT',
  SETOP_EXCEPT: 'EXCEPT',
}

/** FROM as it stands in a query; empty without one. */
export function fromOf(select: JsonObject, printing: Printing): string | null {
  const items = children(select, 'fromClause').map((item) => itemOf(item, printing))
  if (items.includes(null)) return null
  return items.length === 0 ? '' : ` FROM ${items.join(', ')}`
}

function clause(words: string, value: Json | undefined, printing: Printing): string | null {
  return value === undefined ? '' : filled`${words}${printed(value, printing)}`
}

function listed(words: string, list: readonly Json[], printing: Printing): string | null {
  return list.length === 0 ? '' : filled`${words}${printedAll(list, printing)}`
}

/** `DISTINCT` is a list of one empty thing. */
function distinctOf(select: JsonObject, printing: Printing): string | null {
  const list = children(select, 'distinctClause')
  if (list.length === 0) return ''
  const isPlain = list.every((each) => nodeName(each) === null)
  return isPlain ? 'DISTINCT ' : filled`DISTINCT ON (${printedAll(list, printing)}) `
}

function targetsOf(select: JsonObject, printing: Printing): string | null {
  const targets = children(select, 'targetList').map((each) => {
    const target = under(each, 'ResTarget') ?? nothing
    const name = word(target, 'name')
    return filled`${printed(target['val'], printing)}${name === '' ? '' : ` AS ${quoted(name)}`}`
  })
  return targets.includes(null) ? null : targets.join(', ')
}

function tailOf(select: JsonObject, printing: Printing): string | null {
  if (!['', 'LIMIT_OPTION_DEFAULT', 'LIMIT_OPTION_COUNT'].includes(word(select, 'limitOption')))
    return null
  const orders = children(select, 'sortClause').map((each) => orderOf(each, printing))
  if (orders.includes(null)) return null
  const order = orders.length === 0 ? '' : ` ORDER BY ${orders.join(', ')}`
  return filled`${order}${clause(' LIMIT ', select['limitCount'], printing)}${clause(' OFFSET ', select['limitOffset'], printing)}`
}

const directions: { readonly [word: string]: string } = {
  SORTBY_DEFAULT: '',
  SORTBY_ASC: ' ASC',
  SORTBY_DESC: ' DESC',
}
const places: { readonly [word: string]: string } = {
  SORTBY_NULLS_DEFAULT: '',
  SORTBY_NULLS_FIRST: ' NULLS FIRST',
  SORTBY_NULLS_LAST: ' NULLS LAST',
}

function orderOf(value: Json, printing: Printing): string | null {
  const order = under(value, 'SortBy') ?? nothing
  const direction = directions[word(order, 'sortby_dir')] ?? null
  const place = places[word(order, 'sortby_nulls')] ?? null
  return filled`${printed(order['node'], printing)}${direction}${place}`
}

function itemOf(item: Json | undefined, printing: Printing): string | null {
  const name = nodeName(item)
  const node = under(item, name ?? '') ?? nothing
  if (name === 'RangeVar') return tableOf(node, printing)
  if (name === 'RangeSubselect') {
    const alias = child(node, 'alias')
    const columns = names(children(alias, 'colnames')).map(quoted).join(', ')
    const query = printedQuery(under(node['subquery'], 'SelectStmt') ?? nothing, printing)
    if ('lateral' in node || word(alias, 'aliasname') === '') return null
    return filled`(${query}) AS ${quoted(word(alias, 'aliasname'))}${columns === '' ? '' : ` (${columns})`}`
  }
  return name === 'JoinExpr' ? joinOf(node, printing) : null
}

const joins: { readonly [type: string]: string } = {
  JOIN_INNER: 'JOIN',
  JOIN_LEFT: 'LEFT JOIN',
  JOIN_RIGHT: 'RIGHT JOIN',
  JOIN_FULL: 'FULL JOIN',
}

function joinOf(node: JsonObject, printing: Printing): string | null {
  const words = joins[word(node, 'jointype')] ?? null
  if ('isNatural' in node || 'alias' in node || 'join_using_alias' in node) return null
  const [left, right] = [itemOf(node['larg'], printing), itemOf(node['rarg'], printing)]
  const using = children(node, 'usingClause')
  if (using.length > 0)
    return filled`(${left} ${words} ${right} USING (${names(using).map(quoted).join(', ')}))`
  if ('quals' in node)
    return filled`(${left} ${words} ${right} ON ${printed(node['quals'], printing)})`
  return filled`(${left} CROSS JOIN ${right})`
}

/** Where counting only reads: a table, no view and nothing that lies elsewhere. */
const readKinds: ReadonlySet<string> = new Set(['table', 'partitioned', 'materialized'])

function tableOf(range: JsonObject, { scope }: Printing): string | null {
  const name = word(range, 'relname')
  const isNamed = word(range, 'schemaname') === '' && scope.ctes.has(name)
  const alias = child(range, 'alias')
  const known = scope.relation(range)
  const isKnown = known !== null && readKinds.has(known.kind) && !scope.isTemporary(range)
  if (isNamed || !isKnown || 'catalogname' in range || 'colnames' in alias) return null
  const called = word(alias, 'aliasname')
  return `${range['inh'] === true ? '' : 'ONLY '}${nameOf(known)} AS ${quoted(called === '' ? name : called)}`
}
