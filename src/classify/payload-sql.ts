/** SQL that is handed on within a shell's text or a tool's arguments: what it does as it stands, with no catalog at hand. */
import type { Operation } from '../core/operation.ts'
import { readSql } from './sql/read.ts'
import { asItStands } from './sql/statement.ts'

export { loadSql } from './sql/read.ts'

/** Never throws; a text without a statement does nothing. `loadSql` must have been awaited once, else it is all unread. */
export function readSqlPayload(text: string): readonly Operation[] {
  return readSql(text, { catalog: null }).map(asItStands)
}
