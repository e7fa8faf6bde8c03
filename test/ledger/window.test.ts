/** A window of time as an incident: counted by agent, told by kind, every entry with its proof. */
import { expect, test } from 'vitest'
import type { Entry } from '../../src/guard/ports.ts'
import { readReceipt } from '../../src/ledger/receipt.ts'
import { incidentIn } from '../../src/ledger/window.ts'
import { entry, ledgerOf, ledgerOfSize, verifier } from './memory-rows.ts'

const act = { digest: 'sha256:a', operation: 'volumeDelete', target: 'railway' }
const row = (who: string, status: number): Entry['body'][string] => [
  1,
  who,
  'railway',
  'me',
  null,
  status,
]
const say = (n: number, kind: Entry['kind'], body: Entry['body'] = act): Entry =>
  entry(n, { kind, body, subject: 'hold_1' })
const written = [
  entry(0),
  entry(1, {
    kind: 'request',
    principal: null,
    body: { count: 3, rows: [row('agent:a', 200), row('agent:b', 403), row('', 401)] },
  }),
  say(2, 'held'),
  say(3, 'approved', { ...act, approver: 'ada', state: 'approved' }),
  say(4, 'outcome', { ...act, ok: true }),
  say(5, 'restored', { by: 'ada' }),
  entry(6),
]
const at = (n: number): number => written[n]?.at ?? 0

test('it counts who asked, and tells what was held, run and brought back, from the entries of that time alone', async () => {
  const log = await ledgerOf([written])
  const { account, text, files } = await incidentIn(log, { since: at(1), until: at(5) }, verifier)
  const told = new Map(account.sections.map(({ heading, lines }) => [heading, lines]))
  expect(told.get('Asked')?.map((line) => line.text)).toEqual([
    'agent:a: 1 in all, 0 refused, 0 held',
    'agent:b: 1 in all, 1 refused, 0 held',
    'somebody without a grant: 1 in all, 1 refused, 0 held',
    'agent:claude: 1 in all, 0 refused, 1 held',
  ])
  expect(told.get('Held')).toMatchObject([{ index: 2 }])
  expect(told.get('Refused')).toEqual([])
  expect(told.get('Run')).toEqual([{ text: 'done: volumeDelete on railway', index: 4 }])
  expect(told.get('Came back, or was taken back in time')).toMatchObject([{ index: 5 }])
  expect(account.timeline.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5])
  expect(text).toContain('done: volumeDelete on railway [4]')
  const proofs = files.filter(({ path }) => path.startsWith('proofs/'))
  expect(proofs.map(({ content }) => readReceipt(content, verifier))).toMatchObject(
    [1, 2, 3, 4, 5].map((index) => ({ kind: 'proved', index })),
  )
})

test('a window with nothing in it, with too much, or with an entry that was changed is told as that', async () => {
  const log = await ledgerOf([written])
  await expect(incidentIn(log, { since: 1, until: 2 }, verifier)).rejects.toThrow(
    'nothing was written',
  )
  const long = await ledgerOfSize(1001)
  const all = { since: 0, until: Number.MAX_SAFE_INTEGER / 2 ** 11 }
  await expect(incidentIn(long, all, verifier)).rejects.toThrow('more than 1000 entries')
  log.rows.set(3, (await log.leaves(2, 3))[0] ?? new Uint8Array())
  await expect(incidentIn(log, all, verifier)).rejects.toThrow('cannot be proved')
})
