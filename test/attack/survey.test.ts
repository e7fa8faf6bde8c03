/** What an agent could hide between the look and the act, and in what it names: staged changes, strange ids, other environments' things. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { isObject, parseJson } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig, Told } from '../rig.ts'

let rig: Rig
let all = ''
let staging = ''
beforeAll(async () => {
  rig = await openRig('limits:\n  burst: { count: 1000, window: 1m }\n  openHolds: 1000\n')
  all = await rig.people.mint('agent:all', everything)
  staging = await rig.people.mint('agent:staging', { ...everything, environments: ['staging'] })
}, 30_000)
afterAll(() => rig.close())

const rules = ({ body }: Told): string => JSON.stringify(body['findings'] ?? [])

/** The platform asked past Firebreak, as a person's own dashboard would. */
async function dashboard(query: string, variables: JsonObject): Promise<JsonObject> {
  const answer = await fetch(`${rig.platform.url}/graphql/v2`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${rig.platform.token(kestrel.tokens.founder)}`,
    },
    body: JSON.stringify({ query, variables }),
  })
  const body = parseJson(await answer.text())
  expect(body).not.toHaveProperty('errors')
  return isObject(body) && isObject(body['data']) ? body['data'] : {}
}

const stage =
  'mutation ($e: String!, $p: EnvironmentConfig!) { environmentStageChanges(environmentId: $e, input: $p) { id } }'
const commit = `mutation { environmentPatchCommitStaged(environmentId: "${kestrel.productionId}") }`

test('unread-is-held: staged changes are looked at anew at each commit, however soon one follows another', async () => {
  const harmless = { services: { [kestrel.webId]: { variables: { A: { value: '1' } } } } }
  await dashboard(stage, { e: kestrel.productionId, p: harmless })
  expect((await rig.ask(all, commit)).status).toBe(200)
  const deletes = { volumes: { [kestrel.volumeId]: { isDeleted: true } } }
  await dashboard(stage, { e: kestrel.productionId, p: deletes })
  const before = rig.platform.mutations()
  const second = await rig.ask(all, commit)
  expect(second.status).toBe(403)
  expect(rules(second)).toContain('patch-removes')
  expect(rig.platform.mutations()).toBe(before)
})

const radiusOf = ({ body }: Told): JsonObject =>
  isObject(body['blastRadius']) ? body['blastRadius'] : {}
const patched =
  'mutation ($e: String!, $p: EnvironmentConfig!) { environmentPatchCommit(environmentId: $e, patch: $p) }'

test.each<[string, Json]>([
  [
    'a volume that is written in capitals',
    { volumes: { [kestrel.volumeId.toUpperCase()]: { isDeleted: true } } },
  ],
  [
    'a volume with a space behind it',
    { volumes: { [`${kestrel.volumeId} `]: { isDeleted: true } } },
  ],
  ['a service that nobody can see', { services: { 'no-such-service': null } }],
  ['a bucket that nobody can see', { buckets: { 'no-such-bucket': { isDeleted: true } } }],
  [
    'a volume of another environment',
    { volumes: { [kestrel.scratchVolumeId]: { isDeleted: true } } },
  ],
])('a patch that deletes %s has an unknown radius, not an empty one', async (_, p) => {
  const told = await rig.ask(all, patched, { variables: { e: kestrel.productionId, p } })
  expect(told.status).toBe(403)
  expect(radiusOf(told)).toMatchObject({ known: false })
})

const { productionId, stagingId, projectId, webId, customDomainId } = kestrel
test.each<[string, string]>([
  [
    'a domain of production under the name of staging',
    `mutation { customDomainUpdate(environmentId: "${stagingId}", id: "${customDomainId}", targetPort: 1) }`,
  ],
  [
    'the whole project, with staging as its base',
    `mutation { projectUpdate(id: "${projectId}", input: { name: "x", baseEnvironmentId: "${stagingId}" }) { id } }`,
  ],
  [
    'a trigger of whatever environment, with staging to copy from',
    `mutation { baseEnvironmentOverride(id: "some-trigger", input: { baseEnvironmentOverrideId: "${stagingId}" }) }`,
  ],
  [
    'an environment that it calls staging where an id belongs',
    `mutation { variableUpsert(input: { projectId: "${projectId}", environmentId: "staging", name: "A", value: "1" }) }`,
  ],
  [
    'the outbound addresses of all environments',
    `mutation { egressGatewayAssociationsClear(input: { environmentId: "${stagingId}", serviceId: "${webId}", allEnvironments: true }) }`,
  ],
  [
    'the domain of a service somewhere else',
    `mutation { serviceDomainUpdate(input: { domain: "a.example", environmentId: "${stagingId}", serviceDomainId: "somewhere", serviceId: "${webId}" }) }`,
  ],
])('separation: a grant for staging does not reach %s', async (_, query) => {
  const before = rig.platform.mutations()
  const told = await rig.ask(staging, query)
  expect(rules(told)).toContain('"separation"')
  expect(rig.platform.mutations()).toBe(before)
})

test('unread-is-held: an argument that nobody knows stays unread when the staged changes are harmless', async () => {
  const harmless = { services: { [webId]: { variables: { A: { value: '2' } } } } }
  await dashboard(stage, { e: productionId, p: harmless })
  const told = await rig.ask(
    all,
    `mutation { environmentPatchCommitStaged(environmentId: "${productionId}", force: true) }`,
  )
  expect(told.status).toBe(403)
  expect(rules(told)).toContain('unknown-shape')
})

test('separation: a service that is made in an environment which is no fork is made in all of them', async () => {
  await dashboard(
    'mutation ($p: String!) { environmentCreate(input: { projectId: $p, name: "qa" }) { id } }',
    { p: projectId },
  )
  const grant = await rig.people.mint('agent:p', { ...everything, environments: ['production'] })
  const told = await rig.ask(
    grant,
    `mutation { serviceCreate(input: { projectId: "${projectId}", environmentId: "${productionId}", source: { image: "x" } }) { id } }`,
  )
  expect(rules(told)).toContain('"separation"')
})

test('approval-binds: two requests that cannot be read are two actions, each with a hold of its own', async () => {
  const send = async (body: string): Promise<Json> => {
    const answer = await fetch(`${rig.running.url}/railway/graphql/v2`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', authorization: `Bearer ${all}` },
      body,
    })
    const told = parseJson(await answer.text())
    return isObject(told) ? (told['holdId'] ?? null) : null
  }
  const first = await send('{ me { id } }')
  expect(first).not.toBeNull()
  expect(await send('{ me { id } }')).toBe(first)
  expect(await send('mutation { userDelete }')).not.toBe(first)
})
