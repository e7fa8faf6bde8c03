import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hushed } from './hush.ts'

const secret = 'p&ss "wörd"/7'

test.each<readonly [string, string]>([
  ['as it is', secret],
  ['in Base64, as a server logs a login', Buffer.from(secret).toString('base64')],
  ['in Base64url', Buffer.from(secret).toString('base64url')],
  ['in an address', encodeURIComponent(secret)],
  ['in JSON', JSON.stringify({ secret }).slice(11, -2)],
])('a secret is hushed %s', (_, form) => {
  expect(hushed(`535 no: \`${form}\` is wrong, ${form}`, [secret])).toBe(
    '535 no: `[secret]` is wrong, [secret]',
  )
})

test('one that is a part of another leaves nothing of it', () => {
  expect(hushed('said abcdef', ['abc', 'abcdef'])).toBe('said [secret]')
})

test('nothing is said of an empty one, and what is said is one short line', () => {
  expect(hushed('a\r\nb\u001B[2K', [''])).toBe('a\\u{d}\\u{a}b\\u{1b}[2K')
  expect(hushed('x'.repeat(5000), [])).toMatch(/^x{200}… \(4800 more\)$/)
})

test('whatever stands around it, the secret does not come through', () =>
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, behind) => {
      const token = 'tk_4f9a8c'
      expect(hushed(`${before}${token}${behind}`, [token])).not.toContain(token)
    }),
  ))
