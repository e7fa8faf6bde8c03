/** What changes while a request is on its way: a halt, a revocation, an expiry or a burst between its head and its act. */
import { expect, test } from 'vitest'
import { messageOf } from '../../src/base/error.ts'
import { noRadius } from '../../src/core/blast-radius.ts'
import { allow } from '../../src/core/verdict.ts'
import { everyone } from '../../src/guard/halt.ts'
import { openGuard } from '../../src/guard/guard.ts'
import type { OpenGuard } from '../../src/guard/guard.ts'
import type { House } from '../../src/guard/house.ts'
import type { Passed } from '../../src/guard/passed.ts'
import type { Asked } from '../../src/guard/ports.ts'
import { asked, newWorld, openHarness, principal } from '../world.ts'

interface Slow {
  readonly guard: OpenGuard
  readonly house: House
  /** Lets every survey that waits, and every later one, answer. */
  readonly answer: () => void
}

/** A policy that allows everything, with a way back first or without. */
function allowing(needsRecoveryPoint: boolean): House['policy'] {
  const decision = { policies: [], set: 'test', approvals: 1, graceMs: 0, needsRecoveryPoint }
  return () => ({ set: 'test', decide: () => ({ ...decision, verdict: allow }) })
}

/** A guard that allows everything, before a platform that answers when it is told to. */
function slowGuard(more: Partial<House> = {}): Slow {
  const { house: plain } = openHarness(newWorld())
  const { promise, resolve } = Promise.withResolvers<void>()
  const measure: House['inventory']['measure'] = async (_, operations) => {
    await promise
    return { operations, kept: false, radius: { ...noRadius, environments: ['scratch'] } }
  }
  const house: House = {
    ...plain,
    inventory: { measure, measureFresh: measure },
    policy: allowing(false),
    ...more,
  }
  return { guard: openGuard(house), house, answer: resolve }
}

/** A destroy, and an ordinary write. */
const asks: readonly [readonly [string, Asked], readonly [string, Asked]] = [
  ['a destroy', asked('drop')],
  [
    'an ordinary write',
    asked('drop', {
      operations: asked('drop').operations.map((one) => ({ ...one, effect: 'write', kinds: [] })),
    }),
  ],
]

test.each(asks)('halt-halts: a halt stops %s that waits for the platform', async (_, ask) => {
  const { guard, house, answer } = slowGuard()
  const passing = guard.pass(ask)
  await house.state.transact((tx) => guard.halts.throwIn(tx, everyone, 'ada', 'stop'))
  answer()
  expect(await passing).toMatchObject({ kind: 'denied', told: { findings: [{ rule: 'halt' }] } })
})

test.each(asks)('a grant that is revoked stops %s that waits for the platform', async (_, ask) => {
  let revoked = false
  const { guard, answer } = slowGuard({ revoked: (hop) => revoked && hop === principal.root })
  const passing = guard.pass(ask)
  revoked = true
  answer()
  expect(await passing).toMatchObject({ kind: 'denied', told: { findings: [{ rule: 'grant' }] } })
})

test.each(asks)('a grant that expires stops %s that waits for the platform', async (_, ask) => {
  let now = 1000
  const { guard, answer } = slowGuard({ clock: { now: () => now, steady: () => now } })
  const scope = { ...principal.scope, expiresAt: 2000 }
  const passing = guard.pass({ ...ask, principal: { ...principal, scope } })
  now = 2000
  answer()
  expect(await passing).toMatchObject({ kind: 'denied', told: { findings: [{ rule: 'grant' }] } })
})

test('halt-halts: of a burst that comes all at once, only what comes before its limit runs', async () => {
  const burst = { count: 5, windowMs: 60_000 }
  const { limits } = openHarness(newWorld()).house
  const { guard, answer } = slowGuard({ limits: { ...limits, burst } })
  const passing = Array.from({ length: 40 }, async (_, index) => {
    const passed = await guard.pass(asked('drop', { key: `key-${index}` }))
    if (passed.kind === 'allowed') passed.landed()
    return passed
  })
  answer()
  const kinds = (await Promise.all(passing)).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'allowed')).toHaveLength(4)
})

test('halt-halts: many destroys in one request are as many attempts', async () => {
  const burst = { count: 5, windowMs: 60_000 }
  const { limits } = openHarness(newWorld()).house
  const { guard, answer } = slowGuard({ limits: { ...limits, burst } })
  answer()
  const [one] = asked('drop').operations
  const operations = Array.from({ length: 5 }, () => one).filter((each) => each !== undefined)
  expect(await guard.pass(asked('drop', { operations }))).toMatchObject({
    kind: 'denied',
    told: { findings: [{ rule: 'halt' }] },
  })
})

test('a crowd that waits for one hold is answered at once beyond its first ten', async () => {
  const { guard } = openHarness(newWorld())
  const held = await guard.pass(asked('drop'))
  const id = held.kind === 'held' ? (held.told.holdId ?? '') : ''
  const gone = new AbortController()
  let answered = 0
  const all = Array.from({ length: 15 }, () =>
    guard.wait(id, 60_000, gone.signal).then(() => (answered += 1)),
  )
  await Promise.all(all.slice(10))
  expect(answered).toBe(5)
  gone.abort()
  await Promise.all(all)
})

