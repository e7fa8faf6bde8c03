import fc from 'fast-check'
import { expect, test } from 'vitest'
import { within } from './letter.ts'

const line = fc.string({ maxLength: 300 }).map((text) => text.replaceAll(/[\n\u2026]/g, ' '))

test('what fits is not touched', () => {
  expect(within('a\nb', 3)).toBe('a\nb')
})

test('what is too long is cut between lines, says how many went, and keeps its end: where to look', () => {
  const facts = Array.from({ length: 60 }, (_, nth) => `gone       row ${nth} of a table`)
  const text = [...facts, 'look at    https://fb.example/#/hold/h', '', 'message    told_1'].join(
    '\n',
  )
  const cut = within(text, 1000).split('\n')
  const gone = cut.findIndex((each) => each.startsWith('… '))
  expect(cut.at(gone)).toBe(
    `… ${63 - (cut.length - 1)} lines left out: \`firebreak holds\`, \`firebreak alarms\``,
  )
  expect(cut.slice(0, gone)).toEqual(facts.slice(0, gone))
  expect(gone).toBeGreaterThan(10)
  expect(cut.slice(-3)).toEqual(['look at    https://fb.example/#/hold/h', '', 'message    told_1'])
})

test('one line that is too long by itself is cut in itself', () => {
  expect(within('x'.repeat(5000), 1000)).toMatch(/^x{800,}…\n… 1 line left out/)
})

test('it is never longer than it may be, and each of its lines is one of the text, a cut first one aside', () =>
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1 }),
      fc.integer({ min: 200, max: 1500 }),
      (lines, most) => {
        const cut = within(lines.join('\n'), most)
        expect(cut.length).toBeLessThanOrEqual(most)
        const own = new Set(lines)
        const others = cut.split('\n').filter((each) => !own.has(each))
        expect(others.filter((each) => !/^… \d+ lines? left out|…$/.test(each))).toEqual([])
      },
    ),
  ))
