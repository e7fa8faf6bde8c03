import { afterEach, beforeEach, expect, test } from 'vitest'
import type { State } from '../guard/ports.ts'
import { openSqlite } from '../store/sqlite.ts'
import { openNotices } from './notices.ts'

let state: State
let lines: string[] = []
beforeEach(() => {
  state = openSqlite(':memory:')
  lines = []
})
afterEach(() => state.close())
let ids = 0
const chance = (bytes: number): Uint8Array => new Uint8Array(bytes).fill((ids += 1))
const open = (): ReturnType<typeof openNotices> => {
  const clock = { now: () => 1_700_000_000_000, steady: () => 0 }
  return openNotices({
    state,
    clock,
    chance,
    seal: { seal: (text) => text, open: (text) => text },
    plan: { first: [], later: [] },
    words: { hold: () => [], site: 'http://localhost:7078' },
    log: (line) => lines.push(line),
  })
}
const kept = async (): Promise<readonly string[]> =>
  (await state.transact((tx) => tx.find('alarm', {}))).map(({ message }) => message)

test('an alarm that repeats itself is kept once until somebody has seen it; the log has every line', async () => {
  const notices = open()
  for (const nth of [1, 2, 3]) notices.tell('hold-stuck', `try ${nth}`, 'hold_1')
  notices.tell('hold-stuck', 'another', 'hold_2')
  expect(await kept()).toEqual(['try 1', 'another'])
  expect(lines).toHaveLength(4)
  await state.transact(async (tx) => {
    for (const row of await tx.find('alarm', {})) await tx.put('alarm', { ...row, seenAt: 1 })
  })
  notices.tell('hold-stuck', 'try 4', 'hold_1')
  expect(await kept()).toContain('try 4')
})

test('what is told on the log alone is no alarm', async () => {
  open().tell('hold', 'asks', 'hold_1')
  expect(await kept()).toEqual([])
  expect(lines).toHaveLength(1)
})

test('what a platform or an agent wrote stays text on the screen, and on one line', async () => {
  open().tell('bypass', 'gone\u001B[2K\rall is well\u202E \n second', 'hold_\u0007')
  expect(await kept()).toEqual(['gone\\u{1b}[2K\\u{d}all is well\\u{202e} \\u{a} second'])
  expect(lines).toEqual([
    'bypass: gone\\u{1b}[2K\\u{d}all is well\\u{202e} \\u{a} second (hold_\\u{7})',
  ])
})
