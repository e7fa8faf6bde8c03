import fc from 'fast-check'
import { expect, test } from 'vitest'
import { actionDigest } from '../core/action.ts'
import { worstEffect } from '../core/effect.ts'
import { railway } from '../platforms/railway.ts'
import { graphqlReader, readGraphql } from './graphql.ts'
import type { Reading } from './graphql.ts'
import type { GraphqlRequest } from './graphql-http.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const request = (body: unknown, over: Partial<GraphqlRequest> = {}): GraphqlRequest => ({
  method: 'POST',
  query: '',
  contentType: 'application/json',
  contentEncoding: null,
  body: bytes(typeof body === 'string' ? body : JSON.stringify(body)),
  ...over,
})
const http = (over: GraphqlRequest): Reading => graphqlReader(railway).http('t', over)
const post = (body: unknown, over: Partial<GraphqlRequest> = {}): Reading =>
  http(request(body, over))
const get = (parameters: string, over: Partial<GraphqlRequest> = {}): Reading =>
  http(request('', { method: 'GET', contentType: null, query: parameters, ...over }))
const names = (reading: Reading): readonly string[] => reading.operations.map(({ name }) => name)
const effectOf = (reading: Reading): string =>
  worstEffect(reading.operations.map(({ effect }) => effect))

const domain = '{domain: "a.example", environmentId: "e", projectId: "p", serviceId: "s"}'
const harmless = `customDomainCreate(input: ${domain}) { id }`
const remove = 'volumeDelete(volumeId: "V")'
const look = '{ projects { edges { node { id } } } }'
const encoded = encodeURIComponent

/** Each way of saying `volumeDelete(volumeId: "V")`, and its twin, which says something harmless in the same way. */
test.each<[string, Reading, Reading]>([
  ['the call of the incident', post({ query: `mutation { ${remove} }` }), post({ query: look })],
  [
    'an alias beside a harmless field',
    post({ query: `mutation M { ok: ${harmless} x: ${remove} }` }),
    post({ query: `mutation M { volumeDelete: ${harmless} }` }),
  ],
  [
    'a batch',
    post([{ query: look }, { query: `mutation { ${remove} }` }]),
    post([{ query: look }]),
  ],
  [
    'an operation by name',
    post({ query: `query A ${look} mutation B { ${remove} }`, operationName: 'B' }),
    post({ query: `query A ${look} mutation B { ${remove} }`, operationName: 'A' }),
  ],
  [
    'a fragment',
    post({ query: `mutation { ...F } fragment F on Mutation { ${remove} }` }),
    post({ query: `mutation { ...F } fragment F on Mutation { ${harmless} }` }),
  ],
  [
    'a fragment in a fragment, and an inline one without a type',
    post({
      query: `mutation { ... { ...F } } fragment F on Mutation { ...G } fragment G on Mutation { ${remove} }`,
    }),
    post({ query: `mutation { ... { ... on Mutation { ${harmless} } } }` }),
  ],
  [
    'a variable',
    post({
      query: 'mutation ($v: String!) { volumeDelete(volumeId: $v) }',
      variables: { v: 'V' },
    }),
    post({ query: 'query ($v: String!) { volumeInstance(id: $v) { id } }', variables: { v: 'V' } }),
  ],
  [
    'a default',
    post({ query: 'mutation ($v: String! = "V") { volumeDelete(volumeId: $v) }' }),
    post({ query: 'query ($v: String! = "V") { volumeInstance(id: $v) { id } }' }),
  ],
  [
    '@include and @skip by variables',
    post({
      query: `mutation ($go: Boolean = true) { ${remove} @include(if: $go) @skip(if: false) }`,
    }),
    post({
      query: `query ($go: Boolean = true) { projects { edges { node { id @skip(if: $go) } } } }`,
    }),
  ],
  [
    '@skip(if: true), which counts all the same',
    post({ query: `mutation { ${harmless} ${remove} @skip(if: true) }` }),
    post({ query: `{ projects @skip(if: true) { edges { node { id } } } }` }),
  ],
  ['GET', get(`query=${encoded(`mutation { ${remove} }`)}`), get(`query=${encoded(look)}`)],
  [
    'GET with variables and a name',
    get(
      `query=${encoded('mutation A($v: String!) { volumeDelete(volumeId: $v) }')}&variables=${encoded('{"v":"V"}')}&operationName=A`,
    ),
    get(`query=${encoded(`query A ${look}`)}&operationName=A&variables=`),
  ],
  [
    'application/graphql',
    post(`mutation { ${remove} }`, { contentType: 'application/graphql' }),
    post(look, { contentType: 'application/graphql; charset=utf-8' }),
  ],
  [
    'escapes in the JSON',
    post(`{"query":"mut\\u0061tion { volume\\u0044elete(volumeId: \\"V\\") }"}`),
    post(`{"\\u0071uery":"{ projects { edges { node { id } } } }"}`),
  ],
  [
    'escapes, comments, commas and a block string in the text',
    post({ query: `#\nmutation,{,volumeDelete #x\n(volumeId: """V"""),}` }),
    post({ query: `# volumeDelete\n${look} # mutation { ${remove} }` }),
  ],
  [
    'a byte order mark in the text',
    post({ query: `\uFEFFmutation { ${remove} }` }),
    post({ query: `\uFEFF${look}` }),
  ],
])('R04: %s', (_, disguise, twin) => {
  expect(effectOf(disguise)).toBe('destroy')
  const found = disguise.operations.find(({ name }) => name === 'volumeDelete')
  expect(found?.parameters).toEqual({ volumeId: 'V' })
  expect(found?.kinds).toEqual(['data', 'backup'])
  expect(['read', 'write']).toContain(effectOf(twin))
  expect(twin.operations.flatMap(({ findings }) => findings)).toEqual([])
})

