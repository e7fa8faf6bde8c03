import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from '../../base/json.ts'
import { frame, int32, joined } from '../../wire/postgres/frame.ts'
import { flush, query, sync } from '../../wire/postgres/front.ts'
import { writeStep } from '../../wire/postgres/step.ts'
import type { Batch, Step } from './seam.ts'
import { openBatch, storeBatch } from './stored.ts'

const text = fc.string({ unit: 'grapheme' }).filter((made) => !made.includes('\0'))
const bytes = fc.uint8Array({ maxLength: 64 })
const code = fc.nat(0xffff)
const list = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 5 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('parse'),
    name: text,
    text,
    types: list(fc.nat(0xffffffff)),
  }),
  fc.record({
    kind: fc.constant('bind'),
    portal: text,
    statement: text,
    values: list(fc.option(bytes)),
    formats: list(code),
    results: list(code),
  }),
  fc.record({ kind: fc.constant('execute'), portal: text, rows: fc.integer() }),
  fc.record({
    kind: fc.constantFrom('describe', 'close'),
    what: fc.constantFrom('statement', 'portal'),
    name: text,
  }),
)
const batch: fc.Arbitrary<Batch> = fc.oneof(
  text.map((made): Batch => ({ kind: 'query', text: made, bytes: query(made) })),
  fc
    .tuple(fc.nat(0xffffffff), bytes)
    .map(([oid, more]): Batch => ({ kind: 'call', oid, bytes: frame('F', int32(oid), more) })),
  fc.tuple(list(step), fc.constantFrom('sync', 'flush')).map(([steps, closes]): Batch => ({
    kind: 'extended',
    steps,
    closes,
    bytes: joined([...steps.map(writeStep), closes === 'sync' ? sync : flush]),
  })),
)
const setting = fc.record({
  database: text,
  role: fc.option(text),
  settings: fc
    .array(fc.tuple(fc.oneof(text, fc.constant('__proto__')), text), { maxLength: 4 })
    .map((pairs) => new Map(pairs)),
})

test('what is stored opens as it was, through its text', () =>
  fc.assert(
    fc.property(batch, setting, (made, where) => {
      const stored = parseJson(JSON.stringify(storeBatch(made, where)))
      expect(openBatch(stored)).toEqual({ ...where, batch: made })
      expect(storeBatch(openBatch(stored).batch, where)).toEqual(stored)
    }),
  ))

test('nothing of it refers to the bytes that were sent', () => {
  const value = Uint8Array.of(1, 2, 3)
  const bind = { kind: 'bind', portal: '', statement: '', formats: [1], results: [] } as const
  const stored = storeBatch(
    {
      kind: 'extended',
      steps: [{ ...bind, values: [value] }],
      closes: 'sync',
      bytes: new Uint8Array(0),
    },
    { database: 'shop', role: null, settings: new Map() },
  )
  value.fill(9)
  const opened = openBatch(stored).batch
  expect(opened.kind === 'extended' ? opened.steps[0] : null).toMatchObject({
    values: [Uint8Array.of(1, 2, 3)],
  })
})

const good = { v: 1, database: 'shop', role: null, settings: {} } as const
test.each([
  ['nothing', null],
  ['another version', { ...good, v: 2, batch: { kind: 'query', text: 'TABLE t' } }],
  ['no database', { ...good, database: null, batch: { kind: 'query', text: 'TABLE t' } }],
  [
    'a setting that is no text',
    { ...good, settings: { a: 1 }, batch: { kind: 'query', text: '' } },
  ],
  ['a batch of no kind', { ...good, batch: { text: 'TABLE t' } }],
  ['a step of no kind', { ...good, batch: { kind: 'extended', steps: [{}], closes: 'sync' } }],
  ['steps without an end', { ...good, batch: { kind: 'extended', steps: [] } }],
  ['bytes that are not base64', { ...good, batch: { kind: 'call', oid: 1, bytes: 'AA' } }],
])('what nobody has stored does not open: %s', (_, stored) =>
  expect(() => openBatch(stored)).toThrow(expect.objectContaining({ code: 'broken_store' })),
)
