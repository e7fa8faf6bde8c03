/** E1–E6, intent-first, halt-halts and silence-refuses against the real guard and the real state: any order of what people, agents, clocks and crashes do. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, isObject, parseJson } from '../src/base/json.ts'
import { settled } from '../src/core/hold.ts'
import type { Operation } from '../src/core/operation.ts'
import { everyone } from '../src/guard/halt.ts'
import { holdById, move } from '../src/guard/hold.ts'
import type { HoldRow } from '../src/guard/rows.ts'
import type { House } from '../src/guard/house.ts'
import type { Runner, State } from '../src/guard/ports.ts'
import { openSqlite } from '../src/store/sqlite.ts'
import { act, asked, graceMs, newWorld, openHarness, savingRunner, worldRunner } from './world.ts'
import type { Dies, Harness, World } from './world.ts'

type Step =
  | { readonly kind: 'ask'; readonly what: 'drop' | 'purge'; readonly key: string | null }
  | ByPerson
  | { readonly kind: 'pass-time'; readonly ms: number }
  | { readonly kind: 'tick' | 'restart' | 'halt' | 'resume' }
  | { readonly kind: 'crash'; readonly when: Exclude<Dies, 'never'> }

interface ByPerson {
  readonly kind: 'by-person'
  /** `swap`: somebody with the state in hand puts another request in the place of the one that was asked. */
  readonly does: 'approve' | 'undo' | 'deny' | 'settle' | 'swap'
  readonly nth: number
}

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('ask' as const),
      what: fc.constantFrom('drop' as const, 'purge' as const),
      key: fc.constantFrom(null, 'k'),
    }),
    fc.record({
      kind: fc.constant('by-person' as const),
      does: fc.constantFrom(
        'approve' as const,
        'approve' as const,
        'undo' as const,
        'deny' as const,
        'settle' as const,
        'swap' as const,
      ),
      nth: fc.nat(3),
    }),
    fc.record({
      kind: fc.constant('pass-time' as const),
      ms: fc.constantFrom(1, graceMs, 4 * graceMs),
    }),
    fc.record({
      kind: fc.constantFrom(
        'tick' as const,
        'tick' as const,
        'restart' as const,
        'halt' as const,
        'resume' as const,
      ),
    }),
    fc.record({
      kind: fc.constant('crash' as const),
      when: fc.constantFrom('before' as const, 'leant' as const, 'after' as const),
    }),
  ),
  { maxLength: 24, size: 'max' },
)

/** Everything that was approved or undone, with its time: the other half of the laws. */
interface Diary {
  readonly approvedAt: Map<string, number>
  /** Undone or denied: somebody was told that it will not run. */
  readonly undone: Set<string>
  /** What the ledgers of all lives of the daemon have. */
  readonly harnesses: Harness[]
}

/** Where the way back is taken: by the vault before the act, or by the runner in it. */
type Saver = (world: World, dies: Dies) => Runner
const savers: readonly (readonly [string, Saver])[] = [
  [
    'the vault saves',
    (world, dies) => (dies === 'never' ? worldRunner(world) : crashing(world, dies)),
  ],
  ['the runner saves', savingRunner],
]

/** A target that never says whether it has done something: people do. */
const mute: Saver = (world, dies) => ({
  ...(dies === 'never' ? worldRunner(world) : crashing(world, dies)),
  happened: async () => 'unknown',
})

