import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isObject, toJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { EntryKind } from '../guard/ports.ts'
import type { Told } from './leaf.ts'
import { story } from './story.ts'
import type { Ending, Numbered } from './story.ts'

const id = 'hold_1'
const radius: JsonObject = {
  known: true,
  environments: ['production', 'staging'],
  resources: [
    { type: 'volume', id: 'vol-1', name: 'pgdata', environment: 'production', bytes: 12 },
  ],
  backups: [{ type: 'backup', id: 'b-1', name: 'daily', environment: 'production', bytes: 3 }],
  left: [],
  counts: { resources: 1, backups: 1, left: 0 },
  rows: null,
  unknown: [],
}
const held: JsonObject = {
  digest: 'sha256:00',
  operation: 'volumeDelete',
  target: 'railway',
  effect: 'destroy',
  findings: [{ rule: 'irreversible', message: 'a volume would go' }],
  radius,
}

const say = (kind: EntryKind, body: JsonObject, subject: string | null = id): Omit<Told, 'at'> => ({
  kind,
  subject,
  principal: 'agent:claude',
  body,
  cut: false,
})
const numbered = (told: readonly Omit<Told, 'at'>[]): readonly Numbered[] =>
  told.map((one, step) => ({ index: step * 2, told: { ...one, at: 1_790_000_000_000 + step } }))

const base = say('held', held)
const approved = say('approved', { ...held, approver: 'ada', state: 'approved' })
const scheduled = say('scheduled', { ...held, executesAt: 1_790_000_100_000, points: ['point_1'] })
const intent = say('intent', { ...held, points: ['point_1'] })
const stakes = [
  'volume pgdata (vol-1) in production 12 bytes',
  'backup daily (b-1) in production 3 bytes, a way back',
]

test.each<[string, readonly Omit<Told, 'at'>[], Ending, 'lost' | 'saved' | 'uncertain']>([
  ['held', [base], 'waiting', 'saved'],
  ['one approval of two', [base, say('approved', { approver: 'ada' })], 'waiting', 'saved'],
  ['approved', [base, approved], 'approved', 'saved'],
  ['scheduled', [base, approved, scheduled], 'scheduled', 'saved'],
  ['a person said no', [base, say('rejected', { by: 'ada' })], 'refused', 'saved'],
  [
    'the re-check said no',
    [base, approved, scheduled, say('denied', { why: 'more would go' })],
    'refused',
    'saved',
  ],
  ['nobody answered', [base, say('expired', {})], 'expired', 'saved'],
  ['undone', [base, approved, scheduled, say('undone', { by: 'ada' })], 'undone', 'saved'],
  [
    'it ran',
    [base, approved, scheduled, intent, say('outcome', { ok: true, status: 200 })],
    'executed',
    'lost',
  ],
  [
    'it failed',
    [base, approved, scheduled, intent, say('outcome', { ok: false })],
    'failed',
    'uncertain',
  ],
  ['a crash in the act', [base, approved, scheduled, intent], 'unknown', 'uncertain'],
  ['an outcome that says nothing', [base, intent, say('outcome', {})], 'unknown', 'uncertain'],
  [
    'let pass in shadow mode',
    [say('shadowed', { ...held, would: 'hold' })],
    'unknown',
    'uncertain',
  ],
])('%s', (_, told, ending, where) => {
  const found = story(id, numbered(told))
  expect(found.ending).toBe(ending)
  expect(found[where]).toEqual(stakes)
  const elsewhere = (['lost', 'saved', 'uncertain'] as const).filter((one) => one !== where)
  for (const one of elsewhere) expect(found[one]).toEqual([])
})

test('the people, the reasons and the way back come from the entries', () => {
  const found = story(id, numbered([base, approved, scheduled, say('undone', { by: 'grace' })]))
  expect(found).toMatchObject({
    who: 'agent:claude',
    operation: 'volumeDelete',
    target: 'railway',
    people: ['ada: approved', 'grace: undid it'],
    reasons: ['irreversible: a volume would go'],
    points: ['point_1'],
  })
  expect(found.timeline.map(({ line }) => line)).toEqual([
    'agent:claude asked for volumeDelete on railway; held for a person: a volume would go',
    'ada approved volumeDelete on railway',
    'approved; volumeDelete on railway runs at 2026-09-21T14:15:00.000Z, unless it is undone before',
    'grace took volumeDelete on railway back before it ran',
  ])
})

test('what stands beside it is in the timeline and changes nothing of how it ended', () => {
  const other = say('outcome', { ok: true, digest: 'sha256:11' }, 'hold_2')
  const found = story(
    id,
    numbered([base, other, say('halted', { by: 'burst', reason: 'fast' }, 'all')]),
  )
  expect([found.ending, found.timeline.length]).toEqual(['waiting', 3])
})

test('a radius that was not known in full says that more may have gone', () => {
  const body = { ...held, radius: { ...radius, known: false } }
  expect(story(id, numbered([say('held', body)])).saved.at(-1)).toMatch(/^more, as far as/)
  expect(story(id, numbered([say('held', { operation: 'x' })])).saved).toEqual([
    'what it would have taken was not measured',
  ])
})

test('more things than are named are counted', () => {
  const counts = { resources: 50, backups: 1, left: 0 }
  const body = { ...held, radius: { ...radius, counts } }
  expect(story(id, numbered([say('held', body)])).saved).toContain('and 49 more resources')
})

test('words of an agent cannot forge a line, a direction or a screen', () => {
  const operation = 'x\n2026-01-01 [9] ada approved \u202e\u001b[2J\u0000'
  const [first] = story(id, numbered([say('held', { ...held, operation })])).timeline
  expect(first?.line).not.toMatch(/[^\P{C}]/u)
})

test.each(['constructor', '__proto__', 'toString'])('a kind named %s is only a name', (kind) => {
  const told = [{ ...base, kind, subject: id }]
  expect(story(id, numbered(told)).timeline[0]?.line).toBe(`${kind} (hold_1)`)
})

test('the story is total: any body is told, none throws', () =>
  fc.assert(
    fc.property(
      fc.constantFrom('held', 'approved', 'outcome', 'request', 'alarm'),
      fc.jsonValue(),
      (kind, value) => {
        const raw = toJson({
          radius: value,
          findings: value,
          points: value,
          ok: value,
          approver: value,
        })
        const body = isObject(raw) ? raw : {}
        const found = story(id, numbered([{ ...base, kind, body }]))
        expect(found.timeline).toHaveLength(1)
      },
    ),
  ))
