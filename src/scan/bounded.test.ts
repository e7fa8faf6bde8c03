import { expect, test } from 'vitest'
import { bounded } from './bounded.ts'

test('gives what the work gives, and throws what it throws', () => {
  expect(bounded(() => 5, 1000)).toBe(5)
  expect(() =>
    bounded(() => {
      throw new Error('its own')
    }, 1000),
  ).toThrow('its own')
})

test('work that never ends is ended', () => {
  expect(() =>
    bounded(() => {
      for (;;);
    }, 30),
  ).toThrow(/timed out/)
})