const deep = `{ ${'a { '.repeat(500)}b${' }'.repeat(500)} }`
const bomb = Array.from(
  { length: 30 },
  (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
).join(' ')
test.each<[string, Reading]>([
  [
    'a hash without a text',
    post({ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }),
  ],
  [
    'a hash beside a text',
    post({ query: look, extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }),
  ],
  ['a document id', post({ query: look, doc_id: '5' })],
  ['a key in another case', post({ query: look, Query: `mutation { ${remove} }` })],
  ['a key that stands twice', post(`{"query":${JSON.stringify(look)},"query":"{ me { id } }"}`)],
  [
    'a key that stands twice, once with an escape',
    post(`{"query":${JSON.stringify(look)},"qu\\u0065ry":"{ me { id } }"}`),
  ],
  [
    'a variable that stands twice',
    post(`{"query":"query($v: String!) { project(id: $v) { id } }","variables":{"v":"a","v":"b"}}`),
  ],
  ['no JSON', post('mutation')],
  ['an empty body', post('')],
  ['null', post('null')],
  ['an empty batch', post([])],
  ['a batch in a batch', post([[{ query: look }]])],
  ['a batch with a hole', post([{ query: look }, null])],
  ['a batch with one that is not read', post([{ query: look }, { query: '{' }])],
  ['a very long batch', post(Array.from({ length: 100 }, () => ({ query: look })))],
  ['variables as text', post({ query: look, variables: '{}' })],
  ['variables as a list', post({ query: look, variables: [] })],
  ['a name that is no text', post({ query: look, operationName: 5 })],
  ['several operations, none named', post({ query: `query A ${look} query B ${look}` })],
  ['a name that no operation has', post({ query: `query A ${look}`, operationName: 'B' })],
  ['a name where none has one', post({ query: look, operationName: 'A' })],
  [
    'two operations of one name',
    post({ query: `query A ${look} query A ${look}`, operationName: 'A' }),
  ],
  ['a fragment that is not defined', post({ query: 'query { ...F }' })],
  [
    'a fragment that spreads itself',
    post({ query: 'query { ...F } fragment F on Query { ...F }' }),
  ],
  [
    'fragments that spread each other',
    post({
      query: 'query { ...F } fragment F on Query { ...G } fragment G on Query { ...F }',
    }),
  ],
  [
    'two fragments of one name',
    post({
      query: `query { ...F } fragment F on Query { me { id } } fragment F on Query { me { id } }`,
    }),
  ],
  [
    'fragments that spread to millions',
    post({ query: `query { ...F0 } ${bomb} fragment F30 on Query { me { id } }` }),
  ],
  ['500 deep', post({ query: deep })],
  [
    '500 deep in a value',
    post({
      query: `query { signalEvaluate(name: "n", context: ${'['.repeat(500)}${']'.repeat(500)}) { reason } }`,
    }),
  ],
  [
    '500 deep in the JSON',
    post(`{"query":${JSON.stringify(look)},"variables":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`),
  ],
  ['very many tokens', post({ query: `{ ${'a '.repeat(30_000)} }` })],
  ['a text without end', post({ query: `{ me(a: "${'x'.repeat(300_000)}") { id } }` })],
  [
    'a directive that is not known',
    post({ query: `{ projects @live { edges { node { id } } } }` }),
  ],
  ['a directive on the operation', post({ query: `query @cached ${look}` })],
  ['a type definition', post({ query: `${look} type X { a: Int }` })],
  ['only a fragment', post({ query: 'fragment F on Query { me { id } }' })],
  [
    'an argument that stands twice',
    post({ query: 'mutation { volumeDelete(volumeId: "a", volumeId: "b") }' }),
  ],
  [
    'a member that stands twice',
    post({ query: 'mutation { projectUpdate(id: "p", input: {name: "a", name: "b"}) { id } }' }),
  ],
  [
    'a variable that is not declared',
    post({ query: '{ project(id: $v) { id } }', variables: { v: 'x' } }),
  ],
  [
    'a variable that is declared twice',
    post({ query: 'query ($v: ID, $v: ID) { project(id: $v) { id } }' }),
  ],
  ['a variable that is missing', post({ query: 'query ($v: String!) { project(id: $v) { id } }' })],
  [
    'a number beyond all',
    post(
      `{"query":"query($v: Int) { projects(first: $v) { edges { node { id } } } }","variables":{"v":12345678901234567890}}`,
    ),
  ],
  [
    'a number beyond all in the text',
    post({ query: '{ projects(first: 12345678901234567890) { edges { node { id } } } }' }),
  ],
  ['an infinite number', post({ query: '{ projects(first: 1e999) { edges { node { id } } } }' })],
  [
    'a lone surrogate in a variable',
    post(`{"query":"query($v: String!) { project(id: $v) { id } }","variables":{"v":"\\ud800"}}`),
  ],
  ['a lone surrogate in the text', post({ query: '{ project(id: "\\ud800") { id } }' })],
  ['bytes that are no UTF-8', post('', { body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]) })],
  [
    'an overlong encoding',
    post('', { body: new Uint8Array([...bytes('{"query":"'), 0xc1, 0xad, ...bytes('"}')]) }),
  ],
  ['a byte order mark before the JSON', post(`\uFEFF${JSON.stringify({ query: look })}`)],
  ['a body that is too large', post('', { body: new Uint8Array(1_000_001) })],
  ['a compressed body', post({ query: look }, { contentEncoding: 'gzip' })],
  ['multipart', post('--x', { contentType: 'multipart/form-data; boundary=x' })],
  ['a form', post(`query=${encoded(look)}`, { contentType: 'application/x-www-form-urlencoded' })],
  ['no media type', post({ query: look }, { contentType: null })],
  ['another charset', post({ query: look }, { contentType: 'application/json; charset=utf-16' })],
  [
    'two media types',
    post({ query: look }, { contentType: 'application/json, application/graphql' }),
  ],
  ['PUT', post({ query: look }, { method: 'PUT' })],
  ['HEAD', get(`query=${encoded(look)}`, { method: 'HEAD' })],
  [
    'POST with a query in the address too',
    post({ query: look }, { query: `query=${encoded(`mutation { ${remove} }`)}` }),
  ],
  ['POST with variables in the address', post({ query: look }, { query: 'variables[v]=V' })],
  ['POST with a hash in the address', post({ query: look }, { query: 'extensions=%7B%7D' })],
  ['GET without a query', get('')],
  [
    'GET with a query twice',
    get(`query=${encoded(look)}&query=${encoded(`mutation { ${remove} }`)}`),
  ],
  ['GET with an unknown parameter', get(`query=${encoded(look)}&doc_id=5`)],
  ['GET with a body', get(`query=${encoded(look)}`, { body: bytes('{}') })],
  ['GET with what encodes nothing', get('query=%zz')],
  ['GET with bytes that are no UTF-8', get('query=%ff')],
  ['GET with semicolons', get(`query=${encoded(look)};query=x`)],
  ['GET with variables that are no JSON', get(`query=${encoded(look)}&variables={`)],
  ['an unknown mutation', post({ query: 'mutation { volumeObliterate(volumeId: "V") }' })],
  ['a mutation in a query', post({ query: `{ ${remove} }` })],
  ['introspection in a mutation', post({ query: 'mutation { __schema { types { name } } }' })],
  [
    'an unknown argument',
    post({ query: 'mutation { volumeDelete(volumeId: "V", dryRun: true) }' }),
  ],
])('unread-is-held: %s', (_, reading) => {
  expect(effectOf(reading)).toBe('unread')
  expect(reading.operations.flatMap(({ findings }) => findings).length).toBeGreaterThan(0)
})

