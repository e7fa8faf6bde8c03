import { expect, test } from 'vitest'
import fc from 'fast-check'
import { ask, bearer, withKestrel } from '../asking.ts'
import { kestrel, startKestrel } from '../tenant.ts'
import type { Fault } from './faults.ts'
import type { RehearsalRailway } from './railway.ts'

const { volumeId, workspaceId, projectId, stagingId, webId } = kestrel
const gone = `mutation { volumeDelete(volumeId: "${volumeId}") }`

function post(railway: RehearsalRailway, body: string, headers = {}): Promise<Response> {
  return fetch(railway.graphql, {
    method: 'POST',
    headers: {
      ...bearer(railway, kestrel.tokens.domains),
      'content-type': 'application/json',
      ...headers,
    },
    body,
    signal: AbortSignal.timeout(10_000),
  })
}

const volumeExists = (railway: RehearsalRailway): boolean =>
  railway.ground.world.volumes.get(volumeId) !== null

test.each<[string, Readonly<Record<string, string>>]>([
  ['no token', {}],
  ['a wrong token', { authorization: 'Bearer nothing' }],
  ['a project token as bearer', { authorization: 'Bearer staging-deploy' }],
  ['an account token as project token', { 'project-access-token': 'domains-script' }],
])('%s is not authorized, and nothing happens', (_, shown) =>
  withKestrel(async (railway) => {
    const headers = Object.fromEntries(
      Object.entries(shown).map(([name, value]) => [
        name,
        value.replace(/staging-deploy|domains-script/, (token) => railway.token(token)),
      ]),
    )
    const before = railway.snapshot()
    const answer = await ask(railway, gone, {}, headers)
    expect(answer.status).toBe(200)
    expect(answer.data).toBeNull()
    expect(answer.errors).toHaveLength(1)
    expect(answer.errors[0]).toMatchObject({
      message: 'Not Authorized',
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    })
    expect(answer.errors[0]?.extensions['traceId']).toMatch(/^[0-9a-f-]{36}$/)
    expect(railway.snapshot()).toBe(before)
    expect(railway.mutations()).toBe(1)
    expect(railway.effects()).toEqual([])
  }),
)

test.each<[string, string, number, boolean]>([
  [
    'a batch runs all of it',
    JSON.stringify([{ query: '{ me { id } }' }, { query: gone }]),
    200,
    true,
  ],
  [
    'the named operation runs',
    JSON.stringify({
      query: `query A { me { id } } ${gone.replace('mutation', 'mutation B')}`,
      operationName: 'B',
    }),
    200,
    true,
  ],
  [
    'the other one does not',
    JSON.stringify({
      query: `query A { me { id } } ${gone.replace('mutation', 'mutation B')}`,
      operationName: 'A',
    }),
    200,
    false,
  ],
  [
    'two operations and no name run nothing',
    JSON.stringify({ query: `query A { me { id } } ${gone.replace('mutation', 'mutation B')}` }),
    400,
    false,
  ],
  [
    'the last of two equal keys counts',
    `{"query":"{ me { id } }","query":${JSON.stringify(gone)}}`,
    200,
    true,
  ],
  [
    'an unknown field runs nothing',
    JSON.stringify({ query: `mutation { volumeErase }` }),
    400,
    false,
  ],
  [
    'a missing argument runs nothing',
    JSON.stringify({ query: 'mutation { volumeDelete }' }),
    400,
    false,
  ],
  [
    'a missing variable runs nothing',
    JSON.stringify({ query: 'mutation ($v: String!) { volumeDelete(volumeId: $v) }' }),
    400,
    false,
  ],
  ['text that does not parse runs nothing', JSON.stringify({ query: `${gone} }` }), 400, false],
  ['no JSON runs nothing', gone, 400, false],
  ['an empty batch runs nothing', '[]', 400, false],
  [
    'a persisted query runs nothing',
    '{"extensions":{"persistedQuery":{"sha256Hash":"00"}}}',
    400,
    false,
  ],
])('%s', (_, body, status, lost) =>
  withKestrel(async (railway) => {
    const response = await post(railway, body)
    expect(response.status).toBe(status)
    expect(volumeExists(railway)).toBe(!lost)
    expect(railway.mutations()).toBe(lost ? 1 : 0)
  }),
)

test('GET reads and does not write', () =>
  withKestrel(async (railway) => {
    const get = (query: string): Promise<Response> =>
      fetch(`${railway.graphql}?${new URLSearchParams({ query }).toString()}`, {
        headers: bearer(railway, kestrel.tokens.domains),
      })
    const read = await get(`{ project(id: "${projectId}") { name } }`)
    expect(await read.json()).toEqual({ data: { project: { name: 'kestrel-cars' } } })
    expect((await get(gone)).status).toBe(405)
    expect(volumeExists(railway)).toBe(true)
  }))

