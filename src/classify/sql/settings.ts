/** Judges SET and RESET: of the session, of a role, of a database. */
import type { JsonObject } from '../../base/json.ts'
import { settingReason } from '../../platforms/postgres/effects-set.ts'
import type { Heading, Scope } from './scope.ts'
import { children, constant, word } from './tree.ts'

/** What a `SET` does. */
export function judgeSet(node: JsonObject, scope: Scope): Heading {
  const name = word(node, 'name').toLowerCase()
  const kind = word(node, 'kind')
  if (kind === 'VAR_RESET_ALL') return { words: 'RESET ALL', kind: 'set' }
  const words = kind === 'VAR_RESET' ? 'RESET' : 'SET'
  if (kind === 'VAR_SET_MULTI') return { words: words, kind: 'set' }
  if (kind === 'VAR_SET_CURRENT') {
    scope.unread('setting-unknown', `sets \`${name}\` to what the session has`)
    return { words, kind: 'set' }
  }
  const values = children(node, 'args').map(constant)
  const value = kind === 'VAR_SET_VALUE' ? values.map((each) => each ?? '').join(', ') : null
  const reason = settingReason(name, value)
  if (reason !== null) scope.add({ ...reason, why: `sets \`${name}\`, which ${reason.why}` })
  return { words, kind: 'set' }
}
