/** A hold that will never run lets go of what it leaned on, however it ends; one that ran does not. */
import { expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { isObject, textOf } from '../src/base/json.ts'
import type { HoldEvent } from '../src/core/hold.ts'
import { holdById, move } from '../src/guard/hold.ts'
import type { EntryKind } from '../src/guard/ports.ts'
import { everything, openRig } from './rig.ts'
import { asked, graceMs, newWorld, openHarness } from './world.ts'
import type { Harness } from './world.ts'

type How = (harness: Harness, id: string, now: () => void) => Promise<unknown>
const step =
  (event: HoldEvent, entry: EntryKind): How =>
  ({ house, state }, id) =>
    state.transact(async (tx) => await move(house, tx, await holdById(tx, id), { event, entry }))

test.each<readonly [string, How, number]>([
  ['waits for its time', () => Promise.resolve(), 1],
  ['is denied by a person', step('reject', 'rejected'), 0],
  ['is refused by the re-check', step('refuse', 'denied'), 0],
  ['is undone', ({ guard }, id) => guard.deferral.undo(id, 'ada'), 0],
  [
    'runs',
    async ({ guard }, id, late) => {
      late()
      await guard.deferral.advance(id)
    },
    1,
  ],
])('lease-holds: of a hold that is scheduled and %s', async (_, how, left) => {
  const world = newWorld()
  const harness = openHarness(world)
  const passed = await harness.guard.pass(asked('drop'))
  const id = passed.kind === 'held' ? (passed.told.holdId ?? '') : ''
  await harness.approve(id)
  await harness.guard.deferral.advance(id)
  await how(harness, id, () => (world.now += graceMs))
  expect(await harness.state.transact((tx) => tx.find('lease', { hold: id }))).toHaveLength(left)
})

test('lease-holds: a hold that nobody answers lets go of what was leaned on for it', async () => {
  const world = newWorld()
  const { guard, state, house } = openHarness(world)
  const passed = await guard.pass(asked('drop'))
  const id = passed.kind === 'held' ? (passed.told.holdId ?? '') : ''
  await state.transact((tx) => house.lease(tx, 'point', id))
  world.now += house.limits.holdMs
  expect(await guard.deferral.tick()).toEqual([id])
  expect(await state.transact((tx) => tx.find('lease', {}))).toEqual([])
})

test('lease-holds: a no by the command line after the approval frees the recovery points', async () => {
  const rig = await openRig()
  try {
    const grant = await rig.people.mint('agent:a', everything)
    const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
    const id = textOf((await rig.ask(grant, query)).body['holdId'])
    const shown = await rig.people.call('hold-show', { id })
    const digest = isObject(shown) ? textOf(shown['shown']) : ''
    const approved = await rig.people.callAs('hold-approve', { id, shown: digest })
    expect(approved).toMatchObject({ state: 'scheduled' })
    const open = async (): Promise<number> => {
      const { state, clock } = rig.running.firebreak
      const rows = await state.transact((tx) => tx.find('lease', { hold: id }))
      return rows.filter(({ until }) => until === null || until > clock.now()).length
    }
    expect(await open()).toBe(2)
    await rig.people.call('hold-deny', { id })
    expect(await open()).toBe(0)
  } finally {
    await rig.close()
  }
})
