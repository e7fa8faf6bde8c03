import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noRadius } from '../core/blast-radius.ts'
import type { Operation } from '../core/operation.ts'
import type { Resource } from '../core/resource.ts'
import type { AskGraphql, Platform } from '../platforms/platform.ts'
import { openInventory } from './inventory.ts'
import type { Inventory } from '../guard/ports.ts'
import { follow } from './links.ts'
import { readsOnly } from './reads.ts'

const operation: Operation = {
  name: 'volumeDelete',
  effect: 'destroy',
  kinds: ['data'],
  parameters: { volumeId: 'v' },
  shown: {},
  selects: [],
  names: [],
  environments: [],
  findings: [],
  alternatives: [],
}

interface Rig {
  readonly inventory: Inventory
  readonly clock: { now: number }
  readonly asked: string[]
}

/** An inventory over a platform whose survey asks as often as it is told, and a transport that answers as it is told. */
function rig(
  answer: AskGraphql,
  questions: readonly string[] = ['query { me { id } }'],
  known = true,
): Rig {
  const asked: string[] = []
  const clock = { now: 0 }
  const platform: Platform = {
    kind: 'graphql',
    name: 'p',
    hosts: [],
    path: '/',
    headers: [{ name: 'authorization', prefix: '' }],
    operations: () => [],
    judge: () => operation,
    happened: async () => 'unknown',
    survey: async (_, operations, ask) => {
      for (const question of questions) await ask(question, {})
      return { operations, radius: { ...noRadius, known, environments: ['e'] } }
    },
  }
  const ask = (query: string): ReturnType<AskGraphql> => {
    asked.push(query)
    return answer(query, {})
  }
  const inventory = openInventory({
    targets: new Map([['t', { platform, ask }]]),
    clock: { now: () => clock.now, steady: () => clock.now },
    deadline: (ms) => AbortSignal.timeout(ms),
    links: [],
    deadlineMs: 30,
    freshMs: 5000,
    mostAsks: 10,
  })
  return { inventory, clock, asked }
}

test.each<[string, AskGraphql, RegExp]>([
  ['hangs', () => new Promise(() => {}), /no answer within 30 ms/],
  ['breaks', () => Promise.reject(new Error('connection reset')), /connection reset/],
])('a platform that %s is the widest radius, in time', async (_, answer, why) => {
  const { radius } = await rig(answer).inventory.measure('t', [operation])
  expect(radius.known).toBe(false)
  expect(radius.unknown.join()).toMatch(why)
})

test.each<[string, readonly string[]]>([
  ['pages for ever', Array.from({ length: 11 }, () => 'query { me { id } }')],
  ['would be asked to change something', ['mutation { volumeDelete(volumeId: "v") }']],
])('a survey that %s is the widest radius', async (_, questions) => {
  const { inventory, asked } = rig(async () => ({}), questions)
  expect((await inventory.measure('t', [operation])).radius.known).toBe(false)
  expect(asked.join()).not.toContain('mutation')
})

test('a target that nobody declared is the widest radius', async () => {
  expect((await rig(async () => ({})).inventory.measure('other', [operation])).radius.known).toBe(
    false,
  )
})

test('the same question within seconds is asked once; later, and before an act, anew', async () => {
  const { inventory, clock, asked } = rig(async () => ({}))
  await Promise.all([inventory.measure('t', [operation]), inventory.measure('t', [operation])])
  expect(asked).toHaveLength(1)
  await inventory.measureFresh('t', [operation])
  expect(asked).toHaveLength(2)
  clock.now = 4999
  await inventory.measure('t', [operation])
  expect(asked).toHaveLength(2)
  clock.now = 5000
  await inventory.measure('t', [operation])
  expect(asked).toHaveLength(3)
})

test('another question is another answer', async () => {
  const { inventory, asked } = rig(async () => ({}), ['query A { a }', 'query B { b }'])
  await inventory.measure('t', [operation])
  await inventory.measure('t', [operation])
  expect(asked).toEqual(['query A { a }', 'query B { b }'])
})

test('what leaves the radius unknown is asked again at once, though it was answered', async () => {
  const { inventory, asked } = rig(async () => ({}), undefined, false)
  await inventory.measure('t', [operation])
  await inventory.measure('t', [operation])
  expect(asked).toHaveLength(2)
})

test('what the platform could not say is asked again at once', async () => {
  const { inventory, asked } = rig(() => Promise.reject(new Error('down')))
  await inventory.measure('t', [operation])
  await inventory.measure('t', [operation])
  expect(asked).toHaveLength(2)
})

test.each<[string, boolean]>([
  ['query Q { me { id } }', true],
  ['{ me { id } }', true],
  ['query Q { volume(name: "mutation") { id } }', false],
  ['mutation { a }', false],
  ['query A { a } mutation B { b }', false],
  ['query A { a } # "\nmutation B { b } # "', false],
  ['subscription { a }', false],
])('only reads are asked: %s', (text, reads) => expect(readsOnly(text)).toBe(reads))

test('a link takes what is held with its holder, and a circle of links ends', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(6), fc.nat(6))), (pairs) => {
      const links = pairs.map(([a, b]) => ({ holder: `t/x/${a}`, held: `t/x/${b}` }))
      const start = {
        target: 't',
        type: 'x',
        id: '0',
        name: '0',
        environment: 'e',
        bytes: 1,
        protects: null,
      }
      const gone = new Set(
        follow({ ...noRadius, resources: [start] }, links).resources.map(({ id }) => id),
      )
      expect(gone.has('0')).toBe(true)
      for (const [a, b] of pairs) if (gone.has(String(a))) expect(gone.has(String(b))).toBe(true)
    }),
  ))

const named = (id: string): Resource => ({
  target: 't',
  type: 'x',
  id,
  name: id,
  environment: 'e',
  bytes: 1,
  protects: null,
})

test('a way back that a thing in the radius holds does not stay', () => {
  const backup = { ...named('snapshot'), protects: { target: 't', type: 'x', id: 'volume' } }
  const radius = {
    ...noRadius,
    resources: [named('volume')],
    backups: [named('history')],
    left: [backup, named('other')],
  }
  const followed = follow(radius, [
    { holder: 't/x/history', held: 't/x/bucket' },
    { holder: 't/x/bucket', held: 't/x/snapshot' },
  ])
  expect(followed.resources.map(({ id }) => id)).toEqual(['volume', 'bucket'])
  expect(followed.backups).toEqual([named('history'), backup])
  expect(followed.left).toEqual([named('other')])
})

test('memory is bounded: a long question is asked every time, and not kept', async () => {
  const { inventory, asked } = rig(async () => ({}), [`query { ${'x'.repeat(5000)} }`])
  await inventory.measure('t', [operation])
  expect(await inventory.measure('t', [operation])).toMatchObject({ kept: false })
  expect(asked).toHaveLength(2)
})

test('what an earlier request was told is said to be kept', async () => {
  const { inventory } = rig(async () => ({}))
  expect(await inventory.measure('t', [operation])).toMatchObject({ kept: false })
  expect(await inventory.measure('t', [operation])).toMatchObject({ kept: true })
  expect(await inventory.measureFresh('t', [operation])).toMatchObject({ kept: false })
})
