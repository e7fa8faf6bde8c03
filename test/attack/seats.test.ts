/** A hand in the approvers' rows: no flag, name or role that is written there makes anybody able to sign. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { begin, confirm, removeApprover } from '../../src/approvals/enrol.ts'
import { approverByName, prove } from '../../src/approvals/factor.ts'
import { openPasskeys } from '../../src/approvals/passkey-factor.ts'
import { openStatements } from '../../src/approvals/statements.ts'
import { openTotp } from '../../src/approvals/totp-factor.ts'
import { fromBase32 } from '../../src/app/rehearse.ts'
import { codeAt, stepAt } from '../../src/approvals/totp.ts'
import { openSeal } from '../../src/custody/seal.ts'
import type { State } from '../../src/guard/ports.ts'
import type { ApproverRow } from '../../src/guard/rows.ts'
import { openSqlite } from '../../src/store/sqlite.ts'

let state: State
let now = 1_700_000_000_000
const chance = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes))
const house = { seal: openSeal(chance(32)), now: () => now, chance }
beforeEach(() => {
  state = openSqlite(':memory:')
})
afterEach(() => state.close())

/** Enrols one and gives how they make codes. */
async function enrol(
  name: string,
  role: ApproverRow['role'],
  by: string | null,
): Promise<() => string> {
  const { uri, ...begun } = await state.transact(async (tx) =>
    begin(house, tx, { name, role, by: by === null ? null : await approverByName(tx, by) }),
  )
  const secret = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
  await state.transact((tx) => confirm(house, tx, begun, codeAt(secret, stepAt(now))))
  now += 61_000
  return () => codeAt(secret, stepAt(now))
}

const factors = {
  totp: openTotp(house),
  passkey: openPasskeys({ ...house, statements: openStatements(house.now, house.chance) }),
}
const sign = async (approver: string, code: string): Promise<string> => {
  const purpose = { digest: 'd', shown: null, role: 'approver' } as const
  const result = await state.transact((tx) => prove(factors, tx, { approver, code }, purpose))
  return typeof result === 'string' ? result : 'signed'
}

test.each<[string, Partial<ApproverRow>, string]>([
  ['a viewer who is written to be an admin', { role: 'admin' }, 'vic'],
  ['a viewer under a second name', { role: 'approver', name: 'bob' }, 'bob'],
])('%s signs nothing with their own code', async (_, change, as) => {
  await enrol('ada', 'admin', null)
  const code = await enrol('vic', 'viewer', 'ada')
  await state.transact(async (tx) => {
    const row = await approverByName(tx, 'vic')
    if (row !== null) await tx.put('approver', { ...row, ...change })
  })
  await expect(sign(as, code())).rejects.toThrow(/moved from another place/)
})

test('a removed approver whose flag is set back signs nothing: the secret went with the seat', async () => {
  await enrol('ada', 'admin', null)
  const code = await enrol('bob', 'approver', 'ada')
  expect(await sign('bob', code())).toBe('signed')
  now += 61_000
  await state.transact(async (tx) => {
    const removed = await removeApprover(tx, 'bob', now)
    await tx.put('approver', { ...removed, removedAt: null })
  })
  expect(await sign('bob', code())).toMatch(/has no codes/)
})
