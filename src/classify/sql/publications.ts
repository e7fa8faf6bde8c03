/** Judges publications: what replication may read, and what replicas are fed by. */
import type { Heading, Scope } from './scope.ts'
import type { JsonObject } from '../../base/json.ts'
import { children, word } from './tree.ts'
import { walk } from './walk.ts'

const write = (why: string) => ({ effect: 'write', rule: 'sql-write', why }) as const

export function judgeNewPublication(node: JsonObject, scope: Scope): Heading {
  walk(children(node, 'pubobjects'), scope)
  scope.add(
    node['for_all_tables'] === true
      ? { effect: 'expose', rule: 'sql-reach', why: 'lets all rows be read by replication' }
      : write('names rows that replication may read'),
  )
  return { words: 'CREATE PUBLICATION' }
}

export function judgePublication(node: JsonObject, scope: Scope): Heading {
  const adds = word(node, 'action') === 'AP_AddObjects' && !('options' in node)
  walk(children(node, 'pubobjects'), scope)
  scope.add(
    adds
      ? write('names more rows that replication may read')
      : {
          effect: 'destroy',
          kinds: ['guard', 'backup'],
          rule: 'sql-guard',
          why: 'changes what replicas are fed by',
        },
  )
  return { words: 'ALTER PUBLICATION' }
}