test.each([...savers, ['only a person can say', mute] as const])(
  '%s: E1–E6 hold for any order of asking, approving, undoing, waiting, restarting and crashing',
  async (_, saver) => {
    await fc.assert(
      fc.asyncProperty(steps, async (walk) => {
        const world = newWorld()
        const state = openSqlite(':memory:')
        const diary: Diary = { approvedAt: new Map(), undone: new Set(), harnesses: [] }
        const open = (dies: Dies): Harness => {
          const opened = openHarness(world, state, saver(world, dies))
          diary.harnesses.push(opened)
          return opened
        }
        let harness = open('never')
        await harness.guard.start()
        for (const step of walk) {
          const [halted, ran] = [isHalted(harness), world.ran.length]
          harness = await take(step, { world, state, harness, diary, open })
          if (halted && isHalted(harness))
            expect(world.ran.length, 'halt-halts: it ran while everything was halted').toBe(ran)
        }
        judge(world, await state.transact((tx) => tx.find('hold', {})), diary)
        await comesToAnEnd({ world, state, harness, diary, open })
        judge(world, await state.transact((tx) => tx.find('hold', {})), diary)
        state.close()
      }),
      { numRuns: 400 },
    )
  },
  60_000,
)

const isHalted = (harness: Harness): boolean => harness.guard.halts.stops('agent:a') !== null

async function comesToAnEnd(at: Parameters<typeof take>[1]): Promise<void> {
  await take({ kind: 'resume' }, at)
  for (let round = 0; round < 3; round += 1) {
    at.world.now += at.harness.house.limits.holdMs
    await at.harness.guard.deferral.tick()
  }
  const all = await at.state.transact((tx) => tx.find('hold', {}))
  for (const nth of all.keys()) await byPerson({ kind: 'by-person', does: 'settle', nth }, at)
  const holds = await at.state.transact((tx) => tx.find('hold', {}))
  for (const hold of holds)
    expect(settled(hold.state), `silence-refuses: it stays ${hold.state}`).toBe(true)
}

async function take(
  step: Step,
  at: { world: World; state: State; harness: Harness; diary: Diary; open: (dies: Dies) => Harness },
): Promise<Harness> {
  const { world, state, harness } = at
  switch (step.kind) {
    case 'ask':
      await harness.guard.pass(asked(step.what, { key: step.key }))
      return harness
    case 'by-person':
      await byPerson(step, at)
      return harness
    case 'halt':
      await state.transact((tx) =>
        harness.guard.halts.throwIn(tx, everyone, 'ada', 'three at night'),
      )
      return harness
    case 'resume':
      await state.transact((tx) => harness.guard.halts.liftIn(tx, everyone, 'ada', {}))
      await harness.guard.halts.load()
      return harness
    case 'pass-time':
      world.now += step.ms
      return harness
    case 'tick':
      await harness.guard.deferral.tick()
      return harness
    case 'restart': {
      const again = at.open('never')
      await again.guard.start()
      return again
    }
    case 'crash': {
      const dying = at.open(step.when)
      await dying.guard.halts.load()
      // The process dies in the act: what it was waiting for never comes back, so its errors do not matter.
      await dying.guard.deferral.tick().catch(() => null)
      const again = at.open('never')
      await again.guard.start()
      return again
    }
  }
}

async function byPerson(
  step: ByPerson,
  at: { world: World; state: State; harness: Harness; diary: Diary },
): Promise<void> {
  const holds = await at.state.transact((tx) => tx.find('hold', {}))
  const hold = holds[step.nth % Math.max(1, holds.length)]
  if (hold === undefined) return
  try {
    if (step.does === 'approve') {
      await at.harness.approve(hold.id)
      at.diary.approvedAt.set(hold.id, at.world.now)
      await at.harness.guard.deferral.advance(hold.id)
    } else if (step.does === 'undo') {
      await at.harness.guard.deferral.undo(hold.id, 'ada')
      at.diary.undone.add(hold.id)
    } else if (step.does === 'settle') {
      const happened = at.world.ran.some(({ digest }) => digest === hold.digest)
      await at.harness.guard.deferral.settle(hold.id, { happened, by: 'ada', proof: {} })
    } else if (step.does === 'deny') {
      await at.state.transact(async (tx) =>
        move(at.harness.house, tx, await holdById(tx, hold.id), {
          event: 'reject',
          entry: 'rejected',
        }),
      )
      at.diary.undone.add(hold.id)
    } else await at.state.transact((tx) => tx.put('hold', swapped(hold)))
  } catch (thrown) {
    // A step that may not happen in this state is refused: that is what the laws lean on.
    expect(thrown).toMatchObject({ code: 'wrong_state' })
  }
}