test.each<[string, Reading]>([
  [
    'a query with a field called deleted (R24)',
    post({ query: '{ project(id: "p") { deletedAt volumeDelete: name } }' }),
  ],
  [
    'a query for volumes by an operation called volumeDelete (R24)',
    post({ query: `query volumeDelete ${look}` }),
  ],
  [
    'a text that says mutation (R24)',
    post({ query: '{ project(id: "mutation { volumeDelete }") { id } }' }),
  ],
  ['introspection', post({ query: '{ __schema { types { name fields { name } } } }' })],
  ['__typename', post({ query: '{ __typename }' })],
  ['__typename of a mutation', post({ query: 'mutation { __typename }' })],
  ['an empty name', post({ query: look, operationName: '' })],
  [
    'members that are null',
    post({ query: look, operationName: null, variables: null, extensions: null }),
  ],
  ['the name of the client', post({ query: look, extensions: { clientLibrary: { name: 'x' } } })],
  ['variables that are not used', post({ query: look, variables: { volumeDelete: 'V' } })],
  ['a parameter that is none of ours', post({ query: look }, { query: 'q=projects' })],
])('quiet-on-safe: %s is a read', (_, reading) => {
  expect(reading.kind).toBe('read')
  expect(effectOf(reading)).toBe('read')
  expect(reading.operations.flatMap(({ findings }) => findings)).toEqual([])
})

