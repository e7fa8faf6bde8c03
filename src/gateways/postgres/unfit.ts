/** What the gateway itself keeps from the server, whatever the policy says. */
import { movesSetting } from './leans.ts'
import { isQuiet, isTx, takesData } from './reading.ts'
import type { Reading, ReadStatement } from './reading.ts'
import { refusal } from './refusal.ts'
import type { Batch, Refusal } from './seam.ts'

/** `within`: it is in a transaction of the client's own. Null where there is nothing. */
export function unfit(
  batch: Batch,
  { statements, unrun }: Pick<Reading, 'statements' | 'unrun'>,
  { counts, within }: { readonly counts: boolean; readonly within: boolean },
): Refusal | null {
  const moving = statements.find(movesPin)
  if (moving !== undefined) return pinned(moving)
  if (!unrun.every(isQuiet)) return onlyBound
  const flushed = batch.kind === 'extended' && batch.closes === 'flush'
  if (flushed && statements.some(isTx)) return flushedTx
  if (!statements.some(takesData)) return null
  const isCut = statements.length > 1 && (counts || statements.some(isTx))
  return isCut || (counts && !within) ? uncountedCopy : null
}

/** INVARIANT (pins): the reader leans on them, and nobody can wait for a session whose words mean something else. */
function movesPin(statement: ReadStatement): boolean {
  return movesSetting(statement) && pinOf(statement) !== undefined
}

const pins = new Set(['setting-meaning', 'setting-unknown'])

function pinOf({ operation }: ReadStatement): string | undefined {
  return operation.findings.find(({ rule }) => pins.has(rule))?.message
}

function pinned(statement: ReadStatement): Refusal {
  return refusal('42501', `Firebreak keeps this setting as it is: ${pinOf(statement)}`)
}

const flushedTx = refusal(
  '42501',
  'Firebreak cannot tell where a transaction begins or ends that is followed by a Flush',
  'end the message with a Sync',
)

const onlyBound = refusal(
  '42501',
  'Firebreak cannot hold what is bound and not run: planning it, or a FETCH, may run it already',
  'send its Bind and its Execute before the same Sync',
)

const uncountedCopy = refusal(
  '42501',
  'Firebreak cannot count what this COPY changes by triggers or rules before it is kept',
  'send it by itself between BEGIN and COMMIT',
)

export const unknownName = refusal(
  '26000',
  'Firebreak does not know the prepared statement or portal that this would run',
  'prepare it in this session, by the protocol',
)

export const busy = refusal(
  '55006',
  'Firebreak does not let code be replaced while another session has a statement under way that may run it',
  'send it again when that is done',
)
