/** What waits for a signature: known for a while, once, by who put it; forgotten without a look at all of it; and bounded. */
import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { signMs } from './statement.ts'
import { openStatements } from './statements.ts'
import type { Statements } from './statements.ts'

let now = 0
let statements: Statements
const open = (): Statements =>
  openStatements(
    () => now,
    (bytes) => new Uint8Array(randomBytes(bytes)),
  )
beforeEach(() => {
  now = 1_700_000_000_000
  statements = open()
})
const put = (approver = 'ada', what: string | null = null): string =>
  statements.put({ approver, digest: 'sha256:d', what, shown: null }).challenge

test('two of the same words are two; one that is spent is known as such, and stays so', () => {
  const [one, other] = [put(), put()]
  statements.spend(one)
  expect(statements.find(one)?.isUsed).toBe(true)
  expect(statements.find(other)?.isUsed).toBe(false)
  statements.spend('AAAA')
  expect(statements.find('AAAA')).toBeNull()
})

test('after a restart none is known that was put before it', () => {
  const challenge = put()
  expect(open().find(challenge)).toBeNull()
})

test('one that is late is known for a while, to be told so, and then forgotten: it never counts again', () => {
  const challenge = put()
  now += 2 * signMs
  put()
  expect(statements.find(challenge)?.statement.until).toBeLessThan(now)
  now += 1
  put()
  expect(statements.find(challenge)).toBeNull()
})

test('the old ones are let go without a look at the rest: one more costs the same with 60,000 as with none', () => {
  for (let nth = 0; nth < 60_000; nth += 1) put(`bob${nth % 7}`)
  // Work, and not the time in which others had the processor.
  const begun = process.threadCpuUsage()
  for (let nth = 0; nth < 200; nth += 1) put()
  // 18 ms each when every one was read: 3.6 s.
  expect(process.threadCpuUsage(begun).user / 1000).toBeLessThan(400)
})

test('what waits for one person is bounded, refused in a line, and keeps nobody else from signing', () => {
  const large = 'x'.repeat(250_000)
  const flood = (): void => {
    for (let nth = 0; nth < 100; nth += 1) put('eve', large)
  }
  expect(flood).toThrow(/too much waits for the signature of `eve`/)
  expect(statements.find(put('ada'))).not.toBeNull()
  now += 2 * signMs + 1
  expect(statements.find(put('eve', large))).not.toBeNull()
})
