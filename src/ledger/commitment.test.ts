import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commit, isCommitted } from './commitment.ts'

const salt = new Uint8Array(16).fill(5)

test('a commitment names its hash and shows nothing of the value', () => {
  expect(commit('ada@example.org', salt)).toMatch(/^hmac-sha256:[0-9a-f]{64}$/)
})

test('it opens to its value under its salt, and to no other', () =>
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.uint8Array({ minLength: 16, maxLength: 32 }),
      (a, b, other) => {
        const made = commit(a, salt)
        expect(isCommitted(made, b, salt)).toBe(Buffer.from(a).equals(Buffer.from(b)))
        expect(isCommitted(made, a, new Uint8Array(other))).toBe(Buffer.compare(other, salt) === 0)
      },
    ),
  ))

test('a short salt is refused: a name could be guessed', () => {
  expect(() => commit('ada', salt.subarray(1))).toThrow(
    expect.objectContaining({ code: 'bad_input' }),
  )
})

test('what is no commitment opens to nothing', () =>
  expect(isCommitted('', 'ada', salt)).toBe(false))
