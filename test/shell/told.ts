/** What a shell's text comes to by the default policy, as the tables of these tests say it. */
import type { Operation } from '../../src/core/operation.ts'
import { readGraphqlPayload } from '../../src/classify/payload-graphql.ts'
import { readShell } from '../../src/classify/shell/read.ts'
import { readSql } from '../../src/classify/sql/read.ts'
import { asItStands } from '../../src/classify/sql/statement.ts'

/** `warn`: allowed with a finding, as only availability goes. */
export type Told = 'hold' | 'warn' | 'ok'

/** `files`: what lies where it would run. */
export function told(text: string, files: Readonly<Record<string, string>> = {}): Told {
  const found = readShell(text, {
    cwd: null,
    readers: {
      sql: (sql) => readSql(sql, { catalog: null }).map(asItStands),
      graphql: readGraphqlPayload,
      file: (path) => files[path] ?? null,
    },
  })
  if (found.some(isHeld)) return 'hold'
  return found.some(({ findings }) => findings.length > 0) ? 'warn' : 'ok'
}

function isHeld({ effect, kinds }: Operation): boolean {
  if (effect === 'destroy') return kinds.some((kind) => kind !== 'outage')
  return effect === 'expose' || effect === 'unread'
}
