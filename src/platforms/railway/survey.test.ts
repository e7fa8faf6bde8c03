import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { ask as askOver, withKestrel } from '../../../sim/asking.ts'
import type { RehearsalRailway } from '../../../sim/railway/railway.ts'
import { kestrel } from '../../../sim/tenant.ts'
import { parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Operation } from '../../core/operation.ts'
import type { AskGraphql, Surveyed } from '../platform.ts'
import { railway } from '../railway.ts'
import { questions } from './questions.ts'
import { text } from './row.ts'

const judge = (name: string, args: JsonObject): Operation =>
  railway.judge('t', { operation: 'mutation', name, arguments: args, selects: [] })

/** Asks the rehearsal platform, and throws for an error as the port wants it. */
function asker(platform: RehearsalRailway, asked: string[] = []): AskGraphql {
  return async (query, variables) => {
    asked.push(query)
    const { data, errors } = await askOver(platform, query, variables)
    if (data === null || errors.length > 0) throw new Error(errors[0]?.message ?? 'no data')
    const json = parseJson(JSON.stringify(data))
    if (typeof json !== 'object' || json === null || 'length' in json) throw new Error('no data')
    return Object.fromEntries(Object.entries(json))
  }
}

const surveyOn = async (
  platform: RehearsalRailway,
  ...operations: readonly Operation[]
): Promise<Surveyed> => await railway.survey('t', operations, asker(platform))

const ids = (resources: BlastRadius['resources'], type: string): readonly string[] =>
  resources
    .filter((resource) => resource.type === type)
    .map(({ id }) => id)
    .toSorted()

const both = [kestrel.productionId, kestrel.stagingId].toSorted()
const allBackups = [
  kestrel.newestBackupId,
  kestrel.olderBackupId,
  kestrel.oldestBackupId,
].toSorted()
const shop = [kestrel.productionInstanceId, kestrel.stagingInstanceId].toSorted()

test('R02: deleting a volume takes its instance in every environment, and the backups inside', () =>
  withKestrel(async (platform) => {
    const before = platform.snapshot()
    const { radius } = await surveyOn(
      platform,
      judge('volumeDelete', { volumeId: kestrel.volumeId }),
    )
    expect(radius).toMatchObject({ known: true, unknown: [], left: [], rows: null })
    expect(radius.environments.toSorted()).toEqual(both)
    expect(ids(radius.resources, 'volumeInstance')).toEqual(shop)
    expect(ids(radius.backups, 'backup')).toEqual(allBackups)
    for (const backup of radius.backups)
      expect(backup.protects).toEqual({
        target: 't',
        type: 'volumeInstance',
        id: kestrel.productionInstanceId,
      })
    for (const { bytes, name } of radius.resources) {
      expect(bytes).toBeGreaterThan(0)
      expect(name).toBe('shop-data')
    }
    expect(platform.snapshot()).toBe(before)
    expect(platform.mutations()).toBe(0)
  }))

const at = { volumeInstanceId: kestrel.productionInstanceId }
test.each<
  [
    string,
    Operation,
    Partial<{ [key in 'environments' | 'instances' | 'backups' | 'left']: readonly string[] }>,
  ]
