/** Many hands at once on one control socket: each thing happens once, and the safer wish wins or is told that it came late. */
import { afterEach, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { fromBase32 } from '../../src/app/rehearse.ts'
import { codeAt, stepAt } from '../../src/approvals/totp.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json } from '../../src/base/json.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

let rig: Rig
afterEach(() => rig.close())
// Long enough that nothing comes due by itself, however slow the machine is.
const limits = 'grace: 1h\nlimits:\n  burst: { count: 1000, window: 1m }\n'
const afterGrace = 3_660_000
const member = (value: Json, name: string): string =>
  isObject(value) ? textOf(value[name] ?? '') : ''

interface Scene {
  readonly id: string
  readonly shown: string
  /** The next unused code of a second approver, bea. */
  readonly code: () => string
  /** Two of hers that follow each other. */
  readonly pair: () => string
}

async function held(): Promise<Scene> {
  rig = await openRig(limits)
  const grant = await rig.people.mint('agent:cursor', { ...everything, expiresMs: 86_400_000 })
  const begun = await rig.people.callAs('approver-enrol', { name: 'bea', role: 'approver' })
  const secret = fromBase32(new URL(member(begun, 'uri')).searchParams.get('secret') ?? '')
  const step = (): number => {
    rig.pass(91_000)
    return stepAt(rig.running.firebreak.clock.now())
  }
  const code = (): string => codeAt(secret, step())
  const pair = (): string => {
    const later = step()
    return `${codeAt(secret, later - 1)} ${codeAt(secret, later)}`
  }
  await rig.people.call('approver-confirm', { name: 'bea', code: code() })
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const id = textOf((await rig.ask(grant, query)).body['holdId'] ?? '')
  return { id, shown: member(await rig.people.call('hold-show', { id }), 'shown'), code, pair }
}

const fulfilled = (results: readonly PromiseSettledResult<Json>[]): number =>
  results.filter(({ status }) => status === 'fulfilled').length
const stateOf = async (id: string): Promise<string> =>
  member(await rig.people.call('hold-show', { id }), 'state')

test('approval-binds: one code given for many things at once serves one of them', async () => {
  const { code } = await held()
  const proof = { approver: 'bea', code: code() }
  const mint = (nth: number): Promise<Json> =>
    rig.people.call('grant-mint', {
      principal: `agent:n${nth}`,
      note: '',
      caveats: { operations: ['*'], environments: ['*'], expiresMs: 60_000 },
      ...proof,
    })
  expect(fulfilled(await Promise.allSettled([1, 2, 3, 4, 5, 6].map(mint)))).toBe(1)
})

test('guessing from many processes at once gets five tries, and the person still gets through with two codes', async () => {
  const { id, shown, pair } = await held()
  const guess = (nth: number): Promise<string> =>
    rig.people
      .call('hold-approve', { id, shown, approver: 'bea', code: String(nth).padStart(6, '0') })
      .then(
        () => 'approved',
        (thrown: unknown) => String(thrown),
      )
  const told = await Promise.all(Array.from({ length: 60 }, (_, nth) => guess(nth)))
  expect(told.filter((line) => line.includes('that code is wrong'))).toHaveLength(5)
  expect(told.filter((line) => line.includes('too many wrong codes'))).toHaveLength(55)
  const yes = await rig.people.call('hold-approve', { id, shown, approver: 'bea', code: pair() })
  expect(member(yes, 'state')).toBe('scheduled')
  const alarms = JSON.stringify(await rig.people.call('alarm-list', { all: false }))
  expect(alarms).toContain('factor-refused')
})

test('two approvers at once: one yes is enough, the other is told, and it runs once', async () => {
  const { id, shown, code } = await held()
  const bea = { id, shown, approver: 'bea', code: code() }
  const both = await Promise.allSettled([
    rig.people.callAs('hold-approve', { id, shown }),
    rig.people.call('hold-approve', bea),
  ])
  expect(fulfilled(both)).toBe(1)
  rig.pass(afterGrace)
  await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('executed')
  expect(rig.platform.mutations()).toBe(1)
})

test('a no and a yes at once: whatever the order, nothing runs after the no', async () => {
  const { id, shown } = await held()
  await Promise.allSettled([
    rig.people.callAs('hold-approve', { id, shown }),
    rig.people.call('hold-deny', { id }),
  ])
  rig.pass(afterGrace)
  await rig.running.firebreak.guard.deferral.tick()
  expect(await stateOf(id)).toBe('denied')
  expect(rig.platform.mutations()).toBe(0)
})

test('undo against the clock: either it is undone and was never sent, or it ran and undo says so', async () => {
  const { id, shown } = await held()
  await rig.people.callAs('hold-approve', { id, shown })
  rig.pass(afterGrace)
  const [, undone] = await Promise.allSettled([
    rig.running.firebreak.guard.deferral.tick(),
    rig.running.firebreak.guard.deferral.undo(id, 'ada'),
  ])
  const ran = await stateOf(id)
  expect([ran, undone.status, rig.platform.mutations()]).toEqual(
    undone.status === 'fulfilled' ? ['undone', 'fulfilled', 0] : ['executed', 'rejected', 1],
  )
})

test('halt-halts: what is due while everything is halted waits, through a restart too, and runs once after', async () => {
  const { id, shown } = await held()
  await rig.people.callAs('hold-approve', { id, shown })
  await rig.people.call('halt', { who: 'all', reason: 'a look' })
  rig.pass(afterGrace)
  await rig.running.firebreak.guard.deferral.tick()
  await rig.restart()
  await rig.running.firebreak.guard.deferral.tick()
  expect([await stateOf(id), rig.platform.mutations()]).toEqual(['scheduled', 0])
  await rig.people.callAs('resume', { who: 'all' })
  await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('executed')
  expect(rig.platform.mutations()).toBe(1)
})

test('a clock that is set back lets no spent code in again, and runs nothing early', async () => {
  const { id, shown, code } = await held()
  const used = { id, shown, approver: 'bea', code: code() }
  await rig.people.call('hold-approve', used)
  rig.jump(-3_600_000)
  await rig.running.firebreak.guard.deferral.tick()
  expect(await stateOf(id)).toBe('scheduled')
  const again = { who: 'all', approver: 'bea', code: used.code }
  await expect(rig.people.call('resume', again)).rejects.toThrow(/wrong, too old, or used/)
  expect(rig.platform.mutations()).toBe(0)
})
