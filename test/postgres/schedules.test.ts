/**
 * Any order of what agents say, people decide, others do to the database and kills interrupt, before the real Firebreak and a
 * real database: nothing that destroys takes effect without an approval, what is approved happens once and whole and can be
 * taken back, no hold is lost, no budget is overspent, a halt halts, and the ledger tells all of it.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finish } from './schedules-end.ts'
import { openStage } from './schedules-stage.ts'
import type { Stage } from './schedules-stage.ts'
import { oneOfEach, schedule } from './schedules-steps.ts'
import { Walk } from './schedules-walk.ts'
import { World } from './schedules-world.ts'
import type { Counts } from './schedules-world.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 120_000)
afterAll(() => stage.close())

test('the promises hold for any schedule of statements, approvals and kills', async () => {
  const counts: Counts = {
    executed: 0,
    undone: 0,
    exact: 0,
    held: 0,
    kept: 0,
    killed: 0,
    refused: 0,
  }
  let nth = 0
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      const world = await World.begin(stage, counts, (nth += 1))
      const walk = new Walk(world)
      for (const step of steps) await walk.step(step)
      await finish(world, walk)
    }),
    // Each run is a second or more, so none is spent on a smaller one; the seed and the path lead there again.
    { numRuns: 5, endOnFailure: true, examples: [[oneOfEach]] },
  )
  // It was not idle: each kind of thing has come about.
  for (const [what, often] of Object.entries(counts)) expect(often, what).toBeGreaterThan(0)
}, 120_000)