test('other paths, methods and media types are refused', () =>
  withKestrel(async (railway) => {
    const body = JSON.stringify({ query: gone })
    expect((await post(railway, body, { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await fetch(`${railway.url}/graphql`, { method: 'POST', body })).status).toBe(404)
    expect((await fetch(railway.graphql, { method: 'DELETE' })).status).toBe(405)
    expect((await post(railway, JSON.stringify({ query: ' '.repeat(9_000_000) }))).status).toBe(413)
    const newer = { accept: 'application/graphql-response+json' }
    const { headers } = await post(railway, JSON.stringify({ query: '{ me { id } }' }), newer)
    expect(headers.get('content-type')).toContain('application/graphql-response+json')
    expect(volumeExists(railway)).toBe(true)
  }))

test('the log has every request in order, the audit log every effect, and neither has a value', () =>
  withKestrel(async (railway) => {
    const owner = `environmentId: "${stagingId}", projectId: "${projectId}", serviceId: "${webId}"`
    await ask(railway, '{ me { id } }')
    await ask(
      railway,
      `mutation Set { x: variableUpsert(input: { ${owner}, name: "KEY", value: "hush" }) }`,
    )
    await ask(
      railway,
      'mutation ($c: EnvironmentConfig) { environmentPatchCommit(environmentId: "' +
        `${stagingId}", patch: $c) }`,
      { c: { services: { [webId]: { variables: { KEY: { value: 'hush' } } } } } },
    )
    await ask(railway, gone)
    await ask(railway, gone)
    const requests = railway.requests()
    expect(requests.map(({ operations }) => operations[0]?.fields)).toEqual([
      ['me'],
      ['variableUpsert'],
      ['environmentPatchCommit'],
      ['volumeDelete'],
      ['volumeDelete'],
    ])
    expect(requests.map(({ token }) => token)).toEqual(Array(5).fill('domains-script'))
    expect(railway.mutations()).toBe(4)
    const { data } = await ask(
      railway,
      `{ auditLogs(workspaceId: "${workspaceId}", sort: asc) { edges { node { eventType context payload environmentId } } } }`,
    )
    const text = JSON.stringify(data)
    expect(text).not.toContain('hush')
    expect(text).toContain('"tokenName":"domains-script"')
    expect(text).toContain(requests[3]?.id ?? 'missing')
    expect(railway.ground.world.audit.all().map(({ eventType }) => eventType)).toEqual([
      'variableUpsert',
      'environmentPatchCommit',
      'volumeDelete',
    ])
  }))

test('the audit log filters and pages', () =>
  withKestrel(async (railway) => {
    for (const name of ['A', 'B', 'C'])
      await ask(
        railway,
        `mutation { variableUpsert(input: { environmentId: "${stagingId}", projectId: "${projectId}", name: "${name}", value: "1" }) }`,
      )
    await ask(railway, gone)
    const list = async (rest: string): Promise<readonly string[]> => {
      const { data } = await ask(
        railway,
        `{ auditLogs(workspaceId: "${workspaceId}" ${rest}) { edges { node { eventType } } pageInfo { hasNextPage } } }`,
      )
      const text = JSON.stringify(data)
      return [...text.matchAll(/"eventType":"(\w+)"/g)].map((match) => match[1] ?? '')
    }
    expect(await list('')).toEqual(['volumeDelete', ...Array(3).fill('variableUpsert')])
    expect(await list('first: 1')).toEqual(['volumeDelete'])
    expect(await list('last: 1')).toEqual(['variableUpsert'])
    expect(await list('filter: { eventTypes: ["volumeDelete"] }')).toEqual(['volumeDelete'])
    expect(await list(`filter: { environmentId: "${stagingId}" }`)).toHaveLength(3)
    expect(await list('filter: { startDate: "2999-01-01T00:00:00Z" }')).toEqual([])
  }))

test.each<[string, Fault, boolean, string]>([
  ['a delay', { kind: 'delay', ms: 5_000 }, true, '200'],
  ['status 500', { kind: 'status', status: 500 }, false, '500'],
  ['status 403', { kind: 'status', status: 403 }, false, '403'],
  ['status 429', { kind: 'status', status: 429 }, false, '429'],
  ['a crash after the effect', { kind: 'crash' }, true, 'no answer'],
  ['a connection cut in mid-answer', { kind: 'cut' }, true, 'broken body'],
  ['wrong JSON', { kind: 'garble' }, true, 'no JSON'],
  ['a slow body', { kind: 'trickle', ms: 100, pieces: 5 }, true, '200'],
])('%s does what it says, once', async (_, fault, lost, outcome) => {
  const waits: number[] = []
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms)
    return Promise.resolve()
  }
  await withKestrel(
    async (railway) => {
      railway.faults.set('volumeDelete', fault, 1)
      expect(
        await outcomeOf(
          post(railway, JSON.stringify({ query: `mutation { x: ${gone.slice(11)}` })),
        ),
      ).toBe(outcome)
      expect(volumeExists(railway)).toBe(!lost)
      expect(waits).toEqual('ms' in fault ? Array('pieces' in fault ? 5 : 1).fill(fault.ms) : [])
      expect(await outcomeOf(post(railway, JSON.stringify({ query: '{ me { id } }' })))).toBe('200')
      expect(await outcomeOf(post(railway, JSON.stringify({ query: gone })))).toBe('200')
      expect(volumeExists(railway)).toBe(false)
    },
    { sleep },
  )
})

