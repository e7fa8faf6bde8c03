/** No disguise of a destructive statement is let through and destroys; `npm run fuzz:sql` looks for hours. */
import { expect, test } from 'vitest'
import { hunt } from './fuzz.ts'

const seed = Number(process.env['FIREBREAK_FUZZ'] ?? Date.now() % 1_000_000_000)

test(`nothing slips through from seed ${seed} on`, async () => {
  const began = performance.now()
  const { finds, read, ran } = await hunt(seed, () => performance.now() - began > 9000)
  expect(finds).toEqual([])
  expect(read).toBeGreaterThan(20)
  expect(ran).toBeGreaterThan(0)
}, 60_000)