/** The seal of this world is none, so whoever has the state can write what it likes. */
function swapped(hold: HoldRow): HoldRow {
  const stored = parseJson(hold.sealed)
  const request = { name: 'drop', parameters: { all: true } }
  return { ...hold, sealed: canonical({ ...(isObject(stored) ? stored : {}), request }) }
}

/** Dies in the act: before or after the effect; the answer never comes, and neither does the question. */
function crashing(world: World, when: Dies): Runner {
  return {
    run: async (_, action, request) => {
      if (when === 'after') act(world, action, request)
      throw new Error('the process is gone')
    },
    happened: async () => 'unknown',
  }
}

function judge(world: World, holds: readonly HoldRow[], diary: Diary): void {
  const digests = world.ran.map(({ digest }) => digest)
  const entries = diary.harnesses.flatMap((harness) => harness.entries)
  const intents = entries.filter(({ kind }) => kind === 'intent')
  expect(intents.length, 'intent-first: it ran before that was written').toBeGreaterThanOrEqual(
    world.ran.length,
  )
  for (const { digest, at, request, operation } of world.ran) {
    const mine = holds.filter((hold) => hold.digest === digest)
    const approvals = mine
      .map((hold) => diary.approvedAt.get(hold.id))
      .filter((time) => time !== undefined)
    expect(approvals, 'E1: it ran without an approval').not.toHaveLength(0)
    expect(
      Math.min(...approvals) + graceMs,
      'E2: it ran before its grace was over',
    ).toBeLessThanOrEqual(at)
    expect(
      mine.some((hold) => hold.state === 'executed' || hold.state === 'executing'),
      'it ran and nobody knows',
    ).toBe(true)
    expect(request, 'E5: something else ran').toEqual({ name: operation, parameters: {} })
  }
  for (const hold of holds) {
    const runs = digests.filter((digest) => digest === hold.digest).length
    const siblings = holds.filter((other) => other.digest === hold.digest)
    expect(runs, 'E4: more runs than holds').toBeLessThanOrEqual(siblings.length)
    if (diary.undone.has(hold.id) && siblings.length === 1)
      expect(runs, 'E3: it ran although it was undone or denied').toBe(0)
  }
  expect(
    world.alive.size + world.points.size,
    'E6: the data and its last way back are both gone',
  ).toBeGreaterThan(0)
}

test('E4: undo and execute compete for one row, under any interleaving', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const world = newWorld()
      const state = openSqlite(':memory:')
      const slow: State = {
        ...state,
        transact: (work) => scheduler.schedule(Promise.resolve()).then(() => state.transact(work)),
      }
      const { guard, approve } = openHarness(world, slow)
      const first = scheduler.waitFor(Promise.resolve(guard.pass(asked('drop'))))
      const passed = await first
      const id = passed.kind === 'held' ? (passed.told.holdId ?? '') : ''
      await scheduler.waitFor(approve(id))
      await scheduler.waitFor(guard.deferral.advance(id))
      world.now += graceMs
      const outcomes = await scheduler.waitFor(
        Promise.allSettled([
          guard.deferral.tick(),
          guard.deferral.undo(id, 'ada'),
          guard.deferral.tick(),
          guard.deferral.undo(id, 'bob'),
        ]),
      )
      const undone = [outcomes[1], outcomes[3]].filter(
        (outcome) => outcome?.status === 'fulfilled',
      ).length
      expect(undone + world.ran.length, 'exactly one of them wins').toBe(1)
      state.close()
    }),
    { numRuns: 200 },
  )
}, 60_000)

const crashes = savers.flatMap(([name, saver]) =>
  (['before', 'leant', 'after'] as const).map((when) => [name, when, saver] as const),
)

