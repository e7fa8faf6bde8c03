/** What must work with the daemon down: a halt goes straight into the state, with its entry. */
import { join } from 'node:path'
import { openSeal } from '../custody/seal.ts'
import { openLedger } from '../ledger/ledger.ts'
import { openSigner } from '../ledger/note.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Config } from './config.ts'
import { readKey, realClock } from './world.ts'

/** Stores a halt; in force from the next start on, and in a running daemon within a second. */
export async function haltDirectly(
  config: Config,
  { who, reason }: { readonly who: string; readonly reason: string },
): Promise<void> {
  const seal = openSeal(readKey(config))
  const ledger = openLedger(openSigner('firebreak', seal.derive('ledger')))
  const state = openSqlite(join(config.state, 'state.db'))
  try {
    await state.transact(async (tx) => {
      const at = realClock.now()
      await tx.put('halt', { id: who, at, by: 'local', reason, liftedAt: null })
      await ledger.append(tx, [
        { kind: 'halted', at, subject: who, principal: null, body: { who, by: 'local', reason } },
      ])
    })
  } finally {
    state.close()
  }
}
