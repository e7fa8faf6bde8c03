/** One small request that stands for a large one: what it multiplies into is not read, so that nobody else waits for it, least of all a halt. */
import { remembered } from '../../src/base/cache.ts'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/base/json.ts'
import { graphqlReader } from '../../src/classify/graphql.ts'
import type { Reading } from '../../src/classify/graphql.ts'
import { openGuard } from '../../src/guard/guard.ts'
import { railway } from '../../src/platforms/railway.ts'
import { asked, newWorld, openHarness } from '../world.ts'

interface Sent {
  readonly query: string
  readonly variables?: JsonObject
}

function read(sent: Sent | readonly Sent[]): Reading {
  return graphqlReader(railway).http('railway', {
    method: 'POST',
    query: '',
    contentType: 'application/json',
    contentEncoding: null,
    body: Buffer.from(JSON.stringify(sent)),
  })
}

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ')
const longText = 'y'.repeat(50_000)
const config = Array.from({ length: 15_000 }, () => 1)
const integration = (alias: number): string =>
  `a${alias}: integrationCreate(input: { name: "x", projectId: "p", config: $p }) { id }`

test.each<[string, Sent | readonly Sent[]]>([
  [
    'a variable that is used two hundred times',
    { query: `mutation ($p: JSON!) { ${times(200, integration)} }`, variables: { p: config } },
  ],
  [
    'a variable that is used once in each of twenty requests',
    Array.from({ length: 20 }, () => ({
      query: `mutation ($p: JSON!) { ${integration(0)} }`,
      variables: { p: config.slice(0, 3_000) },
    })),
  ],
  [
    'a fragment with a long argument, spread again and again',
    {
      query: `{ me { ${times(300, () => '...F')} } } fragment F on User { a(x: "${longText}") }`,
    },
  ],
  [
    'more mutations than anybody means to send at once',
    { query: `mutation { ${times(201, (one) => `a${one}: volumeDelete(volumeId: "v")`)} }` },
  ],
  [
    'the same in a batch',
    Array.from({ length: 3 }, () => ({
      query: `mutation { ${times(80, (one) => `a${one}: volumeDelete(volumeId: "v")`)} }`,
    })),
  ],
  [
    'a batch of many fields',
    Array.from({ length: 20 }, () => ({ query: `{ me { ${times(200, (one) => `f${one}`)} } }` })),
  ],
])('unread-is-held: %s', (_, sent) => expect(read(sent).kind).toBe('unread'))

test('quiet-on-safe: what an honest client sends at most is read', () => {
  const variables = Object.fromEntries(Array.from({ length: 5_000 }, (_, one) => [`V${one}`, 'x']))
  const query =
    'mutation ($v: EnvironmentVariables!) { variableCollectionUpsert(input: { projectId: "p", environmentId: "e", variables: $v }) }'
  expect(read({ query, variables: { v: variables } }).kind).toBe('read')
  expect(
    read({ query: `{ ${times(150, (one) => `p${one}: project(id: "${one}") { id }`)} }` }),
  ).toMatchObject({ kind: 'read' })
})

test('a field that stands a thousand times is one field with all that was asked below it', () => {
  const { operations } = read({
    query: `mutation { volumeDelete(volumeId: "v") { ${times(1_000, (one) => `a { b${one} }`)} } }`,
  })
  expect(JSON.stringify(operations[0]?.selects).match(/b\d+/g)).toHaveLength(1_000)
})

test('ten thousand things that a call names are each named once', () => {
  const ids = Array.from({ length: 10_000 }, (_, one) => `s${one % 5_000}`)
  const { operations } = read({
    query:
      'mutation ($w: [String!]) { volumeInstanceBackupRestore(volumeInstanceBackupId: "b", volumeInstanceId: "i", wipeServiceIds: $w) { workflowId } }',
    variables: { w: ids },
  })
  expect(operations[0]?.names.filter(({ type }) => type === 'service')).toHaveLength(5_000)
})

test('more reasons than a person reads are told as one, and are unread', () => {
  const services = Object.fromEntries(Array.from({ length: 500 }, (_, one) => [`s${one}`, null]))
  const [operation] = read({
    query:
      'mutation ($p: EnvironmentConfig) { environmentPatchCommit(environmentId: "e", patch: $p) }',
    variables: { p: { services } },
  }).operations
  expect(operation).toMatchObject({ effect: 'unread', kinds: ['container', 'data', 'name'] })
  expect(operation?.findings[0]).toMatchObject({ rule: 'too-much-at-once' })
  expect(operation?.findings.length).toBeLessThan(110)
})

test('memory is bounded by what the answers weigh, not by the texts alone', () => {
  const made: string[] = []
  const bounds = { most: 100, characters: 4_000_000, weigh: (): number => 3_000_000 }
  const cached = remembered(bounds, (text) => {
    made.push(text)
    return text
  })
  for (const text of ['a', 'b', 'c', 'a']) cached(text)
  expect(made).toEqual(['a', 'b', 'c', 'a'])
})

test('what is too large for a person to read is refused, not held', async () => {
  const { house, state } = openHarness(newWorld())
  const guard = openGuard(house)
  const request = { body: 'x'.repeat(200_000) }
  expect(await guard.pass(asked('drop', { request }))).toMatchObject({
    kind: 'denied',
    told: { findings: [{ rule: 'too-large-to-hold' }] },
  })
  expect(await state.transact((tx) => tx.find('hold', {}))).toHaveLength(0)
})
