/** Walks the whole tree of a statement: what it calls, reads and writes. A node that is not known makes it unread. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { judgeCall, judgeColumn, judgeHidden, judgeOperator, judgeType } from './calls.ts'
import { judgeChange } from './change.ts'
import { plainNodes, queryNodes } from './nodes.ts'
import { notePinned } from './pinned-name.ts'
import type { Scope } from './scope.ts'
import { child, children, each, isList, nodeName, under, word } from './tree.ts'
import { readRelation } from './relations.ts'

/** Notes all that is found under a value. */
export function walk(root: Json, scope: Scope): void {
  noteCtes(root, scope)
  each(root, (node) => visit(node, scope))
}

function visit(node: JsonObject, scope: Scope): void {
  const name = nodeName(node)
  if (name === null) return visitUnnamed(node, scope)
  const inner = child(node, name)
  if (name === 'SelectStmt') notePinned(inner, scope)
  if (queryNodes.has(name)) return judgeChange(name, inner, scope)
  if (!plainNodes.has(name))
    return scope.unread('sql-node', `holds \`${name}\`, which is not known here`)
  switch (name) {
    case 'FuncCall':
      return judgeCall(inner, scope)
    case 'A_Expr':
      return judgeOperator(inner, scope)
    case 'ColumnRef':
      return judgeColumn(children(inner, 'fields'), scope)
    case 'A_Indirection':
      // `(t).f` is `t.f`.
      for (const field of children(inner, 'indirection')) judgeColumn([inner, field], scope)
      return
    default:
      judgeHidden(name, inner, scope)
  }
}

/** Where the grammar fixes the type of a member, its node has no name of its own: it is known by what it holds. */
function visitUnnamed(node: JsonObject, scope: Scope): void {
  if (typeof node['relname'] === 'string') readRelation(node, scope)
  else if (isList(node['names']) && 'typemod' in node) judgeType(node, scope)
}

/** Notes the queries of every WITH; inner names hide outer ones, so a name that is given twice tells nothing. */
function noteCtes(root: Json, scope: Scope): void {
  each(root, (node) => {
    const cte = under(node, 'CommonTableExpr')
    if (cte === null) return
    const name = word(cte, 'ctename')
    const query = cte['ctequery']
    scope.ctes.set(name, scope.ctes.has(name) || !isObject(query) ? null : query)
  })
}
