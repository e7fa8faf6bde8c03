import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limits, splitPolicies } from './split.ts'

const rule = (when: string): string => `forbid (principal, action, resource) when { ${when} };`

test('a text is cut into its policies, each with its line', () => {
  const text = `// first; not a policy\n${rule('true')}\n\n@id("a;b") // ";"\n${rule('context.x == "};"')}\n`
  expect(splitPolicies(text)).toEqual({
    kind: 'pieces',
    pieces: [
      { text: rule('true'), line: 2 },
      { text: `@id("a;b") // ";"\n${rule('context.x == "};"')}`, line: 4 },
    ],
  })
})

test.each<[string, string, number, RegExp]>([
  ['500 brackets', rule(`${'('.repeat(500)}true${')'.repeat(500)}`), 1, /nests deeper/],
  ['500 lists', rule(`${'['.repeat(500)}${']'.repeat(500)} == [1]`), 1, /nests deeper/],
  ['500 records', rule(`${'{a:'.repeat(500)}1${'}'.repeat(500)} == 1`), 1, /nests deeper/],
  [
    '500 brackets behind a quote in a comment',
    `// 5"\n${rule(`${'('.repeat(500)}1`)} // "`,
    2,
    /nests deeper/,
  ],
  ['500 brackets behind an escaped quote', rule(`"\\"" == ${'('.repeat(500)}`), 1, /nests deeper/],
  ['a chain of 500 ands', rule(Array(500).fill('true').join(' && ')), 1, /operators/],
  ['a chain of 500 attributes', rule(`context${'.a'.repeat(500)}`), 1, /operators/],
  ['500 ifs', rule(`${'if true then true else '.repeat(500)}true`), 1, /operators/],
  [
    '500 conditions',
    `forbid (principal, action, resource)${' when { true }'.repeat(500)};`,
    1,
    /operators/,
  ],
  ['500 negations', rule(`${'!'.repeat(500)}true`), 1, /operators/],
  ['500 minus signs', rule(`${'- '.repeat(500)}1 == 1`), 1, /operators/],
  ['500 products', rule(`1${' * 1'.repeat(500)} == 1`), 1, /operators/],
  ['too many policies', rule('true').repeat(limits.policies + 1), 1, /more than 200 policies/],
  ['a text too long', ' '.repeat(limits.textChars + 1), 1, /longer than/],
  ['a string without end', `\n\n${rule('context.x == "')}`, 3, /string that does not end/],
  ['a policy without end', '\nforbid (principal, action, resource)', 2, /does not end in `;`/],
  ['an end without a policy', ';', 1, /no policy before it/],
  ['an end within brackets', 'forbid (principal;', 1, /inside brackets/],
])('%s: refused before the engine sees it', (_, text, line, why) =>
  expect(splitPolicies(text)).toEqual({ kind: 'refused', line, why: expect.stringMatching(why) }),
)

test('the limits leave room: the longest default has less than half of each', () => {
  for (const name of ['guard.cedar', 'hold.cedar']) {
    const text = readFileSync(new URL(`./defaults/${name}`, import.meta.url), 'utf8')
    const split = splitPolicies(text)
    for (const piece of split.kind === 'pieces' ? split.pieces : [])
      expect(piece.text.match(/[([{.]|==|!=|&&|!/g)?.length).toBeLessThan(limits.steps / 2)
    expect(split.kind).toBe('pieces')
  }
})

test('no text is too odd: pieces are parts of it, in order', () => {
  const bits = fc.constantFrom('"', '\\', '//', '\n', ';', '(', ')', '{', 'forbid', ' ', 'é', '&&')
  fc.assert(
    fc.property(fc.array(fc.oneof(bits, fc.string())), (parts) => {
      const text = parts.join('')
      const split = splitPolicies(text)
      let from = 0
      for (const piece of split.kind === 'pieces' ? split.pieces : []) {
        const at = text.indexOf(piece.text, from)
        expect(at).toBeGreaterThanOrEqual(from)
        expect(text.slice(0, at).split('\n').length).toBe(piece.line)
        from = at + piece.text.length
      }
    }),
  )
})
