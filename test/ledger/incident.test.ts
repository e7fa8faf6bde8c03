/** Incidents: one bundle for a hold, in which every claim has an entry and every entry its proof. */
import { expect, test } from 'vitest'
import type { Entry } from '../../src/guard/ports.ts'
import { incident } from '../../src/ledger/incident.ts'
import { readReceipt } from '../../src/ledger/receipt.ts'
import { entry, ledgerOf, ledgerOfSize, verifier } from './memory-rows.ts'
import type { MemoryRows } from './memory-rows.ts'

const digest = `sha256:${'a'.repeat(64)}`
const id = 'hold_1'
const radius = {
  known: true,
  resources: [
    { type: 'volume', id: 'vol-1', name: 'pgdata', environment: 'production', bytes: 12 },
  ],
  backups: [],
  left: [],
  counts: { resources: 1, backups: 0, left: 0 },
}
const act = { digest, operation: 'volumeDelete', target: 'railway', effect: 'destroy' }
const say = (
  n: number,
  kind: Entry['kind'],
  body: Entry['body'],
  subject: string | null = id,
): Entry => entry(n, { kind, subject, body })

const told: readonly (readonly Entry[])[] = [
  [entry(0), say(1, 'recovery-point', {}, 'point_1'), say(2, 'recovery-point', {}, 'point_2')],
  [
    say(3, 'held', {
      ...act,
      radius,
      findings: [{ rule: 'irreversible', message: 'it cannot be taken back' }],
    }),
  ],
  [say(4, 'held', { ...act, digest: 'sha256:b' }, 'hold_2')],
  [say(5, 'approved', { ...act, approver: 'ada', state: 'approved' })],
  [say(6, 'scheduled', { ...act, points: ['point_1'], executesAt: 1_790_000_900_000 })],
  [say(7, 'halted', { by: 'the burst rule', reason: 'fast' }, 'agent:claude')],
  [say(8, 'halted', { by: 'ada', reason: 'other' }, 'agent:other')],
  [say(9, 'undone', { ...act, by: 'ada' })],
  [say(10, 'halted', { by: 'ada', reason: 'later' }, 'all')],
  [say(11, 'denied', { ...act, why: 'asked again' }, null)],
]

const bundle = async (log: MemoryRows): ReturnType<typeof incident> =>
  await incident(log, id, verifier)

test('it takes the hold, its recovery point, the halt in between and the same action outside; nothing else', async () => {
  const { story } = await bundle(await ledgerOf(told))
  expect(story.timeline.map(({ index }) => index)).toEqual([1, 3, 5, 6, 7, 9, 11])
  expect(story).toMatchObject({
    ending: 'undone',
    saved: ['volume pgdata (vol-1) in production 12 bytes'],
    lost: [],
  })
})

test('a person can read it', async () => {
  const { text } = await bundle(await ledgerOf(told))
  expect(text).toContain('agent:claude asked for volumeDelete (destroy) on railway.')
  expect(text).toContain('It was approved and taken back in time. It has not run.')
  expect(text).toContain('[5]  ada approved volumeDelete on railway')
  expect(text).toContain('The ledger had 12 entries')
})

test('each entry of the story has its bytes and a proof that holds', async () => {
  const { story, files } = await bundle(await ledgerOf(told))
  const named = new Map(files.map(({ path, content }) => [path, content]))
  for (const { index } of story.timeline) {
    const read = readReceipt(named.get(`proofs/${index}.tlog-proof`) ?? '', verifier)
    expect(read).toMatchObject({ kind: 'proved', index })
    const leaf = read.kind === 'proved' ? Buffer.from(read.leaf).toString('utf8') : ''
    expect(named.get(`entries/${index}.json`)).toBe(leaf)
  }
  expect([...named.keys()].filter((path) => !path.includes('/'))).toEqual([
    'story.txt',
    'incident.json',
    'verifier-key',
    'checkpoint',
  ])
})

test('an action without a hold is told by its digest', async () => {
  const log = await ledgerOf([
    [say(0, 'intent', { ...act, radius }, null)],
    [say(1, 'outcome', { ...act, ok: true, status: 200, summary: 'gone' }, null)],
  ])
  const { story, text } = await incident(log, digest, verifier)
  expect(story).toMatchObject({
    ending: 'executed',
    lost: ['volume pgdata (vol-1) in production 12 bytes'],
    saved: [],
  })
  expect(text).toContain('It ran.')
})

test('an ordinary request of the same action is in the timeline', async () => {
  const rows = [[1, 'agent:claude', 'railway', 'x', digest, 200]]
  const log = await ledgerOf([...told, [say(12, 'request', { count: 1, rows }, null)]])
  expect((await bundle(log)).story.timeline.at(-1)?.index).toBe(12)
})

test('nothing is told of what no entry is about', async () => {
  await expect(incident(await ledgerOfSize(4), id, verifier)).rejects.toMatchObject({
    code: 'not_found',
  })
})

test.each<[string, (log: MemoryRows) => void]>([
  [
    'an entry was changed',
    (log) =>
      void log.rows.set(
        3,
        Buffer.from(
          JSON.stringify({ v: 1, kind: 'held', at: 1, subject: id, principal: 'x', body: {} }),
        ),
      ),
  ],
  ['the checkpoint was forged', (log) => void log.notes.set(12, 'x')],
  ['a hash is missing', (log) => void log.hashes.delete('2/0')],
])('broken-is-closed: nothing is told when %s', async (_, tamper) => {
  const log = await ledgerOf(told)
  tamper(log)
  await expect(bundle(log)).rejects.toMatchObject({ code: 'broken_ledger' })
})