test.each(crashes)(
  'E4: %s: a crash %s the effect is asked about, never run again',
  async (_, when, saver) => {
    const world = newWorld()
    const state = openSqlite(':memory:')
    const alive = openHarness(world, state, saver(world, 'never'))
    const passed = await alive.guard.pass(asked('drop'))
    const id = passed.kind === 'held' ? (passed.told.holdId ?? '') : ''
    await alive.approve(id)
    await alive.guard.deferral.advance(id)
    world.now += graceMs
    const dying = openHarness(world, state, saver(world, when))
    await dying.guard.deferral.tick()
    expect((await state.transact((tx) => tx.get('hold', id)))?.state).toBe('executing')
    const again = openHarness(world, state, saver(world, 'never'))
    await again.guard.start()
    expect((await state.transact((tx) => tx.get('hold', id)))?.state).toBe(
      when === 'after' ? 'executed' : 'failed',
    )
    expect(world.ran).toHaveLength(when === 'after' ? 1 : 0)
    await again.guard.deferral.tick()
    expect(world.ran).toHaveLength(when === 'after' ? 1 : 0)
  },
)

test.each([
  ['happened', 'after', true, 'executed'],
  ['did not', 'before', false, 'failed'],
] as const)(
  'E4: where only a person can say that it %s, that is written down and nothing runs again',
  async (_, when, happened, state) => {
    const world = newWorld()
    const dying = await due(world, mute(world, when))
    await dying.guard.deferral.tick()
    const again = openHarness(world, dying.state, mute(world, 'never'))
    await again.guard.start()
    await again.guard.deferral.tick()
    const stays = await again.state.transact((tx) => tx.get('hold', dying.id))
    expect(stays?.state).toBe('executing')
    const proof = { approver: 'ada', factor: 'totp' }
    const said = { happened, by: 'ada', proof }
    expect(await again.guard.deferral.settle(dying.id, said)).toMatchObject({
      state,
      closing: `${happened ? 'done' : 'not done'}, as ada says: the target cannot say`,
    })
    const body = { ok: happened, ...proof }
    expect(again.entries.at(-1)).toMatchObject({ kind: 'outcome', subject: dying.id, body })
    await expect(again.guard.deferral.settle(dying.id, said)).rejects.toMatchObject({
      code: 'wrong_state',
      message: `\`${dying.id}\` is ${state}: there is nothing to settle`,
    })
    world.now += 2 * graceMs
    await again.guard.deferral.tick()
    expect(world.ran).toHaveLength(happened ? 1 : 0)
  },
)

test('a target that can say is believed before a person', async () => {
  const world = newWorld()
  const dying = await due(world, mute(world, 'after'))
  await dying.guard.deferral.tick()
  const again = openHarness(world, dying.state)
  const said = { happened: false, by: 'ada', proof: {} }
  expect(await again.guard.deferral.settle(dying.id, said)).toMatchObject({
    state: 'executed',
    closing: 'done, as the target says (asked afterwards)',
  })
})

test('what runs now, or has not begun, is not settled by anybody', async () => {
  const world = newWorld()
  const runner = worldRunner(world)
  const refused: unknown[] = []
  const said = { happened: false, by: 'ada', proof: {} }
  const { guard, id, state } = await due(world, {
    ...runner,
    run: async (...given) => {
      await guard.deferral.settle(id, said).catch((no: unknown) => refused.push(no))
      return await runner.run(...given)
    },
  })
  await guard.deferral.settle(id, said).catch((no: unknown) => refused.push(no))
  await guard.deferral.tick()
  expect(refused).toMatchObject([
    { code: 'wrong_state', message: `\`${id}\` is scheduled: there is nothing to settle` },
    { code: 'wrong_state', message: `\`${id}\` is running now: there is nothing to settle` },
  ])
  expect(await state.transact((tx) => tx.get('hold', id))).toMatchObject({ state: 'executed' })
})

