/** quiet-on-safe: every byte of every reply is the same through the gateway, the guard on, as directly. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scriptSetup, wholeScript, writeAgain, writeScript } from './differential-script.ts'
import { differential } from './differential.ts'
import type { Said } from './differential.ts'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'

let gate: Gate
beforeAll(async () => {
  gate = await openGate({ sql: 'SELECT 1', databases: { plain: 'postgres' } })
  gate.cluster.sql(scriptSetup, 'plain')
}, 60_000)
afterAll(() => gate.close())

async function compare(script: readonly Said[]): ReturnType<typeof differential> {
  const password = await gate.people.mint('agent:same', { ...everything, rows: 10_000 })
  const direct = { port: gate.cluster.port, user: 'postgres', database: 'plain' }
  return await differential(direct, { ...direct, port: gate.port(), password }, script, () =>
    gate.cluster.sql(writeAgain, 'plain'),
  )
}

/** Of what is not there the gateway cannot tell what it would do; so it says no in words of its own. */
const ownWords = [
  /^a statement that is not there: frame 1: direct E .* 26000 .*, through E .* 26000 Firebreak/,
  /^a function that is not there: frame 1: direct E .* 42883 .*, through E .* 42501 Firebreak/,
]

test('reads, errors, notices, cursors, COPY, pipelines, calls', async () => {
  const { differences, frames, bytes } = await compare(wholeScript)
  expect(differences).toEqual(ownWords.map((words) => expect.stringMatching(words)))
  expect(frames).toBeGreaterThan(3000)
  expect(bytes).toBeGreaterThan(3_000_000)
})

test('writes that are counted before they are kept', async () => {
  const { differences, frames } = await compare(writeScript)
  expect(differences).toEqual([])
  expect(frames).toBeGreaterThan(200)
})
