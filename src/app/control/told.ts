/** Control commands about what was written down and told: the ledger checked, alarms seen. */
import * as v from 'valibot'
import { approvers } from '../../approvals/enrol.ts'
import { keptCredentials } from '../../custody/custody.ts'
import { verifyLog } from '../../ledger/verify.ts'
import { disagreements } from '../agreed.ts'
import { diagnoseHouse } from '../doctor.ts'
import { wordFlaws } from '../evidence.ts'
import { testChannels } from '../telling.ts'
import { historyOf } from '../history.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'

export const toldCommands: Readonly<Record<string, ControlCommand>> = {
  'ledger-verify': command(v.object({}), async ({ state, signer, guard, clock, heads }) => {
    await guard.flush()
    return await state.read(async (tx) => {
      const seen = heads.seen()
      const kept = seen === null ? [] : [{ note: seen, from: 'the head that was seen last' }]
      const { ok, size, root, faults } = await verifyLog(tx.log, signer.verifier, kept)
      const odd = await disagreements(tx, await historyOf(tx.log), clock.now())
      const words = ok ? (await wordFlaws(tx.log)).map(({ message }) => message) : []
      const all = [...faults, ...words, ...odd.map((line) => `the state: ${line}`)]
      return { ok: ok && all.length === 0, size, root, faults: all, verifier: signer.verifier }
    })
  }),
  doctor: command(v.strictObject({ by }), async ({ state, config }) => {
    const known = await state.read(async (tx) => {
      const kept = await keptCredentials(tx)
      const dead = kept.filter(({ login }) => (login?.deadSince ?? null) !== null)
      return {
        enrolled: (await approvers(tx)).length,
        kept: kept.map(({ id }) => id),
        dead: dead.map(({ id }) => id),
      }
    })
    return (await diagnoseHouse(config, known)).map((finding) => ({ ...finding }))
  }),
  'alarm-list': command(v.object({ all: v.boolean() }), async ({ state }, { all }) => {
    const rows = await state.transact((tx) => tx.find('alarm', all ? {} : { seenAt: null }))
    return rows.map((row) => ({ ...row }))
  }),
  /** A letter by each channel now, past the outbox; what each answered. */
  'notify-test': command(v.object({}), async (firebreak) => await testChannels(firebreak)),
  'alarm-seen': command(v.object({}), async ({ state, clock }) => {
    await state.transact(async (tx) => {
      for (const row of await tx.find('alarm', { seenAt: null }))
        await tx.put('alarm', { ...row, seenAt: clock.now() })
    })
    return []
  }),
}