/** A hold whose runner saves, approved, its grace over. */
async function due(
  world: World,
  runner: Runner,
  more: Partial<House> = {},
): Promise<Harness & { readonly id: string }> {
  const harness = openHarness(world, openSqlite(':memory:'), runner, more)
  const passed = await harness.guard.pass(asked('drop'))
  const id = passed.kind === 'held' ? (passed.told.holdId ?? '') : ''
  await harness.approve(id)
  await harness.guard.deferral.advance(id)
  world.now += graceMs
  return { ...harness, id }
}

test('recovery-first: a runner that saves leans on its point, durably, before the act is final', async () => {
  const world = newWorld()
  const saving = savingRunner(world)
  const seen: unknown[] = []
  const { guard, state, id, entries } = await due(world, {
    ...saving,
    run: async (clearance, action, request, leaning) =>
      await saving.run(clearance, action, request, {
        ...leaning,
        lean: async (on) => {
          await leaning.lean(on)
          const hold = await state.transact((tx) => tx.get('hold', id))
          const leases = await state.transact((tx) => tx.find('lease', { hold: id }))
          seen.push(hold?.state, hold?.recoveryPoints, hold?.mark, leases.length, world.ran.length)
        },
      }),
  })
  await guard.deferral.tick()
  expect(seen).toEqual(['executing', ['point'], expect.stringMatching(/^mark /), 1, 0])
  expect(world.ran).toHaveLength(1)
  expect(entries.at(-1)).toMatchObject({ kind: 'outcome', body: { ok: true, points: ['point'] } })
})

test('recovery-first: a runner that saves may not be final without a point, nor lean twice', async () => {
  const world = newWorld()
  const saving = savingRunner(world)
  const refused: unknown[] = []
  const { guard, state, id } = await due(world, {
    ...saving,
    run: async (clearance, action, request, leaning) => {
      await leaning.lean({ points: [], mark: 'none' }).catch((no: unknown) => refused.push(no))
      const ran = await saving.run(clearance, action, request, leaning)
      await leaning
        .lean({ points: ['point'], mark: 'again' })
        .catch((no: unknown) => refused.push(no))
      return ran
    },
  })
  await guard.deferral.tick()
  expect(refused).toMatchObject([{ code: 'internal' }, { code: 'wrong_state' }])
  expect(await state.transact((tx) => tx.get('hold', id))).toMatchObject({ state: 'executed' })
})

test('E4: whoever was told that it has not happened was told the truth: it can lean no more', async () => {
  const world = newWorld()
  const saving = savingRunner(world)
  const { guard, state, id, house } = await due(world, {
    ...saving,
    run: async (clearance, action, request, leaning) =>
      await saving.run(clearance, action, request, {
        ...leaning,
        // Another process over the same state asks about what executes and is not its own.
        lean: async (on) => {
          await openHarness(world, house.state, savingRunner(world)).guard.start()
          await leaning.lean(on)
        },
      }),
  })
  await guard.deferral.tick()
  expect(await state.transact((tx) => tx.get('hold', id))).toMatchObject({ state: 'failed' })
  expect(world.ran).toEqual([])
})

test.each([
  ['what was shown as not known', ['trigger `audit` runs code'], 'executed'],
  ['more than was shown', ['trigger `audit` runs code', 'which rows is not clear'], 'failed'],
] as const)('a runner that saves goes on with %s', async (_, now, state) => {
  const world = newWorld()
  const { house } = openHarness(world)
  const unknown =
    (why: readonly string[]) => async (target: string, operations: readonly Operation[]) => {
      const measured = await house.inventory.measure(target, operations)
      return { ...measured, radius: { ...measured.radius, known: false, unknown: why } }
    }
  const saved = await due(world, savingRunner(world), {
    inventory: { measure: unknown(['trigger `audit` runs code']), measureFresh: unknown(now) },
  })
  await saved.guard.deferral.tick()
  expect(await saved.state.transact((tx) => tx.get('hold', saved.id))).toMatchObject({ state })
})
