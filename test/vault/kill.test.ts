/** Two rounds of `npm run kill:vault`: killed under load, no commit that was called safe is lost, and what counts restores. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chanceOf } from '../postgres/fuzz-chance.ts'
import { openGround } from './kill-ground.ts'
import type { Ground } from './kill-ground.ts'
import { round } from './kill-round.ts'
import type { Known } from './kill-round.ts'

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
}, 60_000)
afterAll(() => ground.close())

test('drill-proves: daemon and database killed under load: all that was called safe comes back from store and key alone', async () => {
  const seed = Number(process.env['FIREBREAK_SEED'] ?? Date.now() % 1_000_000)
  process.stderr.write(`seed ${seed}\n`)
  const chance = chanceOf(seed)
  const known: Known = { acknowledged: [], told: new Set(), safeBefore: 0 }
  for (const victim of ['daemon', 'both'] as const) {
    const told = await round(ground, known, chance, victim)
    expect(told.wrong).toEqual([])
    expect(told.bases).toBeGreaterThan(0)
  }
}, 120_000)