test('halt-halts: a halt is in force before the many that wait for the state', async () => {
  const { house, guard, answer } = slowGuard()
  answer()
  const { promise, resolve } = Promise.withResolvers<void>()
  const crowd = house.state.transact(() => promise)
  const halting = guard.halts.throwNow(everyone, 'ada', 'stop')
  const loading = guard.halts.load()
  expect(await guard.pass(asked('drop'))).toMatchObject({ kind: 'denied' })
  resolve()
  await Promise.all([crowd, halting, loading])
  expect(await guard.pass(asked('drop'))).toMatchObject({ kind: 'denied' })
})

test('separation: what grows into another environment while its way back is copied does not run', async () => {
  let environments = ['scratch']
  const measure: House['inventory']['measure'] = async (_, operations) => ({
    operations,
    kept: false,
    radius: { ...noRadius, environments },
  })
  const { vault } = openHarness(newWorld()).house
  const { guard } = slowGuard({
    inventory: { measure, measureFresh: measure },
    policy: allowing(true),
    vault: {
      ...vault,
      cover: async (action, radius) => {
        environments = ['scratch', 'production']
        return await vault.cover(action, radius)
      },
    },
    admits: (_, wish) =>
      wish.environments.includes('production') ? { rule: 'separation', message: 'too far' } : null,
  })
  const operations = asked('drop').operations.map((one) => ({ ...one, environments: [] }))
  expect(await guard.pass(asked('drop', { operations }))).toMatchObject({
    kind: 'denied',
    told: { findings: [{ rule: 'separation' }] },
  })
})

/** Whether it is settled by now: everything that is ready to run has run. */
async function isSettled(work: unknown): Promise<boolean> {
  const later = new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  return await Promise.race([Promise.resolve(work).then(() => true), later.then(() => false)])
}
async function allowed(
  work: Passed | Promise<Passed>,
): Promise<Extract<Passed, { kind: 'allowed' }>> {
  const passed = await work
  if (passed.kind !== 'allowed') throw new Error(`it is ${passed.kind}`)
  return passed
}

test('unread-is-held: nothing is looked at while a write is on its way that could change it, and no write goes until the act has landed', async () => {
  const { guard, answer } = slowGuard()
  answer()
  const [[, destroy], [, write]] = asks
  const first = await allowed(guard.pass(write))
  const together = await allowed(guard.pass(write))
  const alone = guard.pass(destroy)
  expect(await isSettled(alone)).toBe(false)
  first.landed()
  expect(await isSettled(alone)).toBe(false)
  // Told twice, it counts once.
  first.done(200, 'forwarded')
  expect(await isSettled(alone)).toBe(false)
  together.done(0, 'broken')
  const act = await allowed(alone)
  const behind = guard.pass(write)
  expect(await isSettled(behind)).toBe(false)
  // Another target is another road, and a read keeps to none.
  const operations = write.operations.map((one) => ({ ...one, effect: 'read' as const }))
  const read = { ...write, operations }
  expect(await isSettled(guard.pass({ ...destroy, target: 'elsewhere' }))).toBe(true)
  expect(await isSettled(guard.pass(read))).toBe(true)
  act.landed()
  ;(await allowed(behind)).landed()
  expect(await isSettled(guard.pass(destroy))).toBe(true)
})

test('broken-is-closed: what waits too long for others is refused, and keeps nobody behind it', async () => {
  const timers: (() => void)[] = []
  const { guard, answer } = slowGuard({
    timer: (_, task) => {
      timers.push(task)
      return () => {}
    },
  })
  answer()
  const [[, destroy], [, write]] = asks
  const first = await allowed(guard.pass(write))
  const before = timers.length
  const alone = guard.pass(destroy)
  const refused = Promise.resolve(alone).then(() => 'passed', messageOf)
  const behind = guard.pass(write)
  expect(await isSettled(behind)).toBe(false)
  timers[before]?.()
  expect(await refused).toMatch(/still on their way; nothing was sent/)
  await allowed(behind)
  first.landed()
})

test('a target that is kept busy keeps no other act from its time', async () => {
  const world = newWorld()
  const { house, approve, state } = openHarness(world)
  const plain = house.policy()
  const policy: House['policy'] = () => ({
    set: 'test',
    decide: (question) => {
      const decision = plain.decide(question)
      return question.effect === 'write' ? { ...decision, verdict: allow } : decision
    },
  })
  const guard = openGuard({ ...house, policy })
  const held = async (target: string): Promise<string> => {
    const passed = await guard.pass(asked('drop', { target }))
    return passed.kind === 'held' ? (passed.told.holdId ?? '') : ''
  }
  const [here, elsewhere] = [await held('t'), await held('elsewhere')]
  const [, [, write]] = asks
  const busy = await allowed(guard.pass(write))
  for (const id of [here, elsewhere]) {
    await approve(id)
    await guard.deferral.advance(id)
  }
  world.now += 5000
  const ticking = guard.deferral.tick()
  const stateOf = async (id: string): Promise<string | undefined> =>
    (await state.transact((tx) => tx.get('hold', id)))?.state
  await expect.poll(async () => await stateOf(elsewhere)).toBe('executed')
  expect(await stateOf(here)).toBe('scheduled')
  // Undone while it waits for its turn: then it must not run.
  await guard.deferral.undo(here, 'ada')
  busy.landed()
  await ticking
  expect(await stateOf(here)).toBe('undone')
  expect(world.ran).toHaveLength(1)
})
