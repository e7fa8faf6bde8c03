/** Why a statement cannot wait for a person: what is approved runs later, in a session of its own. */
import type { Finding } from '../../core/verdict.ts'
import { takesData } from './reading.ts'
import type { Reading, ReadStatement } from './reading.ts'
import type { Surroundings } from './setting.ts'

/** `around`: null in a transaction that has failed, where nothing can be asked. */
export function leansOn(
  { statements, seen }: Reading,
  around: Surroundings | null,
): Finding | null {
  if (seen.runs?.some(({ bounds }) => bounds.length !== 1) === true)
    return finding('it is not known yet what stands behind a name of this session')
  for (const statement of statements) {
    const why = ofItself(statement)
    if (why !== null) return finding(why)
  }
  if (around === null) return finding('the transaction has failed')
  if (around.isChanged) return uncommitted
  if (around.temporary !== null)
    return finding(`the session has things of its own (\`${around.temporary}\`)`)
  return null
}

/** Of a transaction, and of nothing else: by itself it could wait. */
export const inTransaction: Finding = {
  rule: 'leans',
  message: 'it stands in a transaction, and what a person approves runs later in another session',
}
export const uncommitted = finding('the transaction has changes that are not committed')

function ofItself(statement: ReadStatement): string | null {
  const { kind, operation, text } = statement
  if (kind === 'tx') return 'it stands in one message with the begin or the end of a transaction'
  if (kind === 'set' || movesSetting(statement)) return 'it is a setting of this session'
  if (
    operation.name === 'EXECUTE' ||
    (/^[^']*\bexecute\b/i.test(text) && operation.name.startsWith('EXPLAIN'))
  )
    return 'it runs what this session has prepared'
  if (/\bcurrent\s+of\b/i.test(text)) return 'it goes by a cursor of this session'
  return takesData(statement) ? 'its data comes behind it' : null
}

/** True where it sets, now and here, what a text means or what is guarded. */
export function movesSetting({ kind, operation }: ReadStatement): boolean {
  if (operation.effect === 'read') return false
  const isHere = kind === 'set' || !/^(?:ALTER|CREATE)\b/.test(operation.name)
  return isHere && operation.findings.some(({ rule }) => rule.startsWith('setting-'))
}

function finding(why: string): Finding {
  return {
    rule: 'leans',
    message: `${why}, and what a person approves runs later in another session: this cannot wait for one`,
  }
}