>([
  [
    'a volume of one environment',
    judge('volumeDelete', { volumeId: kestrel.scratchVolumeId }),
    { environments: [kestrel.stagingId], instances: [kestrel.scratchInstanceId] },
  ],
  [
    'state DELETED in one environment',
    judge('volumeInstanceUpdate', {
      volumeId: kestrel.volumeId,
      environmentId: kestrel.stagingId,
      input: { state: 'DELETED' },
    }),
    { environments: [kestrel.stagingId], instances: [kestrel.stagingInstanceId] },
  ],
  [
    'state DELETED in all',
    judge('volumeInstanceUpdate', { volumeId: kestrel.volumeId, input: { state: 'DELETED' } }),
    { environments: both, instances: shop, backups: allBackups },
  ],
  [
    'a backup',
    judge('volumeInstanceBackupDelete', { ...at, volumeInstanceBackupId: kestrel.newestBackupId }),
    {
      environments: [kestrel.productionId],
      backups: [kestrel.newestBackupId],
      left: [kestrel.olderBackupId, kestrel.oldestBackupId].toSorted(),
    },
  ],
  [
    'a restore of the oldest',
    judge('volumeInstanceBackupRestore', { ...at, volumeInstanceBackupId: kestrel.oldestBackupId }),
    {
      environments: [kestrel.productionId],
      instances: [kestrel.productionInstanceId],
      backups: [kestrel.newestBackupId, kestrel.olderBackupId].toSorted(),
      left: [kestrel.oldestBackupId],
    },
  ],
  [
    'a service, in all environments that are no forks',
    judge('serviceDelete', { id: kestrel.databaseId }),
    {
      environments: [kestrel.productionId],
      instances: [kestrel.productionInstanceId],
      backups: allBackups,
    },
  ],
  [
    'a service, in a fork',
    judge('serviceDelete', { id: kestrel.databaseId, environmentId: kestrel.stagingId }),
    { environments: [kestrel.stagingId], instances: [kestrel.stagingInstanceId] },
  ],
  [
    'an environment',
    judge('environmentDelete', { id: kestrel.stagingId }),
    {
      environments: [kestrel.stagingId],
      instances: [kestrel.stagingInstanceId, kestrel.scratchInstanceId].toSorted(),
    },
  ],
  [
    'the project',
    judge('projectScheduleDeleteForce', { id: kestrel.projectId }),
    {
      environments: both,
      instances: [...shop, kestrel.scratchInstanceId].toSorted(),
      backups: allBackups,
    },
  ],
  [
    'the workspace',
    judge('workspaceDelete', { id: kestrel.workspaceId }),
    {
      environments: both,
      instances: [...shop, kestrel.scratchInstanceId].toSorted(),
      backups: allBackups,
    },
  ],
  [
    'the account',
    judge('userDelete', {}),
    {
      environments: both,
      instances: [...shop, kestrel.scratchInstanceId].toSorted(),
      backups: allBackups,
    },
  ],
  [
    'a patch that drops the volume',
    judge('environmentPatchCommit', {
      environmentId: kestrel.productionId,
      patch: { volumes: { [kestrel.volumeId]: { isDeleted: true } } },
    }),
    {
      environments: [kestrel.productionId],
      instances: [kestrel.productionInstanceId],
      backups: allBackups,
    },
  ],
  [
    'a patch that drops the service',
    judge('environmentPatchCommit', {
      environmentId: kestrel.stagingId,
      patch: { services: { [kestrel.webId]: null } },
    }),
    { environments: [kestrel.stagingId], instances: [kestrel.scratchInstanceId] },
  ],
  [
    'a domain, found by its id',
    judge('customDomainDelete', { id: kestrel.customDomainId }),
    { environments: [kestrel.productionId] },
  ],
  [
    'a deployment, found by its id',
    judge('deploymentRollback', { id: kestrel.deploymentId }),
    { environments: [kestrel.productionId] },
  ],
  [
    'a rename of a service',
    judge('serviceUpdate', { id: kestrel.webId, input: { name: 'n' } }),
    { environments: both },
  ],
  [
    'a bucket, found by its id',
    judge('bucketUpdate', { id: kestrel.bucketId, input: { name: 'n' } }),
    { environments: both },
  ],
  [
    'settings of a service in a fork',
    judge('serviceInstanceUpdate', {
      environmentId: kestrel.stagingId,
      serviceId: kestrel.webId,
      input: {},
    }),
    { environments: [kestrel.stagingId] },
  ],
  [
    'settings of a service everywhere',
    judge('serviceInstanceUpdate', { serviceId: kestrel.webId, input: {} }),
    { environments: [kestrel.productionId] },
  ],
])('the radius of %s', async (_, operation, expected) => {
  const { radius, operations } = await withKestrel((platform) => surveyOn(platform, operation))
  expect(radius.unknown).toEqual([])
  expect({
    environments: radius.environments.toSorted(),
    instances: ids(radius.resources, 'volumeInstance'),
    backups: ids(radius.backups, 'backup'),
    left: ids(radius.left, 'backup'),
  }).toEqual({ environments: [], instances: [], backups: [], left: [], ...expected })
  const reached = new Set([...operation.environments, ...radius.environments])
  expect(operations).toEqual([{ ...operation, environments: [...reached] }])
})

