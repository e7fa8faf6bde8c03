/** Walks the whole tree of a statement: what it calls, reads and writes. A node that is not known makes it unread. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { judgeCall, judgeColumn, judgeOperator, judgeType } from './calls.ts'
import { judgeChange } from './change.ts'
import { plainNodes, queryNodes } from './nodes.ts'
import type { Scope } from './scope.ts'
import { under, child, children, isList, nodeName, nothing, word } from './tree.ts'
import { readRelation } from './relations.ts'

/** Notes all that is found under a value. A tree of any depth is walked without recursion. */
export function walk(root: Json, scope: Scope): void {
  noteCtes(root, scope)
  const open: Json[] = [root]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isList(next)) open.push(...next.slice(0, wide), ...rest(next))
    else if (isObject(next)) {
      visit(next, scope)
      // Keys of what has children; texts and numbers have none.
      for (const key in next) {
        const value = next[key]
        if (typeof value === 'object' && value !== null) open.push(value)
      }
    }
  }
}

/** A spread takes its arguments from the stack, so long lists are pushed as lists. */
const wide = 1000
function rest(list: readonly Json[]): readonly Json[] {
  const parts: Json[] = []
  for (let at = wide; at < list.length; at += wide) parts.push(list.slice(at, at + wide))
  return parts
}

function visit(node: JsonObject, scope: Scope): void {
  const name = nodeName(node)
  if (name === null) return visitUnnamed(node, scope)
  const inner = child(node, name)
  if (queryNodes.has(name)) judgeChange(name, inner, scope)
  else if (!plainNodes.has(name))
    scope.unread('sql-node', `holds \`${name}\`, which is not known here`)
  switch (name) {
    case 'FuncCall':
      return judgeCall(inner, scope)
    case 'A_Expr':
      return judgeOperator(inner, scope)
    case 'ColumnRef':
      return judgeColumn(children(inner, 'fields'), scope)
  }
}

/** Where the grammar fixes the type of a member, its node has no name of its own: it is known by what it holds. */
function visitUnnamed(node: JsonObject, scope: Scope): void {
  if (typeof node['relname'] === 'string') readRelation(node, scope)
  else if (isList(node['names']) && 'typemod' in node) judgeType(node, scope)
}

/** Notes the queries of every WITH; inner names hide outer ones, so a name that is given twice tells nothing. */
function noteCtes(root: Json, scope: Scope): void {
  const open: Json[] = [root]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isList(next)) {
      for (const each of next) if (typeof each === 'object' && each !== null) open.push(each)
      continue
    }
    if (!isObject(next)) continue
    const cte = under(next, 'CommonTableExpr')
    if (cte !== null) {
      const name = word(cte, 'ctename')
      const query = cte['ctequery']
      scope.ctes.set(name, scope.ctes.has(name) || !isObject(query) ? null : query)
    }
    for (const key in next) {
      const value = next[key]
      if (typeof value === 'object' && value !== null) open.push(value)
    }
  }
}

/** True where a node's subtree has a node of that name. */
export function has(root: Json, name: string): boolean {
  const open: Json[] = [root]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isList(next)) {
      for (const each of next) open.push(each)
      continue
    }
    if (!isObject(next)) continue
    if ((under(next, name) ?? nothing) !== nothing) return true
    for (const key in next) open.push(next[key] ?? null)
  }
  return false
}