test('every operation of a document with both counts, in the order in which it runs', () => {
  const reading = post([
    { query: `mutation { a: ${remove} b: volumeDelete(volumeId: "W") a: ${remove} }` },
    { query: look },
  ])
  expect(names(reading)).toEqual(['volumeDelete', 'volumeDelete', 'projects'])
  expect(reading.operations.map(({ parameters }) => parameters)).toEqual([
    { volumeId: 'V' },
    { volumeId: 'W' },
    {},
  ])
})

test.each<[string, string, object, object]>([
  [
    'a variable that was left out is left out',
    '{volumeId: $v, input: $i}',
    { v: 'V' },
    { volumeId: 'V' },
  ],
  [
    'null is not the same',
    '{volumeId: $v, input: $i}',
    { v: 'V', i: null },
    { volumeId: 'V', input: null },
  ],
  [
    'inside an object',
    '{volumeId: "V", input: {serviceId: $v, mountPath: $i}}',
    { v: 's' },
    { volumeId: 'V', input: { serviceId: 's' } },
  ],
  [
    'inside a list',
    '{volumeId: "V", input: [$v, $i, 1]}',
    { v: 's' },
    { volumeId: 'V', input: ['s', null, 1] },
  ],
  [
    'an enum is its name',
    '{volumeId: "V", input: {state: DELETED}}',
    {},
    { volumeId: 'V', input: { state: 'DELETED' } },
  ],
])('values: %s', (_, args, variables, expected) => {
  const query = `mutation ($v: String, $i: VolumeInstanceUpdateInput) { volumeInstanceUpdate(${args.slice(1, -1)}) }`
  const reading = post({ query, variables })
  expect(reading.operations[0]?.parameters).toEqual(expected)
})

