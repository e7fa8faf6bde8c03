/** The model of the lifecycle: its laws hold in every state, and each seeded bug is found (formal/README.md). */
import { expect, test } from 'vitest'
import { missingTools, quick, runCheck } from '../scripts/formal.ts'
import { sample, turnOf } from './sample.ts'

test('Spin and a C compiler are there', () => {
  expect(missingTools()).toBeNull()
})

const laws = quick.filter(({ breaks }) => breaks === null)
const seeded = quick.filter(({ breaks }) => breaks !== null)

// The laws each time, of the bugs and witnesses a fourth: all of them are in `npm run formal`.
test.each([...laws, ...sample(seeded, 4)])(`$name (${turnOf(4)})`, { timeout: 60_000 }, (check) => {
  expect(runCheck(check)).toMatchObject({ ok: true })
})

test('a bug is never told as a model without error', { timeout: 60_000 }, () => {
  const found = runCheck({ name: 'broken', defines: ['BUG_NO_LEASE'], breaks: null })
  expect(found).toMatchObject({ ok: false, told: expect.stringContaining('1 errors') })
})

test('another law that breaks is not the bug that was looked for', { timeout: 60_000 }, () => {
  const found = runCheck({ name: 'other', defines: ['BUG_NO_LEASE'], breaks: /effects\[/ })
  expect(found.ok).toBe(false)
})

test('a model that does not compile is told, and is no success', { timeout: 60_000 }, () => {
  expect(runCheck({ name: 'wrong', defines: ['GRACE=('], breaks: null }).ok).toBe(false)
})