const web = { projectId: kestrel.projectId, environmentId: kestrel.productionId }
const replace = { ...web, replace: true, variables: { A: 'x' } }
test.each<readonly [string, Operation, readonly string[]]>([
  [
    'a rollback',
    judge('deploymentRollback', { id: kestrel.deploymentId }),
    [`deployment ${kestrel.deploymentId} web`],
  ],
  [
    'variables of a service that are replaced',
    judge('variableCollectionUpsert', { input: { ...replace, serviceId: kestrel.webId } }),
    [`variables ${kestrel.webId}/${kestrel.productionId} web`],
  ],
  [
    'shared variables that are replaced',
    judge('variableCollectionUpsert', { input: replace }),
    [`variables ${kestrel.productionId} shared by production`],
  ],
  [
    'a service that a template rebuilds',
    judge('templateDeployV2', {
      input: {
        ...web,
        serializedConfig: {},
        templateId: 't',
        existingRootServiceId: kestrel.databaseId,
      },
    }),
    [
      `deployment ${kestrel.databaseId}/${kestrel.productionId} postgres`,
      `volumeInstance ${kestrel.productionInstanceId} shop-data`,
    ],
  ],
  [
    'a signal that is replaced, which nobody can look up',
    judge('signalReplace', { id: 's', input: { environmentId: kestrel.productionId } }),
    ['state signalReplace signalReplace'],
  ],
])('what is written over is named: %s', async (_, operation, things) => {
  const { radius } = await withKestrel((platform) => surveyOn(platform, operation))
  expect(radius.unknown).toEqual([])
  expect(radius.resources.map(({ type, id, name }) => `${type} ${id} ${name}`)).toEqual(things)
  for (const { environment } of radius.resources)
    expect(environment === null || environment === kestrel.productionId).toBe(true)
})

test('a write that names its environment costs no question', async () => {
  const asked: string[] = []
  const upsert = judge('variableUpsert', {
    input: { environmentId: 'e', projectId: 'p', name: 'A', value: 'x' },
  })
  const { radius } = await withKestrel(
    async (platform) => await railway.survey('t', [upsert], asker(platform, asked)),
  )
  expect(asked).toEqual([])
  expect(radius).toMatchObject({ known: true, environments: ['e'] })
})

test('what is known at once and what is asked for stand in the order of the call, each with its own place', async () => {
  const upsert = judge('variableUpsert', {
    input: { environmentId: 'e', projectId: 'p', name: 'A', value: 'x' },
  })
  const gone = judge('volumeDelete', { volumeId: kestrel.volumeId })
  const lost = judge('volumeDelete', { volumeId: 'nowhere' })
  const { operations, radius } = await withKestrel(
    async (platform) =>
      await railway.survey('t', [upsert, gone, upsert, lost], asker(platform, [])),
  )
  expect(operations.map(({ name }) => name)).toEqual([
    'variableUpsert',
    'volumeDelete',
    'variableUpsert',
    'volumeDelete',
  ])
  expect(operations[0]?.environments).toEqual(['e'])
  expect(operations[2]?.environments).toEqual(['e'])
  expect(operations[1]?.environments).toContain(kestrel.productionId)
  expect(radius.known).toBe(false)
  expect(radius.environments).toEqual(
    expect.arrayContaining(['e', ...(operations[1]?.environments ?? [])]),
  )
})

const stage = async (platform: RehearsalRailway, patch: JsonObject): Promise<void> => {
  const staging =
    'mutation ($e: String!, $p: EnvironmentConfig!) { environmentStageChanges(environmentId: $e, input: $p) { id } }'
  const { errors } = await askOver(platform, staging, { e: kestrel.productionId, p: patch })
  expect(errors).toEqual([])
}
const commit = judge('environmentPatchCommitStaged', { environmentId: kestrel.productionId })