test('approval-binds: white space, aliases, fragments and the order of fields change no digest', () => {
  const digestOf = (query: string): string =>
    actionDigest({
      principal: 'a',
      root: 'g',
      target: 't',
      key: null,
      operations: post({ query }).operations,
    })
  const plain = digestOf('mutation { serviceDelete(id: "s", environmentId: "e") }')
  expect(digestOf('mutation X {\n  gone: serviceDelete(environmentId: "e", id: """s""")\n}')).toBe(
    plain,
  )
  expect(digestOf('mutation { serviceDelete(id: "s2", environmentId: "e") }')).not.toBe(plain)
  const create = (selects: string, fragment = ''): string =>
    digestOf(`mutation { projectClaim(id: "p", workspaceId: "w") { ${selects} } } ${fragment}`)
  const same = create('n: name ...F', 'fragment F on Project { x: id __typename }')
  expect(create('id name')).toBe(same)
  expect(create('id name')).not.toBe(create('id'))
})

test.each<[string, Reading]>([
  [
    'a text that ends too soon',
    post({ query: 'mutation { variableUpsert(input: {value: "hunter2"' }),
  ],
  ['a token in a wrong place', post({ query: 'mutation { variableUpsert("hunter2") }' })],
  ['a wrong number', post({ query: 'mutation { variableUpsert(input: 1hunter2) }' })],
  ['a body that is no JSON', post('{"query": hunter2}')],
  [
    'a variable of the wrong shape',
    post({
      query: 'mutation ($i: VariableUpsertInput!) { variableUpsert(input: $i) }',
      variables: { i: { value: ['hunter2'] } },
    }),
  ],
])('secret-stays: %s shows nothing of what was sent', (_, reading) => {
  expect(effectOf(reading)).toBe('unread')
  const told = reading.operations.map(({ shown, findings, name }) => [shown, findings, name])
  expect(JSON.stringify(told)).not.toContain('hunter2')
})

test('explain reads without a cache, with the same result', () => {
  const ask = { text: `mutation { ${remove} }`, variables: {}, operationName: null }
  const question = { platform: railway, target: 't', ...ask }
  expect(readGraphql(question)).toEqual(graphqlReader(railway).text('t', ask))
})

test('whatever bytes arrive, the reader answers, and never with a read it did not see', () =>
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom('application/json', 'application/graphql', null),
      fc.constantFrom('GET', 'POST'),
      fc.string(),
      (...[body, contentType, method, query]) => {
        const reading = http({ method, query, contentType, contentEncoding: null, body })
        expect(effectOf(reading)).toBe('unread')
        expect(reading.operations.length).toBeGreaterThan(0)
      },
    ),
  ))

const token = fc.constantFrom(
  ...'{ } ( ) [ ] : ! $ @ = ... " """ # , mutation query fragment on F volumeDelete volumeId "V" $v null true 1 -1e9 DELETED \\ \u0000 \ud800 é'.split(
    ' ',
  ),
)
test('whatever tokens a text is made of, the reader answers, and its answer has a digest', () =>
  fc.assert(
    fc.property(fc.array(token, { maxLength: 60 }), fc.boolean(), (tokens, glue) => {
      const text = tokens.join(glue ? '' : ' ')
      const { operations } = readGraphql({
        platform: railway,
        target: 't',
        text,
        variables: { v: 'V' },
        operationName: null,
      })
      expect(operations.length).toBeGreaterThan(0)
      expect(() =>
        actionDigest({ principal: 'a', root: 'g', target: 't', key: null, operations }),
      ).not.toThrow()
      const destroys = operations.some(({ name }) => name === 'volumeDelete')
      expect(destroys && operations.every(({ effect }) => effect === 'read')).toBe(false)
    }),
    { numRuns: 500 },
  ))

test('unread-is-held: wherever a delete is put into a document that is read, it is found', () => {
  const wrap = fc.constantFrom<(inner: string) => string>(
    (inner) => `... on Mutation { ${inner} }`,
    (inner) => `... { ${inner} }`,
    (inner) => `${harmless} ${inner}`,
    (inner) => `${inner} @include(if: true)`,
    (inner) => `... @skip(if: false) { ${inner} }`,
    (inner) => `x${inner.length}: ${harmless} ${inner}`,
  )
  fc.assert(
    fc.property(fc.array(wrap, { maxLength: 6 }), (wraps) => {
      const inner = wraps.reduce((text, one) => one(text), `y: ${remove} __typename`)
      const reading = post({ query: `mutation { ${inner} }` })
      if (reading.kind === 'read') expect(names(reading)).toContain('volumeDelete')
      expect(['destroy', 'unread']).toContain(effectOf(reading))
    }),
  )
})
