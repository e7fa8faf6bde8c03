/** What is written over and cannot be saved first: said at once, with what to do instead, and nobody is asked for nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { everything, openRig } from './rig.ts'
import type { Rig } from './rig.ts'

let rig: Rig
let grant: string
beforeAll(async () => {
  rig = await openRig('limits:\n  burst: { count: 1000, window: 1m }\n')
  grant = await rig.people.mint('agent:a', everything)
})
afterAll(() => rig.close())

const at = `projectId: "${kestrel.projectId}", environmentId: "${kestrel.productionId}"`
const replace = `variableCollectionUpsert(input: { ${at}, serviceId: "${kestrel.webId}", replace: true, variables: { A: "x" } })`
const rollback = `deploymentRollback(id: "${kestrel.deploymentId}")`
const restore = `volumeInstanceBackupRestore(volumeInstanceId: "${kestrel.productionInstanceId}", volumeInstanceBackupId: "${kestrel.oldestBackupId}") { workflowId }`
const noCode = 'no engine of the vault can copy the code that runs in `web`'
const noVariables = 'no engine of the vault can copy the variables of `web`'

test.each<readonly [string, string, readonly string[], string]>([
  ['a rollback', rollback, [noCode], 'deploy a new commit that takes the change back'],
  ['variables that are replaced', replace, [noVariables], 'leave `replace` out'],
  [
    'both in one request',
    `a: ${rollback} b: ${replace}`,
    [noCode, noVariables],
    'leave `replace` out',
  ],
  [
    'one behind a restore that could be covered',
    `a: ${restore} b: ${replace}`,
    [noVariables],
    'leave `replace` out',
  ],
])('recovery-first: %s is refused before a person is asked', async (_, fields, why, instead) => {
  const before = rig.platform.snapshot()
  const { status, body, text } = await rig.ask(grant, `mutation { ${fields} }`)
  expect(status).toBe(403)
  expect(body).toMatchObject({ verdict: 'deny', retryable: false, executed: false })
  const said = JSON.stringify(body['findings'])
  for (const line of why) expect(said).toContain(`"recovery-first","message":"${line}`)
  expect(said).toContain('hold-overwrite')
  expect(JSON.stringify(body['alternatives'])).toContain(instead)
  expect(JSON.stringify(body['blastRadius'])).toContain('web')
  // secret-stays: names of variables may be in the request, none of their values in the answer.
  expect(text).not.toContain('not-a-key-')
  expect(await rig.people.call('hold-list', { all: true })).toEqual([])
  expect(rig.platform.snapshot()).toBe(before)
})

test('recovery-first: what can be covered is held as ever', async () => {
  const { body } = await rig.ask(grant, `mutation { ${restore} }`)
  expect(body).toMatchObject({ verdict: 'hold' })
  expect(await rig.people.call('hold-list', { all: true })).toHaveLength(1)
})
