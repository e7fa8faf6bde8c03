import { expect, test } from 'vitest'
import { noRadius } from '../../core/blast-radius.ts'
import type { Resource } from '../../core/resource.ts'
import type { Passed, Told } from '../../guard/passed.ts'
import { inTransaction } from './leans.ts'
import { refusalOf } from './told.ts'

const table = (name: string): Resource => ({
  target: 'shop',
  type: 'table',
  id: name,
  name,
  environment: 'production',
  bytes: 4096,
  protects: null,
})
const told: Told = {
  operation: 'DROP TABLE',
  effect: 'destroy',
  verdict: 'hold',
  findings: [
    { rule: 'hold-data', message: 'data of a protected environment would go for good' },
    { rule: 'cascade', message: '2 views go with it' },
  ],
  radius: {
    ...noRadius,
    environments: ['production'],
    resources: [table('public.bookings'), table('public.payments')],
    rows: 1508,
  },
  holdId: 'hold_1',
  state: 'open',
  executesAt: null,
  expiresAt: 1,
  retryable: true,
  alternatives: ['rename it first'],
  entry: 4,
}

const final = { alternatives: [], retryable: false }

test('a hold says what would go, and what to do next', () => {
  expect(refusalOf({ kind: 'held', told })).toEqual({
    code: '42501',
    message: 'Firebreak holds DROP TABLE: data of a protected environment would go for good',
    detail:
      'would go: table public.bookings, table public.payments: 1508 rows in all\nin: production\nbecause 2 views go with it',
    hint: 'a person runs: firebreak approve hold_1; then send the same statement again for its outcome. Or: rename it first',
  })
})

test.each<[string, Passed & { kind: 'denied' | 'scheduled' }, string | null]>([
  ['a denial', { kind: 'denied', told: { ...told, ...final } }, 'asking again will not help'],
  [
    'what a policy holds, in a transaction',
    { kind: 'denied', told: { ...told, ...final, findings: [inTransaction, ...told.findings] } },
    'send it by itself, outside the transaction: then a person can be asked',
  ],
  ['a denial with another way', { kind: 'denied', told }, 'rename it first'],
  [
    'what is scheduled',
    { kind: 'scheduled', told: { ...told, executesAt: 0 } },
    'it runs at 1970-01-01T00:00:00.000Z; until then a person can undo it',
  ],
])('%s has its own hint', (_, passed, hint) => {
  expect(refusalOf(passed).hint).toBe(hint)
})

test('a radius of hundreds is told by its first and its number', () => {
  const resources = Array.from({ length: 300 }, (_, index) => table(`t${index}`))
  const { detail } = refusalOf({
    kind: 'denied',
    told: { ...told, radius: { ...noRadius, resources } },
  })
  expect(detail).toMatch(/^would go: table t0, .*table t11 and 288 more\n/)
})