test('a redirect does nothing and says where to', () =>
  withKestrel(async (railway) => {
    railway.faults.set('volumeDelete', { kind: 'redirect', to: 'http://elsewhere.example/' })
    const response = await fetch(railway.graphql, {
      method: 'POST',
      headers: {
        ...bearer(railway, kestrel.tokens.domains),
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: gone }),
      redirect: 'manual',
    })
    expect(response.status).toBe(307)
    expect(response.headers.get('location')).toBe('http://elsewhere.example/')
    expect(volumeExists(railway)).toBe(true)
  }))

test.each<['hang' | 'mute', boolean]>([
  ['hang', false],
  ['mute', true],
])('%s never answers', (kind, lost) =>
  withKestrel(async (railway) => {
    railway.faults.set('*', { kind })
    const controller = new AbortController()
    const asked = fetch(railway.graphql, {
      method: 'POST',
      headers: { ...bearer(railway, 'domains-script'), 'content-type': 'application/json' },
      body: JSON.stringify({ query: gone }),
      signal: controller.signal,
    })
    const ended = outcomeOf(asked)
    await expect.poll(() => railway.requests().length).toBe(1)
    await expect.poll(() => volumeExists(railway)).toBe(!lost)
    expect(railway.requests()[0]?.status).toBeNull()
    controller.abort()
    expect(await ended).toBe('no answer')
    railway.faults.clear()
    expect(await outcomeOf(post(railway, JSON.stringify({ query: '{ me { id } }' })))).toBe('200')
  }),
)

async function outcomeOf(asked: Promise<Response>): Promise<string> {
  try {
    const response = await asked
    const text = await response.text().catch(() => null)
    if (text === null) return 'broken body'
    return isJson(text) ? String(response.status) : 'no JSON'
  } catch {
    // No answer is what some of these faults are for.
    return 'no answer'
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    // Wrong JSON is what one of these faults is for.
    return false
  }
}

const deeds: readonly string[] = [
  `mutation { variableUpsert(input: { environmentId: "${stagingId}", projectId: "${projectId}", name: "A", value: "1" }) }`,
  `mutation { volumeInstanceBackupCreate(volumeInstanceId: "${kestrel.productionInstanceId}") { workflowId } }`,
  `mutation { volumeInstanceUpdate(volumeId: "${volumeId}", environmentId: "${stagingId}", input: { state: DELETED }) }`,
  `mutation { customDomainCreate(input: { domain: "a.example", environmentId: "${stagingId}", projectId: "${projectId}", serviceId: "${webId}" }) { id } }`,
  `mutation { serviceDelete(id: "${webId}") }`,
  `mutation { environmentCreate(input: { name: "x", projectId: "${projectId}", sourceEnvironmentId: "${stagingId}" }) { id } }`,
  'mutation { apiTokenCreate(input: { name: "t" }) }',
  gone,
  '{ me { id } }',
]

test('after a restart the world is what it was, whatever was done before', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...deeds), { maxLength: 6 }), async (queries) => {
      await withKestrel(async (railway, dir) => {
        for (const query of queries) await ask(railway, query)
        const before = railway.snapshot()
        await railway.close()
        const again = await startKestrel({ dir })
        expect(again.snapshot()).toBe(before)
        await again.close()
      })
    }),
    { numRuns: 12 },
  ))

test('a question changes nothing', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        '{ me { id workspaces { id name } } }',
        `{ project(id: "${projectId}") { environments { edges { node { id config configEtag volumeInstances { edges { node { currentSizeMB } } } } } } } }`,
        `{ environmentStagedChanges(environmentId: "${stagingId}") { id patch status } }`,
        `{ variables(environmentId: "${stagingId}", projectId: "${projectId}", serviceId: "${webId}") }`,
        '{ apiTokens { edges { node { name displayToken } } } }',
        `{ volumeInstanceBackupList(volumeInstanceId: "${kestrel.productionInstanceId}") { id name usedMB } }`,
      ),
      async (query) => {
        await withKestrel(async (railway) => {
          const before = railway.snapshot()
          expect((await ask(railway, query)).errors).toEqual([])
          expect(railway.snapshot()).toBe(before)
          expect(railway.mutations()).toBe(0)
        })
      },
    ),
    { numRuns: 8 },
  ))