test('R05: staged changes are judged as if they stood in the commit, and are bound to it', () =>
  withKestrel(async (platform) => {
    const patch = { volumes: { [kestrel.volumeId]: { isDeleted: true } } }
    await stage(platform, patch)
    const { operations, radius } = await surveyOn(platform, commit)
    expect(operations[0]).toMatchObject({ effect: 'destroy', kinds: ['data', 'backup'] })
    expect(operations[0]?.parameters).toEqual({ ...commit.parameters, staged: patch })
    expect(ids(radius.resources, 'volumeInstance')).toEqual([kestrel.productionInstanceId])
    expect(ids(radius.backups, 'backup')).toEqual(allBackups)
  }))

test('harmless staged changes make the commit a write, and its secrets stay masked', () =>
  withKestrel(async (platform) => {
    await stage(platform, { sharedVariables: { A: { value: 'hunter2' } } })
    const { operations } = await surveyOn(platform, commit)
    expect(operations[0]).toMatchObject({ effect: 'write', kinds: [], findings: [] })
    expect(JSON.stringify(operations[0]?.shown)).not.toContain('hunter2')
  }))

test('a schedule that drops a kind of today is a guard that goes; one that keeps it is not', () =>
  withKestrel(async (platform) => {
    const schedule = (...kinds: readonly string[]): Operation =>
      judge('volumeInstanceBackupScheduleUpdate', { ...at, kinds })
    const of = async (operation: Operation): Promise<string | undefined> =>
      (await surveyOn(platform, operation)).operations[0]?.effect
    expect(await of(schedule('WEEKLY'))).toBe('destroy')
    expect(await of(schedule('DAILY', 'WEEKLY'))).toBe('write')
  }))

test('a volume that is given to another service is taken from its own', () =>
  withKestrel(async (platform) => {
    const give = (serviceId: string): Operation =>
      judge('volumeInstanceUpdate', { volumeId: kestrel.volumeId, input: { serviceId } })
    const of = async (operation: Operation): Promise<string | undefined> =>
      (await surveyOn(platform, operation)).operations[0]?.effect
    expect(await of(give(kestrel.webId))).toBe('destroy')
    expect(await of(give(kestrel.databaseId))).toBe('write')
  }))

test('to deploy what is not the latest deployment is to bring other code', () =>
  withKestrel(async (platform) => {
    const redeploy = judge('deploymentRedeploy', { id: kestrel.deploymentId })
    expect((await surveyOn(platform, redeploy)).operations[0]?.effect).toBe('write')
    await askOver(
      platform,
      'mutation ($e: String!, $s: String!) { serviceInstanceRedeploy(environmentId: $e, serviceId: $s) }',
      { e: kestrel.productionId, s: kestrel.webId },
    )
    expect((await surveyOn(platform, redeploy)).operations[0]).toMatchObject({
      effect: 'destroy',
      kinds: ['overwrite'],
    })
  }))

test.each<[string, Operation]>([
  ['a volume that nobody has', judge('volumeDelete', { volumeId: 'nowhere' })],
  [
    'a backup that nobody has',
    judge('volumeInstanceBackupDelete', { ...at, volumeInstanceBackupId: 'x' }),
  ],
  [
    'a deleted thing of a change set',
    judge('environmentApplyChangeSet', {
      environmentId: kestrel.productionId,
      input: {
        version: 0,
        changes: [{ kind: 'resource.delete', address: 'volume.a' }],
        diagnostics: [],
      },
    }),
  ],
  [
    'every volume by null',
    judge('environmentPatchCommit', {
      environmentId: kestrel.productionId,
      patch: { volumes: null },
    }),
  ],
])('no answer is the widest: %s', async (_, operation) => {
  const { radius } = await withKestrel((platform) => surveyOn(platform, operation))
  expect(radius.known).toBe(false)
  expect(radius.unknown).toHaveLength(1)
})

