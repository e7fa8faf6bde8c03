/** What an approval covers, and what one action hides behind another in the same request. */
import type { Measured } from '../../src/guard/ports.ts'
import { expect, test } from 'vitest'
import { noRadius } from '../../src/core/blast-radius.ts'
import type { BlastRadius } from '../../src/core/blast-radius.ts'
import type { Resource } from '../../src/core/resource.ts'
import { openGuard } from '../../src/guard/guard.ts'
import { question } from '../../src/guard/measure.ts'
import { asked, graceMs, newWorld, openHarness, operation } from '../world.ts'

const service = (environment: string): Resource => ({
  target: 't',
  type: 'service',
  id: 'web',
  name: 'web',
  environment,
  bytes: null,
  protects: null,
})

test.each<[string, BlastRadius]>([
  [
    'the same thing in another environment',
    {
      ...noRadius,
      environments: ['staging'],
      resources: [service('staging'), service('production')],
    },
  ],
  [
    'another environment',
    { ...noRadius, environments: ['staging', 'production'], resources: [service('staging')] },
  ],
])('approval-binds: what was approved does not run when %s would go too', async (_, later) => {
  const world = newWorld()
  const { house, approve } = openHarness(world)
  let radius: BlastRadius = {
    ...noRadius,
    environments: ['staging'],
    resources: [service('staging')],
  }
  const measure = async (): Promise<Measured> => ({
    radius,
    operations: [operation('drop')],
    kept: false,
  })
  const guard = openGuard({ ...house, inventory: { measure, measureFresh: measure } })
  const held = await guard.pass(asked('drop'))
  const id = held.kind === 'held' ? (held.told.holdId ?? '') : ''
  await approve(id)
  await guard.deferral.advance(id)
  radius = later
  world.now += graceMs
  await guard.deferral.tick()
  expect(await house.state.transact((tx) => tx.get('hold', id))).toMatchObject({
    state: 'failed',
    closing: expect.stringContaining('more would go than was approved'),
  })
  expect(world.ran).toEqual([])
})

const backup = (id: string, of: string): Resource => ({
  ...service('production'),
  type: 'backup',
  id,
  protects: { target: 't', type: 'volumeInstance', id: of },
})

test.each<[string, Partial<BlastRadius>, number]>([
  ['one of two', { backups: [backup('1', 'a')], left: [backup('2', 'a')] }, 1],
  ['the last one', { backups: [backup('1', 'a')], left: [] }, 0],
  [
    'the last one, beside one of three of another thing',
    { backups: [backup('1', 'a'), backup('2', 'b')], left: [backup('3', 'b'), backup('4', 'b')] },
    0,
  ],
])('the ways back that are left are counted for each thing: %s', (_, more, left) => {
  const { house } = openHarness(newWorld())
  const action = {
    principal: 'agent:a',
    root: 'r',
    target: 't',
    key: null,
    operations: [operation('purge')],
  }
  const radius = { ...noRadius, ...more }
  const [one] = action.operations
  expect(
    one === undefined
      ? null
      : question(house, one, { action, radius, kept: false }, 'railway')?.backupsLeft,
  ).toBe(left)
})
