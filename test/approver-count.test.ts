/** How many must say yes: never more than are enrolled, never fewer because an agent says so, and what cannot be had is said. */
import { expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { codeAt, stepAt } from '../src/approvals/totp.ts'
import { isObject, textOf, toJson } from '../src/base/json.ts'
import { hold as held } from '../src/core/verdict.ts'
import { openGuard } from '../src/guard/guard.ts'
import { holdById } from '../src/guard/hold.ts'
import { fromBase32 } from '../src/app/rehearse.ts'
import { everything, openRig } from './rig.ts'
import { asked, newWorld, openHarness, principal } from './world.ts'

interface Seats {
  readonly asked: number
  readonly enrolled: readonly string[]
  readonly name?: string
  readonly chain?: readonly string[]
}
const two = ['ada', 'bob']
const [capped, short] = ['approvals-capped', 'approvals-short']

test.each<readonly [string, Seats, number, readonly string[]]>([
  ['one of one', { asked: 1, enrolled: ['ada'] }, 1, []],
  ['two of two', { asked: 2, enrolled: two }, 2, []],
  ['two, and one is enrolled', { asked: 2, enrolled: ['ada'] }, 1, [capped]],
  ['two, and nobody is', { asked: 2, enrolled: [] }, 1, [capped, short]],
  ['one, and nobody is', { asked: 1, enrolled: [] }, 1, [short]],
  ['two of two, and one of them asks', { asked: 2, enrolled: two, name: 'person:bob' }, 2, [short]],
  ['the only one, who asks', { asked: 1, enrolled: ['ada'], name: 'agent:ada' }, 1, [short]],
  [
    'two of two, and the agent names one in its chain',
    { asked: 2, enrolled: two, chain: ['bob'] },
    2,
    [short],
  ],
  [
    'two of two, and the agent names both',
    { asked: 2, enrolled: two, chain: ['bob', 'Ada'] },
    2,
    [short],
  ],
  [
    'two of three, and the agent names one',
    { asked: 2, enrolled: [...two, 'eve'], chain: ['bob'] },
    2,
    [],
  ],
])('approvers: %s', async (_, seats, needed, rules) => {
  const { house, state } = openHarness(newWorld())
  const policy = house.policy()
  const guard = openGuard({
    ...house,
    policy: () => ({
      set: 'test',
      decide: (question) => ({
        ...policy.decide(question),
        verdict: held(),
        approvals: seats.asked,
      }),
    }),
    signers: async () =>
      await Promise.resolve(seats.enrolled.map((name) => ({ name, enrolledAt: 0 }))),
  })
  const by = { ...principal, name: seats.name ?? principal.name, chain: seats.chain ?? [] }
  const passed = await guard.pass(asked('drop', { principal: by }))
  const id = passed.kind === 'held' ? (passed.told.holdId ?? '') : ''
  const row = await state.transact((tx) => holdById(tx, id))
  expect(row.approvalsNeeded).toBe(needed)
  expect(row.approvalsAsked).toBe(seats.asked)
  expect(
    row.findings.map(({ rule }) => rule).filter((rule) => [capped, short].includes(rule)),
  ).toEqual(rules)
})

test('approvers: who was removed lowers no count that was asked for; it is said, and the next hold is capped', async () => {
  const rig = await openRig()
  const show = async (id: string): Promise<{ readonly [name: string]: unknown }> => {
    const shown = await rig.people.call('hold-show', { id })
    return isObject(shown) ? shown : {}
  }
  try {
    const { call, callAs } = rig.people
    const begun = await callAs('approver-enrol', { name: 'bob', role: 'approver' })
    const uri = isObject(begun) ? textOf(begun['uri']) : ''
    const secret = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
    const code = codeAt(secret, stepAt(rig.running.firebreak.clock.now()))
    await call('approver-confirm', { name: 'bob', code })
    const grant = await rig.people.mint('agent:a', everything)
    const leave = (key: string): ReturnType<typeof rig.ask> =>
      rig.ask(grant, `mutation { projectLeave(id: "${kestrel.projectId}") }`, {
        headers: { 'idempotency-key': key },
      })
    const before = await leave('one')
    expect(JSON.stringify(before.body['findings'])).not.toContain('approvals-capped')
    const id = textOf(before.body['holdId'])
    expect(await show(id)).toMatchObject({ approvalsNeeded: 2, short: null })
    await callAs('approver-remove', { name: 'bob' })
    const shown = await show(id)
    const short = '2 must approve, and 1 can: enrol another, or it expires'
    expect(shown).toMatchObject({ approvalsNeeded: 2, short })
    const signed = await callAs('hold-approve', { id, shown: textOf(toJson(shown['shown'])) })
    expect(signed).toMatchObject({ state: 'open', closing: `approved; ${short}` })
    const after = await leave('two')
    expect(JSON.stringify(after.body['findings'])).toContain('approvals-capped')
    expect(await show(textOf(after.body['holdId']))).toMatchObject({
      approvalsNeeded: 1,
      short: null,
    })
  } finally {
    await rig.close()
  }
})