test('no answer is the widest: a platform that is down, and one that answers nonsense', async () => {
  const operations = [judge('volumeDelete', { volumeId: 'v' }), judge('serviceDelete', { id: 's' })]
  const answers: readonly AskGraphql[] = [
    () => Promise.reject(new Error('down')),
    () => Promise.resolve({}),
    () => Promise.resolve({ projects: { edges: [{ node: { id: 5 } }], pageInfo: {} } }),
    () =>
      Promise.resolve({ projects: { edges: [], pageInfo: { hasNextPage: true, endCursor: 'x' } } }),
  ]
  for (const ask of answers) {
    const { radius } = await railway.survey('t', operations, ask)
    expect(radius.known).toBe(false)
    expect(radius.unknown).toHaveLength(2)
    expect(await railway.happened('t', judge('volumeDelete', { volumeId: 'v' }), ask)).toBe(
      'unknown',
    )
  }
})

test('pages are followed to the end', async () => {
  const projects = (ids: readonly string[], next: string | null): JsonObject => ({
    projects: {
      edges: ids.map((id) => ({ node: { id } })),
      pageInfo: { hasNextPage: next !== null, endCursor: next },
    },
  })
  const volumes = (id: string): JsonObject => ({
    project: {
      volumes: {
        edges: [
          {
            node: {
              id: `volume of ${id}`,
              name: 'n',
              volumeInstances: {
                edges: [{ node: { id: 'i', environmentId: 'e', currentSizeMB: 1 } }],
                pageInfo: { hasNextPage: false },
              },
            },
          },
        ],
        pageInfo: { hasNextPage: false },
      },
    },
  })
  const ask: AskGraphql = (query, variables) => {
    if (query === questions.volumes) return Promise.resolve(volumes(text(variables['id'])))
    if (query === questions.backups) return Promise.resolve({ volumeInstanceBackupList: [] })
    if (query === questions.workspaces) return Promise.resolve({ apiToken: { workspaces: [] } })
    if (query !== questions.projects) return Promise.reject(new Error('not asked'))
    return Promise.resolve(
      variables['after'] === null ? projects(['p1'], 'c') : projects(['p2'], null),
    )
  }
  const { radius } = await railway.survey(
    't',
    [judge('volumeDelete', { volumeId: 'volume of p2' })],
    ask,
  )
  expect(radius).toMatchObject({ known: true, environments: ['e'] })
  expect(radius.resources[0]).toMatchObject({ id: 'i', bytes: 1024 * 1024 })
})

test('what has happened is told after a crash, and what has not', () =>
  withKestrel(async (platform) => {
    const happened = (operation: Operation): Promise<string> =>
      railway.happened('t', operation, asker(platform))
    const remove = judge('volumeDelete', { volumeId: kestrel.volumeId })
    const backup = judge('volumeInstanceBackupDelete', {
      ...at,
      volumeInstanceBackupId: kestrel.newestBackupId,
    })
    const environment = judge('environmentDelete', { id: kestrel.stagingId })
    expect(await happened(remove)).toBe('no')
    expect(await happened(backup)).toBe('no')
    expect(await happened(environment)).toBe('no')
    expect(await happened(judge('serviceDelete', { id: kestrel.webId }))).toBe('no')
    expect(await happened(judge('projectDelete', { id: kestrel.projectId }))).toBe('no')
    expect(await happened(judge('variableUpsert', {}))).toBe('unknown')
    await askOver(platform, `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`)
    await askOver(platform, `mutation { environmentDelete(id: "${kestrel.stagingId}") }`)
    expect(await happened(remove)).toBe('yes')
    expect(await happened(environment)).toBe('yes')
    expect(await happened(judge('serviceDelete', { id: 'gone' }))).toBe('yes')
  }))

test('every question is a valid query of the real schema, and none changes anything', () => {
  const schema = buildSchema(
    readFileSync(new URL('../../../test/data/railway-schema.graphql', import.meta.url), 'utf8'),
    { assumeValid: true },
  )
  for (const [name, query] of Object.entries(questions)) {
    expect(validate(schema, parse(query)), name).toEqual([])
    expect(query, name).not.toMatch(/mutation|subscription/)
  }
})
