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
  const found = read(text, files)
  if (found.some(isHeld)) return 'hold'
  return found.some(({ findings }) => findings.length > 0) ? 'warn' : 'ok'
}

/** What it is held as: the kinds of what it destroys, or its effect; empty for what goes. */
export function worst(text: string): string {
  const found = read(text, {})
  const kinds = found.flatMap((one) => (one.effect === 'destroy' ? one.kinds : []))
  if (kinds.length > 0) return [...new Set(kinds)].toSorted().join(' ')
  return found.find(({ effect }) => effect === 'expose' || effect === 'unread')?.effect ?? ''
}

function read(text: string, files: Readonly<Record<string, string>>): readonly Operation[] {
  return readShell(text, {
    cwd: null,
    readers: {
      sql: (sql) => readSql(sql, { catalog: null }).map(asItStands),
      graphql: readGraphqlPayload,
      file: (path) => files[path] ?? null,
    },
  })
}

function isHeld({ effect, kinds }: Operation): boolean {
  if (effect === 'destroy') return kinds.some((kind) => kind !== 'outage')
  return effect === 'expose' || effect === 'unread'
}
