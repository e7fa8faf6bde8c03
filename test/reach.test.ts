/** What a grant for some environments reaches: nothing that stands in no environment, however it is asked or named. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { openRig } from './rig.ts'
import type { Rig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await openRig('limits:\n  burst: { count: 1000, window: 1m }\n')
})
afterAll(() => rig.close())

const { projectId, webId, stagingId, productionId, workspaceId } = kestrel
const set = (environmentId: string): string =>
  `variableUpsert(input: { projectId: "${projectId}", environmentId: "${environmentId}", serviceId: "${webId}", name: "LOG_LEVEL", value: "debug" })`
const workspace = `workspaceUpdate(id: "${workspaceId}", input: { name: "x" }) { id }`

/** Null: it was sent on, whatever the platform made of it. */
type Row = readonly [string, Grant, string, RegExp | null]
type Grant = { readonly operations: readonly string[]; readonly environments: readonly string[] }
const inside = { operations: ['*'], environments: ['staging'] }
const named = { operations: ['workspaceUpdate'], environments: ['staging'] }
const everywhere = { operations: ['workspaceUpdate'], environments: ['*'] }
const nowhere = /"separation".*stands in no environment.*the grant is for staging/
test.each<Row>([
  ['an ordinary write inside', inside, set(stagingId), null],
  ['one outside', inside, set(productionId), /"separation".*reaches production/],
  ['the workspace itself', inside, workspace, nowhere],
  ['the account', inside, 'preferencesUpdate(input: { buildFailedEmail: false }) { id }', nowhere],
  ['a new project', inside, 'projectCreate(input: { name: "x" }) { id }', nowhere],
  ['a thing whose place nobody can look up', inside, 'deploymentTriggerDelete(id: "t")', nowhere],
  [
    'the project, in all its environments',
    inside,
    `projectUpdate(id: "${projectId}", input: { name: "x" }) { id }`,
    /"separation".*reaches production/,
  ],
  ['the workspace, where the grant names just that', named, workspace, nowhere],
  ['the workspace, behind a write inside', inside, `a: ${set(stagingId)} b: ${workspace}`, nowhere],
  ['the workspace, before a write inside', inside, `b: ${workspace} a: ${set(stagingId)}`, nowhere],
  ['the workspace, with a grant for every environment', everywhere, workspace, null],
])('separation: %s', async (_, scope, fields, refused) => {
  const grant = await rig.people.mint('agent:reach', { ...scope, expiresMs: 3_600_000 })
  const sent = rig.platform.requests().length
  const told = await rig.ask(grant, `mutation { ${fields} }`)
  const mutations = rig.platform
    .requests()
    .slice(sent)
    .filter(({ body }) => body.includes('mutation'))
  expect(mutations).toHaveLength(refused === null ? 1 : 0)
  if (refused === null) expect(told.status).not.toBe(403)
  else expect(JSON.stringify(told.body['findings'])).toMatch(refused)
})
