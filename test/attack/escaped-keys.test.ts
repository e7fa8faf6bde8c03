/** A key that is written with an escape: this engine reads some of them as another key, after it has seen that other one. */
import { expect, test } from 'vitest'
import { graphqlReader } from '../../src/classify/graphql.ts'
import type { Reading } from '../../src/classify/graphql.ts'
import { railway } from '../../src/platforms/railway.ts'

const reader = graphqlReader(railway)

function read(variables: string): Reading {
  const query =
    'mutation ($e: String!) { environmentTriggersDeploy(input: { environmentId: $e, projectId: "p", serviceId: "s" }) }'
  const body = Buffer.from(`{"query":${JSON.stringify(query)},"variables":${variables}}`)
  const contentType = 'application/json'
  return reader.http('t', { method: 'POST', query: '', contentType, contentEncoding: null, body })
}

test.each([
  ['{"e":"staging","\\\\":0}', String.raw`{"e":"staging","\u0065":"production"}`],
  ['{"e":"staging","\\\\u":0}', String.raw`{"e":"staging","\u0065\u0065":0,"\u0065":"production"}`],
])('separation: after %s, no %s is read as if it named one environment', (before, after) => {
  read(before)
  expect(read(after)).toMatchObject({ kind: 'unread', why: 'the body is no clear JSON' })
})

test('a request whose keys are written with escapes is read where they are read as they are written', () => {
  const variables = String.raw`{"\u0065":"production"}`
  expect(read(variables)).toMatchObject({
    kind: 'read',
    operations: [{ environments: ['production'] }],
  })
})

test('quiet-on-safe: values may be written with escapes, and so may what looks like a key in them', () => {
  const variables = String.raw`{"e":"\u0065 \"\\n\":1","o":["\\" , {"x":"\""}]}`
  expect(read(variables)).toMatchObject({
    kind: 'read',
    operations: [{ environments: [String.raw`e "\n":1`] }],
  })
})
