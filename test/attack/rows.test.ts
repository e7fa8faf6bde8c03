/** A hand in the state: what happens to a hold whose row somebody with a shell has rewritten. */
import { expect, test } from 'vitest'
import { noRadius } from '../../src/core/blast-radius.ts'
import { openGuard } from '../../src/guard/guard.ts'
import { holdById } from '../../src/guard/hold.ts'
import type { HoldRow } from '../../src/guard/rows.ts'
import { asked, graceMs, newWorld, openHarness } from '../world.ts'
import type { Harness, World } from '../world.ts'

interface Scene extends Harness {
  readonly world: World
  readonly id: string
  readonly row: () => Promise<HoldRow>
  readonly write: (change: Partial<HoldRow>) => Promise<void>
  readonly later: (ms: number) => Promise<void>
}

async function held(): Promise<Scene> {
  const world = newWorld()
  const harness = openHarness(world)
  const passed = await harness.guard.pass(asked('drop'))
  const id = passed.kind === 'held' ? (passed.told.holdId ?? '') : ''
  const row = async (): Promise<HoldRow> => await harness.state.transact((tx) => holdById(tx, id))
  return {
    ...harness,
    world,
    id,
    row,
    write: async (change) =>
      await harness.state.transact(async (tx) => {
        await tx.put('hold', { ...(await holdById(tx, id)), ...change })
      }),
    later: async (ms) => {
      world.now += ms
      await harness.guard.deferral.tick()
    },
  }
}

async function scheduled(): Promise<Scene> {
  const scene = await held()
  await scene.approve(scene.id)
  await scene.guard.deferral.advance(scene.id)
  expect((await scene.row()).state).toBe('scheduled')
  return scene
}

test('E1: a hold that was opened and flipped to approved or scheduled by hand does not run', async () => {
  for (const change of [
    { state: 'approved' },
    { state: 'scheduled', executesAt: 1 },
    { state: 'scheduled', executesAt: 1, approvalsNeeded: 0 },
  ] as const) {
    const scene = await held()
    await scene.write(change)
    await scene.later(3 * graceMs)
    await scene.later(3 * graceMs)
    expect(scene.world.ran).toEqual([])
    expect((await scene.row()).state).toBe('failed')
  }
})

test('E2: a time that was moved by hand is not the time: the grace after the last approval is', async () => {
  const scene = await scheduled()
  await scene.write({ executesAt: 1 })
  await scene.later(1)
  expect(scene.world.ran).toEqual([])
  await scene.guard.deferral.undo(scene.id, 'ada')
  await scene.later(3 * graceMs)
  expect(scene.world.ran).toEqual([])
})

test.each<[string, Partial<HoldRow>]>([
  ['without a grace', { graceMs: 0 }],
  ['without a recovery point', { needsRecoveryPoint: false }],
  ['with fewer approvals', { approvalsNeeded: 1, approvalsAsked: 0 }],
  ['with a wider radius', { radius: { ...noRadius, environments: ['production', 'more'] } }],
  ['for another principal', { principal: { ...asked('drop').principal, name: 'agent:b' } }],
  ['with other words for the approver', { reason: 'harmless' }],
  ['with another digest', { digest: 'sha256:other' }],
])('a scheduled hold that was rewritten, %s, ends without running', async (_, change) => {
  const scene = await scheduled()
  await scene.write(change)
  await scene.later(3 * graceMs)
  expect(scene.world.ran).toEqual([])
  expect(await scene.row()).toMatchObject({
    state: 'failed',
    closing: expect.stringMatching(/not as it was opened/),
  })
})

test("E1: another hold's approval, copied into a row, is none", async () => {
  const scene = await held()
  const passed = await scene.guard.pass(asked('drop', { key: 'second' }))
  const other = passed.kind === 'held' ? (passed.told.holdId ?? '') : ''
  await scene.approve(scene.id)
  const { approvals } = await scene.row()
  await scene.state.transact(async (tx) => {
    const row = await holdById(tx, other)
    const moved = approvals.map((each) => ({ ...each, digest: row.digest }))
    await tx.put('hold', { ...row, state: 'scheduled', executesAt: 1, approvals: moved })
  })
  await scene.guard.deferral.undo(scene.id, 'ada')
  await scene.later(3 * graceMs)
  expect(scene.world.ran).toEqual([])
})

test('E4: an executed hold that was put back to scheduled is not run a second time', async () => {
  const scene = await scheduled()
  const before = await scene.row()
  await scene.later(2 * graceMs)
  expect(scene.world.ran).toHaveLength(1)
  await scene.state.transact((tx) => tx.put('hold', before))
  await scene.later(2 * graceMs)
  expect(scene.world.ran).toHaveLength(1)
  expect(await scene.row()).toMatchObject({
    state: 'failed',
    closing: expect.stringMatching(/started or ended before/),
  })
})

test('E3: an undone hold that was put back to scheduled does not run', async () => {
  const scene = await scheduled()
  const before = await scene.row()
  await scene.guard.deferral.undo(scene.id, 'ada')
  await scene.state.transact((tx) => tx.put('hold', before))
  await scene.later(2 * graceMs)
  expect(scene.world.ran).toEqual([])
})

test('E1: an approver who was removed after the yes counts no more when it runs', async () => {
  const scene = await scheduled()
  const house = { ...scene.house, signers: async () => [] }
  scene.world.now += 2 * graceMs
  await openGuard(house).deferral.tick()
  expect(scene.world.ran).toEqual([])
  expect((await scene.row()).closing).toMatch(/approvals do not cover it/)
})
