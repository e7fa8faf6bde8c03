/** Judges what holds a statement for later, runs one that was held, or only plans it: PREPARE, EXECUTE, EXPLAIN. */
import type { Json, JsonObject } from '../../base/json.ts'
import { judgeFunction } from './functions.ts'
import { Scope } from './scope.ts'
import type { Heading } from './scope.ts'
import { children, constant, nothing, option, under, word } from './tree.ts'
import { walk } from './walk.ts'

export function judgePrepare(node: JsonObject, scope: Scope, text: string): Heading {
  scope.add({
    effect: 'read',
    rule: 'sql-read',
    why: 'holds a statement, which is judged when it runs',
  })
  // A value becomes of its type before anything runs.
  walk(children(node, 'argtypes'), scope)
  scope.leaves.push({ kind: 'prepared', name: word(node, 'name'), text })
  return { words: 'PREPARE' }
}

export function judgeExecute(node: JsonObject, scope: Scope): Heading {
  const name = word(node, 'name')
  const text = scope.about.session?.prepared(name) ?? null
  const params = children(node, 'params')
  scope.hangsOnSession = true
  walk(params, scope)
  if (text === null) {
    scope.unread('prepared-unknown', `runs \`${name}\`, and no statement of that name is known`)
    return { words: 'EXECUTE' }
  }
  const values = params.map((each) => {
    const parameter = under(each, 'ParamRef')
    return parameter === null ? constant(each) : scope.value(parameter)
  })
  const inner = Scope.of({ ...scope.about, values }, scope.runner)
  inner.runner.text(text, inner)
  scope.absorb(inner)
  scope.isCounted ||= inner.isCounted
  return { words: 'EXECUTE' }
}

export function judgeExplain(node: JsonObject, scope: Scope, text: string): Heading {
  const query = node['query'] ?? null
  if (isAnalyzed(children(node, 'options'))) {
    const { words } = scope.runner.node(query, text, scope)
    return { words: `EXPLAIN ANALYZE ${words}` }
  }
  scope.add({ effect: 'read', rule: 'sql-read', why: 'tells the plan' })
  judgePlan(query, scope)
  return { words: 'EXPLAIN' }
}

function isAnalyzed(options: readonly Json[]): boolean {
  const found = option(options, 'analyze')
  if (found === undefined) return false
  const value = found['arg']
  const said = word(under(value, 'String') ?? nothing, 'sval').toLowerCase()
  const number = under(value, 'Integer')
  return !(said === 'off' || said === 'false' || (number !== null && (number['ival'] ?? 0) === 0))
}

/** The planner computes what is called immutable or stable, whatever it really does: by name, by an operator, in a view. */
function judgePlan(query: Json, scope: Scope): void {
  const inner = Scope.of(scope.about, scope.runner)
  inner.runner.node(query, '', inner)
  scope.hangsOnSession ||= inner.hangsOnSession
  for (const oid of inner.judged) {
    const found = scope.catalog?.functions.get(oid)
    if (found !== undefined && found.volatility !== 'volatile')
      judgeFunction(found, scope, 'while it plans')
  }
}
