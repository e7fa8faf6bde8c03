/** Judges DECLARE: a cursor that is kept beyond its transaction is computed when that ends. */
import type { Heading, Scope } from './scope.ts'
import type { JsonObject } from '../../base/json.ts'
import { walk } from './walk.ts'

/** CURSOR_OPT_HOLD. */
const withHold = 0x20

export function judgeDeclare(node: JsonObject, scope: Scope): Heading {
  walk(node['query'] ?? null, scope)
  const { options } = node
  const isHeld = typeof options === 'number' && (options & withHold) !== 0
  const hasMade = (scope.about.session?.functions.size ?? 0) > 0
  if (isHeld) scope.hangsOnSession = true
  if (isHeld && (scope.isCounted || hasMade))
    scope.add({
      effect: 'unread',
      rule: 'two-phase',
      why: 'runs once more when its transaction is kept, so that its rows cannot be counted',
      instead: ['leave `WITH HOLD` out'],
    })
  return { words: 'DECLARE' }
}
