/** A project token in custody: it goes out in its own header and nowhere else, and the platform keeps it to its environment. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { readConfig } from '../src/app/config.ts'
import { diagnose } from '../src/app/doctor.ts'
import { openRig } from './rig.ts'
import type { Rig } from './rig.ts'

let rig: Rig
let grant: string
let secret: string
beforeAll(async () => {
  rig = await openRig('', { header: 'project-access-token' })
  secret = rig.platform.token(kestrel.tokens.staging)
  await rig.people.callAs('custody-add', { target: 'railway', secret })
  grant = await rig.people.mint('agent:deploy', {
    operations: ['*'],
    environments: ['staging'],
    expiresMs: 3_600_000,
  })
})
afterAll(() => rig.close())

const upsert = `mutation ($environmentId: String!) { variableUpsert(input: { projectId: "${kestrel.projectId}",
  environmentId: $environmentId, serviceId: "${kestrel.webId}", name: "LOG_LEVEL", value: "debug" }) }`

test('the credential goes out in the one header, and what the agent wrote in either is gone', async () => {
  const headers = { 'project-access-token': 'forged-by-agent', project_access_token: 'forged-too' }
  const told = await rig.ask(grant, '{ projectToken { projectId environmentId } }', { headers })
  expect(told.body).toEqual({
    data: { projectToken: { projectId: kestrel.projectId, environmentId: kestrel.stagingId } },
  })
  const last = rig.platform.requests().at(-1)
  expect(last?.headers['project-access-token']).toBe(secret)
  const whole = JSON.stringify(last)
  expect(last?.headers['authorization']).toBeUndefined()
  expect(whole.split(secret)).toHaveLength(2)
  expect(whole).not.toMatch(/forged/)
  expect(whole).not.toContain(grant)
})

test('secret-stays: an answer that echoes the token has stars in its place', async () => {
  const rename = `mutation ($name: String!) { environmentRename(id: "${kestrel.stagingId}", input: { name: $name }) { name } }`
  const told = await rig.ask(grant, rename, { variables: { name: `was ${secret}` } })
  const stars = '*'.repeat(secret.length)
  expect(told.body).toEqual({ data: { environmentRename: { name: `was ${stars}` } } })
})

test.each<[string, string, number, string | null]>([
  ['an ordinary write where the token reaches', kestrel.stagingId, 200, null],
  ['one beside it, which the grant keeps out already', kestrel.productionId, 403, 'separation'],
])('%s', async (_, environmentId, status, rule) => {
  const told = await rig.ask(grant, upsert, { variables: { environmentId } })
  expect(told.status).toBe(status)
  if (rule === null) expect(told.body).toEqual({ data: { variableUpsert: true } })
  else expect(told.text).toContain(rule)
})

test('a grant for everything does not make the token more than it is', async () => {
  const wide = await rig.people.mint('agent:wide', {
    operations: ['*'],
    environments: ['*'],
    expiresMs: 3_600_000,
  })
  const before = rig.platform.snapshot()
  const variables = { environmentId: kestrel.productionId }
  const told = await rig.ask(wide, upsert, { variables })
  expect(told.text).toContain('Not Authorized')
  expect(rig.platform.snapshot()).toBe(before)
})

test('a token that sees one environment cannot say what else a volume takes with it: it does not run', async () => {
  const query = 'mutation ($volumeId: String!) { volumeDelete(volumeId: $volumeId) }'
  const told = await rig.ask(grant, query, { variables: { volumeId: kestrel.volumeId } })
  expect(told.status).toBe(403)
  expect(told.text).toContain('which environments `volumeDelete` reaches is not known')
  expect(rig.platform.effects()).not.toContain('volumeDelete')
})

test('doctor says what a project token cannot see', async () => {
  const found = await diagnose(rig.config)
  expect(found.map(({ rule }) => rule)).toContain('no-bypass-watch')
  const text = readFileSync(rig.config.file, 'utf8')
  const usual = join(rig.dir, 'usual.yaml')
  writeFileSync(usual, text.replace(/\n *header: .*/, ''))
  const other = await diagnose(readConfig(usual))
  expect(other.map(({ rule }) => rule)).not.toContain('no-bypass-watch')
})

test('another header is another power: nothing runs until a person has accepted it', async () => {
  const text = readFileSync(rig.config.file, 'utf8')
  await rig.restart(() =>
    writeFileSync(rig.config.file, text.replace('project-access-token', 'authorization')),
  )
  expect(readConfig(rig.config.file).targets['railway']).toMatchObject({ header: 'authorization' })
  const told = await rig.ask(grant, '{ projectToken { projectId } }')
  expect(told.text).toContain('no approver has accepted it')
})
