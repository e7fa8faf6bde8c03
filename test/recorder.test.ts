/** What is written down while nothing can be: what was done is kept line by line, refusals without end are counted. */
import { expect, test } from 'vitest'
import { isObject } from '../src/base/json.ts'
import { openRecorder } from '../src/guard/record.ts'
import { openLedger } from '../src/ledger/ledger.ts'
import { openSigner } from '../src/ledger/note.ts'
import { readLeaf } from '../src/ledger/leaf.ts'
import { openSqlite } from '../src/store/sqlite.ts'

const line = {
  at: 1,
  principal: 'agent:a',
  target: 'railway',
  operation: 'me',
  digest: null,
  status: 200,
}

test('broken-is-closed: a million refusals while the disk is full cost twenty thousand lines and a count, and nothing that was done is lost', async () => {
  let isFull = true
  const state = openSqlite(':memory:')
  const recorder = openRecorder({
    state: {
      ...state,
      transact: async (work) => {
        if (isFull) throw new Error('no space')
        return await state.transact(work)
      },
    },
    ledger: openLedger(openSigner('test', new Uint8Array(32))),
    clock: { now: () => 5, steady: () => 5 },
    timer: () => () => {},
  })
  recorder.note(line)
  await recorder.flush()
  expect(() => recorder.check()).toThrow(/no space/)
  for (let n = 0; n < 1_000_000; n++) recorder.refused({ ...line, status: 403 })
  recorder.note({ ...line, operation: 'last' })
  isFull = false
  await recorder.flush()
  expect(() => recorder.check()).not.toThrow()
  const leaves = await state.read(async ({ log }) => await log.leaves(0, await log.size()))
  const names = leaves.flatMap(namesIn)
  expect(names).toHaveLength(20_002)
  expect(names).toContain('last')
  expect(names.at(-1)).toBe('980001 more, refused while nothing could be written down')
  state.close()
})

/** The operations that a batch entry tells. */
function namesIn(leaf: Uint8Array): readonly unknown[] {
  const body = readLeaf(leaf)?.body
  const rows = isObject(body) ? body['rows'] : []
  return Array.isArray(rows) ? rows.map((row: unknown) => (Array.isArray(row) ? row[3] : row)) : []
}
