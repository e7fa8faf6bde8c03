import { afterEach, expect, test } from 'vitest'
import { noRadius } from '../core/blast-radius.ts'
import type { HoldState } from '../core/hold.ts'
import type { Resource } from '../core/resource.ts'
import type { State } from '../guard/ports.ts'
import type { HoldRow, RecoveryPointRow } from '../guard/rows.ts'
import { openSqlite } from '../store/sqlite.ts'
import { openLeases } from './lease.ts'

let now = 1000
const leases = openLeases({ now: () => now, steady: () => now })
const states: State[] = []
afterEach(() => {
  for (const state of states.splice(0)) state.close()
})

const point = (id: string, more: Partial<RecoveryPointRow> = {}): RecoveryPointRow => ({
  id,
  covers: [],
  engine: 'files',
  place: '/vault',
  takenAt: 1,
  verifiedAt: 2,
  grade: 'V1',
  bytes: 1,
  manifest: 'sha256:00',
  detail: { on: ['rail/volume/v9'] },
  ...more,
})

async function stateWith(...points: readonly RecoveryPointRow[]): Promise<State> {
  now = 1000
  const state = openSqlite(':memory:')
  states.push(state)
  await state.transact(async (tx) => {
    for (const row of points) await tx.put('point', row)
  })
  return state
}

const thing = (type: string, id: string, target = 'firebreak'): Resource => ({
  target,
  type,
  id,
  name: id,
  environment: null,
  bytes: null,
  protects: null,
})

test.each<[string, Resource, boolean]>([
  ['the point itself', thing('recoveryPoint', 'p1'), true],
  ['the point, by another target’s word', thing('recoveryPoint', 'p1', 'vault'), true],
  ['what its store lies on', thing('volume', 'v9', 'rail'), true],
  ['another point', thing('recoveryPoint', 'p2'), false],
  ['a point whose id only ends alike', thing('recoveryPoint', 'xp1'), false],
  ['another volume', thing('volume', 'v1', 'rail'), false],
])('lease-holds: while it is leaned on, %s: %#', async (_, resource, denied) => {
  const state = await stateWith(point('p1'))
  await state.transact((tx) => leases.lease(tx, 'p1', 'h1'))
  const found = await state.transact(async (tx) => [
    await leases.finding(tx, { ...noRadius, resources: [resource] }),
    await leases.finding(tx, { ...noRadius, backups: [resource] }),
  ])
  for (const finding of found) expect(finding?.rule ?? null).toBe(denied ? 'lease-holds' : null)
})

test('a lease is let go by its own hold only, and not before its time', async () => {
  const state = await stateWith(point('p1'))
  const leans = (): Promise<readonly string[]> =>
    state.transact((tx) => leases.leans(tx, ['firebreak/recoveryPoint/p1']))
  await state.transact(async (tx) => {
    await leases.lease(tx, 'p1', 'h1')
    await leases.lease(tx, 'p1', 'h2')
    await leases.release(tx, 'h1', 0)
  })
  expect(await leans()).toEqual(['p1'])
  await state.transact((tx) => leases.release(tx, 'h2', 2000))
  expect(await leans()).toEqual(['p1'])
  now = 2000
  expect(await leans()).toEqual([])
  expect(await state.transact((tx) => leases.leased(tx, 'p1'))).toBe(false)
})

test('taking a lease twice is taking it once', async () => {
  const state = await stateWith(point('p1'))
  await state.transact(async (tx) => {
    await leases.lease(tx, 'p1', 'h1')
    await leases.lease(tx, 'p1', 'h1')
  })
  expect(await state.transact((tx) => tx.find('lease', {}))).toHaveLength(1)
})

test.each<[string, RecoveryPointRow]>([
  ['is not there', point('other')],
  ['was never verified', point('p1', { verifiedAt: null })],
])('nothing leans on a point that %s', async (_, row) => {
  const state = await stateWith(row)
  await expect(state.transact((tx) => leases.lease(tx, 'p1', 'h1'))).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await state.transact((tx) => tx.find('lease', {}))).toEqual([])
})

test('a lease whose point row is gone still holds the point by its id', async () => {
  const state = await stateWith(point('p1'))
  await state.transact(async (tx) => {
    await leases.lease(tx, 'p1', 'h1')
    await tx.remove('point', 'p1')
  })
  expect(await state.transact((tx) => leases.leans(tx, ['firebreak/recoveryPoint/p1']))).toEqual([
    'p1',
  ])
})

const holdOf = (state: HoldState, resource: Resource, sent: boolean): HoldRow => ({
  id: 'h9',
  digest: 'sha256:00',
  state,
  principal: {
    name: 'agent:a',
    root: 'g1',
    hops: ['g1'],
    chain: [],
    mintedBy: 'ann',
    scope: {
      targets: null,
      operations: [],
      environments: [],
      resources: [],
      expiresAt: 0,
      rows: null,
    },
  },
  action: { principal: 'agent:a', root: 'g1', target: 'rail', operations: [], key: null },
  sealed: '',
  radius: { ...noRadius, resources: [resource] },
  findings: [],
  alternatives: [],
  reason: null,
  entry: 0,
  requestedAt: 0,
  expiresAt: 0,
  approvalsAsked: 1,
  approvalsNeeded: 1,
  approvals: [],
  graceMs: 0,
  needsRecoveryPoint: false,
  executesAt: 0,
  recoveryPoints: [],
  settledAt: null,
  outcome: sent ? { ok: false, status: 0, summary: '', sealed: null } : null,
  last: 0,
  closing: null,
})

test.each<[string, HoldRow, boolean]>([
  ['executes and takes it', holdOf('executing', thing('volume', 'v9', 'rail'), false), false],
  ['has taken it', holdOf('executed', thing('recoveryPoint', 'p1'), true), false],
  [
    'failed, yet what it sent may land',
    holdOf('failed', thing('volume', 'v9', 'rail'), true),
    false,
  ],
  [
    'was refused before it sent anything',
    holdOf('failed', thing('volume', 'v9', 'rail'), false),
    true,
  ],
  ['only waits', holdOf('scheduled', thing('volume', 'v9', 'rail'), false), true],
  ['takes another thing', holdOf('executing', thing('volume', 'v1', 'rail'), false), true],
])('E6: beside an act that %s, the point can be leaned on: %#', async (_, hold, can) => {
  const state = await stateWith(point('p1'))
  const leasing = state.transact(async (tx) => {
    await tx.put('hold', hold)
    await leases.lease(tx, 'p1', 'h1')
  })
  if (can) await leasing
  else await expect(leasing).rejects.toMatchObject({ code: 'wrong_state' })
  expect(await state.transact((tx) => tx.find('lease', {}))).toHaveLength(can ? 1 : 0)
})
