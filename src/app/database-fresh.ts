/** Judging by a catalog that is as new as what was done through here. */
import type { Batch, Enforcer } from '../gateways/postgres/seam.ts'
import type { Catalogs } from '../inventory/postgres/catalogs.ts'

/** Command tags after which the catalog may be another; a rollback may take back what was read meanwhile. */
const changing =
  /^(?:CREATE|ALTER|DROP|GRANT|REVOKE|COMMENT|DO|CALL|IMPORT|SECURITY|REASSIGN|REINDEX|ROLLBACK|SELECT INTO)\b/

/** What sets a sequence, by whatever is written around it. */
const numbers = /setval|restart/i

function textsOf(batch: Batch): readonly string[] {
  if (batch.kind === 'query') return [batch.text]
  if (batch.kind === 'call') return []
  return batch.steps.flatMap((step) => (step.kind === 'parse' ? [step.text] : []))
}

/**
 * INVARIANT (unread is held): what one session has made and committed, every other is judged by. The mark is set before the
 * client hears that it is done, so nobody who acts upon it comes too early.
 */
export function keepFresh(enforcer: Enforcer, catalogs: Catalogs): Enforcer {
  let changed = false
  let setsNumbers = false
  return {
    ...enforcer,
    judge: (batch, status) => {
      // Once it is prepared it comes again without its text.
      setsNumbers ||= textsOf(batch).some((text) => numbers.test(text))
      if (setsNumbers) return catalogs.numbers().then(() => enforcer.judge(batch, status))
      const settled = catalogs.settled()
      if (settled === null) return enforcer.judge(batch, status)
      return settled.then(() => enforcer.judge(batch, status))
    },
    heard: (message) => {
      enforcer.heard?.(message)
      if (message.kind === 'complete') changed ||= changing.test(message.tag)
      if (message.kind !== 'ready' || message.status !== 'I' || !changed) return
      changed = false
      catalogs.changed()
    },
  }
}
