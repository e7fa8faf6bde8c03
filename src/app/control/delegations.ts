/** Control commands about holidays: an approver's voice lent until a time, and taken back. */
import * as v from 'valibot'
import { delegate, endDelegation } from '../../approvals/delegate.ts'
import type { Lending } from '../../approvals/delegate.ts'
import type { Proven } from '../../approvals/factor.ts'
import { wordStill } from '../../approvals/signers.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Entry, Tx } from '../../guard/ports.ts'
import type { Firebreak } from '../compose.ts'
import { realChance } from '../world.ts'
import type { ControlCommand, SigningPower } from './command.ts'
import { signed } from './signed.ts'

const name = v.pipe(v.string(), v.maxLength(80))

export const delegationCommands: Readonly<Record<string, ControlCommand>> = {
  'approver-delegate': signed(
    { name, to: name, until: v.pipe(v.number(), v.safeInteger()) },
    async (_, given, approver) =>
      await asked(['delegate', given.name, given.to, given.until], given.name, approver),
    async (firebreak, wish, { proven }) =>
      await written(firebreak, 'delegated', proven, async (tx) =>
        delegate(houseOf(firebreak), tx, { ...wish, by: proven.approver.name }),
      ),
  ),
  'approver-undelegate': signed(
    { name },
    async (_, given, approver) => await asked(['undelegate', given.name], given.name, approver),
    async (firebreak, wish, { proven }) =>
      await written(firebreak, 'undelegated', proven, async (tx) =>
        endDelegation(houseOf(firebreak), tx, wish.name),
      ),
  ),
}

/** One's own voice takes one's own word; anybody else's, who is ill perhaps, an admin's. */
async function asked(
  what: Json,
  lender: string,
  approver: string,
): Promise<{ readonly sign: { what: Json; role: SigningPower }; readonly found: null }> {
  const role = lender === approver ? 'approver' : 'admin'
  return await Promise.resolve({ sign: { what, role }, found: null })
}

async function written(
  firebreak: Firebreak,
  kind: Entry['kind'],
  proven: Proven,
  act: (tx: Tx) => Promise<Lending>,
): Promise<JsonObject> {
  const { state, ledger, clock } = firebreak
  return await state.transact(async (tx) => {
    const word = await wordStill(firebreak, tx, proven)
    const { row, from, to } = await act(tx)
    const told = { name: from.name, to: to.name, until: row.until }
    const seats = { lender: from.id, standIn: to.id, since: row.at }
    const body = { ...told, ...seats, by: proven.approver.name, ...word }
    await ledger.append(tx, [{ kind, at: clock.now(), subject: row.id, principal: null, body }])
    return told
  })
}

function houseOf({ seal, clock }: Firebreak): Parameters<typeof delegate>[0] {
  return { seal, now: () => clock.now(), chance: realChance }
}
