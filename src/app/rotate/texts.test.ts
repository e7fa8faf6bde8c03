import { expect, test } from 'vitest'
import { leadsTo } from './leads.ts'
import { withOther } from './texts.ts'

const old = 'k3pt-from-agents-9'
const next = 'n3xt-from-firebreak-7'
const url = (user: string, host: string, secret: string): string =>
  `postgres://${user}:${secret}@${host}:5432/shop`

test('one password of two databases: only in what leads to the one that is made new is it another', () => {
  const text = (first: string): string =>
    `DB1=${url('app', 'db1.shop.io', first)}\nDB2=${url('app', 'db2.shop.io', old)}\nDB3=${url('app', 'db1.shop.io', old).replace('5432', '5433')}\nPGPASSWORD=${old}\n`
  const at = { host: 'db1.shop.io', port: 5432, user: 'app' }
  expect(withOther(text(old), '.env', { old, next }, (within) => leadsTo(within, at))).toBe(
    text(next),
  )
})

test('where nobody else has it, it is another wherever it stands', () => {
  const text = (one: string): string => `DB1=${url('app', 'db1.shop.io', one)}\nPGPASSWORD=${one}\n`
  expect(withOther(text(old), '.env', { old, next }, () => true)).toBe(text(next))
})

test.each([
  [url('app', 'DB1.shop.io', old), true],
  ['postgres://app:p@w/rd@db1.shop.io', true],
  [url('other', 'db1.shop.io', old), false],
  [url('app', 'db2.shop.io', old), false],
  [url('app', 'db1.shop.io', old).replace('5432', '5433'), false],
  [old, false],
  [null, false],
])('%s leads there: %s', (within, isIt) => {
  expect(leadsTo(within, { host: 'db1.shop.io', port: 5432, user: 'app' })).toBe(isIt)
})
