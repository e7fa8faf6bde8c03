/** Judging by a catalog that is as new as what was done through here. */
import type { ReadStatement } from '../gateways/postgres/reading.ts'
import type { Enforcer } from '../gateways/postgres/seam.ts'
import type { Catalogs } from '../inventory/postgres/catalogs.ts'

/** Command tags after which the catalog may be another; a rollback may take back what was read meanwhile. */
const changing =
  /^(?:CREATE|ALTER|DROP|GRANT|REVOKE|COMMENT|DO|CALL|IMPORT|SECURITY|REASSIGN|REINDEX|ROLLBACK)\b/

/** Of what is judged by the last numbers of sequences. */
const byNumbers: ReadonlySet<string> = new Set(['sequence-restart', 'sequence-back'])

/** Hears what a batch may run, before it is judged; fulfils when more is known to judge it by, null where that is so already. */
export type Meets = (statements: readonly ReadStatement[]) => Promise<void> | null

/**
 * INVARIANT (unread is held): what one session has made and committed, every other is judged by. The mark is set before the
 * client hears that it is done, so nobody who acts upon it comes too early.
 */
export function keepFresh(open: (meets: Meets) => Enforcer, catalogs: Catalogs): Enforcer {
  let changed = false
  // What makes a table of what it reads, and what a function makes, has the tag of a SELECT.
  let isMaking = false
  let isAsked = false
  const enforcer = open((statements) => {
    isMaking ||= statements.some(({ leaves }) => leaves.some(({ kind }) => kind === 'altered'))
    const isKnown = isAsked || !statements.some(leansOnNumbers)
    isAsked = false
    return isKnown ? null : catalogs.numbers().then(() => void (isAsked = true))
  })
  return {
    ...enforcer,
    judge: (batch, status) => {
      // All before it is answered, and was noted then.
      if (status === 'I') isMaking = false
      const settled = catalogs.settled()
      if (settled === null) return enforcer.judge(batch, status)
      return settled.then(() => enforcer.judge(batch, status))
    },
    heard: (message) => {
      enforcer.heard?.(message)
      if (message.kind === 'complete') changed ||= isMaking || changing.test(message.tag)
      if (message.kind !== 'ready' || message.status !== 'I' || !changed) return
      changed = false
      catalogs.changed()
    },
  }
}

function leansOnNumbers({ operation: { findings } }: ReadStatement): boolean {
  return findings.some(({ rule }) => byNumbers.has(rule))
}
