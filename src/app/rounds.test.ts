/** Rounds never run beside each other, and one that fails ends nothing. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { every } from './rounds.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a round waits for the one before, also for one that fails, and none comes behind the stop', async () => {
  const ends: ((thrown: Error | null) => void)[] = []
  const failed: unknown[] = []
  const round = (): Promise<void> =>
    new Promise((resolve, reject) => {
      ends.push((thrown) => (thrown === null ? resolve() : reject(thrown)))
    })
  const stop = every(1000, round, (thrown) => failed.push(thrown))
  await vi.advanceTimersByTimeAsync(3500)
  expect(ends).toHaveLength(1)
  const fault = new Error('the database is gone')
  ends[0]?.(fault)
  await vi.advanceTimersByTimeAsync(1000)
  expect(failed).toEqual([fault])
  expect(ends).toHaveLength(2)
  ends[1]?.(null)
  stop()
  await vi.advanceTimersByTimeAsync(5000)
  expect(ends).toHaveLength(2)
})
