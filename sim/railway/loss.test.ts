import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, bearer, withKestrel } from '../asking.ts'
import { countedIds } from '../ids.ts'
import { kestrel, rows } from '../tenant.ts'
import type { RehearsalRailway } from './railway.ts'

/** What is left, on disk and in the rows. */
interface Left {
  readonly production: number
  readonly staging: number
  readonly scratch: boolean
  readonly backups: number
  readonly volumes: number
  readonly projects: number
  readonly environments: number
  readonly services: number
  readonly buckets: number
  readonly variables: number
  readonly tokens: number
}

const whole: Left = {
  production: 2_400,
  staging: 120,
  scratch: true,
  backups: 3,
  volumes: 2,
  projects: 1,
  environments: 2,
  services: 2,
  buckets: 2,
  variables: 8,
  tokens: 4,
}
const nothing: Left = {
  production: 0,
  staging: 0,
  scratch: false,
  backups: 0,
  volumes: 0,
  projects: 0,
  environments: 0,
  services: 0,
  buckets: 0,
  variables: 0,
  tokens: 3,
}

function left(railway: RehearsalRailway): Left {
  const { world } = railway.ground
  const volumePath = (id: string): string => railway.volumePath(id)
  const backups = join(volumePath(kestrel.productionInstanceId), '.backups')
  const onDisk = existsSync(backups) ? readdirSync(backups).length : 0
  expect(world.backups.all()).toHaveLength(onDisk)
  return {
    production: rows(volumePath(kestrel.productionInstanceId)).bookings,
    staging: rows(volumePath(kestrel.stagingInstanceId)).bookings,
    scratch: existsSync(join(volumePath(kestrel.scratchInstanceId), 'notes.txt')),
    backups: onDisk,
    volumes: world.volumes.all().length,
    projects: world.projects.all().length,
    environments: world.environments.all().length,
    services: world.services.all().length,
    buckets: world.bucketInstances.all().length,
    variables: world.variables.all().length,
    tokens: world.tokens.all().length,
  }
}

const { volumeId, productionId, stagingId, productionInstanceId, projectId, databaseId, webId } =
  kestrel
const at = `volumeInstanceId: "${productionInstanceId}"`
const own = `environmentId: "${productionId}", projectId: "${projectId}", serviceId: "${webId}"`
const allVolume = { production: 0, staging: 0, backups: 0, volumes: 1 }
const patch = { p: { volumes: { [volumeId]: { isDeleted: true } } } }

test.each<[string, string, object, Partial<Left>]>([
  [
    'volumeDelete takes every environment and the backups',
    `mutation { volumeDelete(volumeId: "${volumeId}") }`,
    {},
    allVolume,
  ],
  [
    'volumeInstanceUpdate to DELETED without an environment is a volumeDelete',
    `mutation { volumeInstanceUpdate(volumeId: "${volumeId}", input: { state: DELETED }) }`,
    {},
    allVolume,
  ],
  [
    'volumeInstanceUpdate to DELETING in one environment takes that instance',
    `mutation { volumeInstanceUpdate(volumeId: "${volumeId}", environmentId: "${productionId}", input: { state: DELETING }) }`,
    {},
    { production: 0, backups: 0 },
  ],
  [
    'a backup can be deleted alone',
    `mutation { volumeInstanceBackupDelete(${at}, volumeInstanceBackupId: "${kestrel.newestBackupId}") { workflowId } }`,
    {},
    { backups: 2 },
  ],
  [
    'restoring an old backup overwrites the data and takes the newer backups',
    `mutation { volumeInstanceBackupRestore(${at}, volumeInstanceBackupId: "${kestrel.oldestBackupId}") { workflowId } }`,
    {},
    { production: 1_860, backups: 1 },
  ],
  [
    'a restore of a backup that is not there loses nothing, whatever it would wipe',
    `mutation { volumeInstanceBackupRestore(volumeInstanceId: "${kestrel.stagingInstanceId}", volumeInstanceBackupId: "none", wipeServiceIds: ["${webId}"]) { workflowId } }`,
    {},
    {},
  ],
  [
    'environmentPatchCommit deletes without saying so',
    `mutation ($p: EnvironmentConfig) { environmentPatchCommit(environmentId: "${productionId}", patch: $p) }`,
    patch,
    { production: 0, backups: 0 },
  ],
  [
    'environmentApplyChangeSet does the same',
    `mutation ($p: JSON!) { environmentApplyChangeSet(environmentId: "${productionId}", input: $p) { status } }`,
    patch,
    { production: 0, backups: 0 },
  ],
  [
    'staged changes alone lose nothing',
    `mutation ($p: EnvironmentConfig!) { environmentStageChanges(environmentId: "${productionId}", input: $p) { id } }`,
    patch,
    {},
  ],
  [
    'staged and committed in one request they do',
    `mutation ($p: EnvironmentConfig!) {
      a: environmentStageChanges(environmentId: "${productionId}", input: $p) { id }
      b: environmentPatchCommitStaged(environmentId: "${productionId}") }`,
    patch,
    { production: 0, backups: 0 },
  ],
  [
    'a patch deletes a bucket and a service',
    `mutation ($p: EnvironmentConfig) { environmentPatchCommit(environmentId: "${productionId}", patch: $p) }`,
    {
      p: {
        buckets: { [kestrel.bucketId]: { isDeleted: true } },
        services: { [webId]: { isDeleted: true } },
      },
    },
    { buckets: 1, variables: 5 },
  ],
  [
    'variableCollectionUpsert with replace drops what it does not name',
    `mutation { variableCollectionUpsert(input: { ${own}, replace: true, variables: { A: "1" } }) }`,
    {},
    { variables: 6 },
  ],
  [
    'and without replace it keeps it',
    `mutation { variableCollectionUpsert(input: { ${own}, variables: { A: "1" } }) }`,
    {},
    { variables: 9 },
  ],
  [
    'serviceDelete without an environment takes it everywhere and leaves its volumes',
    `mutation { serviceDelete(id: "${databaseId}") }`,
    {},
    { services: 1, variables: 6 },
  ],
  [
    'serviceDelete in one environment leaves the other',
    `mutation { serviceDelete(id: "${databaseId}", environmentId: "${stagingId}") }`,
    {},
    { variables: 7 },
  ],
  [
    'environmentDelete takes all that is in it',
    `mutation { environmentDelete(id: "${productionId}") }`,
    {},
    { production: 0, backups: 0, environments: 1, buckets: 1, variables: 4 },
  ],
  ['projectDelete is immediate', `mutation { projectDelete(id: "${projectId}") }`, {}, nothing],
  [
    'projectScheduleDelete loses nothing yet',
    `mutation { projectScheduleDelete(id: "${projectId}") }`,
    {},
    {},
  ],
  [
    'projectScheduleDeleteForce skips the wait',
    `mutation { projectScheduleDeleteForce(id: "${projectId}") }`,
    {},
    nothing,
  ],
  [
    'workspaceDelete takes its projects and its tokens',
    `mutation { workspaceDelete(id: "${kestrel.workspaceId}") }`,
    {},
    { ...nothing, tokens: 2 },
  ],
  ['userDelete leaves nothing', 'mutation { userDelete }', {}, { ...nothing, tokens: 0 }],
  [
    'one refused field does not take back the one before it',
    `mutation { a: volumeDelete(volumeId: "${volumeId}") b: volumeDelete(volumeId: "${volumeId}") }`,
    {},
    allVolume,
  ],
])('%s', async (_, query, variables, lost) => {
  await withKestrel(async (railway) => {
    expect(left(railway)).toEqual(whole)
    const before = railway.snapshot()
    await ask(railway, query, { ...variables })
    expect(left(railway)).toEqual({ ...whole, ...lost })
    if (Object.keys(lost).length > 0) expect(railway.snapshot()).not.toBe(before)
  })
})

test('an update that names no service detaches the volume everywhere', () =>
  withKestrel(async (railway) => {
    await ask(railway, `mutation { volumeInstanceUpdate(volumeId: "${volumeId}", input: {}) }`)
    const instances = railway.ground.world.volumeInstances.where((row) => row.volumeId === volumeId)
    expect(instances.map(({ serviceId }) => serviceId)).toEqual([null, null])
    expect(left(railway)).toEqual(whole)
  }))

test('a restore wipes the volume of a service in the same environment', () =>
  withKestrel(async (railway) => {
    const backup = `mutation { volumeInstanceBackupCreate(volumeInstanceId: "${kestrel.stagingInstanceId}") { workflowId } }`
    await ask(railway, backup)
    const id = railway.ground.world.backups.all().at(-1)?.id
    await ask(
      railway,
      `mutation { volumeInstanceBackupRestore(volumeInstanceId: "${kestrel.stagingInstanceId}", volumeInstanceBackupId: "${id}", wipeServiceIds: ["${webId}"]) { workflowId } }`,
    )
    expect(existsSync(join(railway.volumePath(kestrel.scratchInstanceId), 'notes.txt'))).toBe(false)
    expect(rows(railway.volumePath(kestrel.stagingInstanceId)).bookings).toBe(120)
  }))

test('a backup is a copy of the bytes, inside the volume, and a lock does not keep it', () =>
  withKestrel(async (railway) => {
    const make = `mutation { volumeInstanceBackupCreate(${at}, name: "mine") { workflowId } }`
    const made = await ask(railway, make)
    expect(made.errors).toEqual([])
    const backup = railway.ground.world.backups.all().at(-1)
    const path = railway.backupPath(productionInstanceId, backup?.id ?? '')
    expect(path.startsWith(railway.volumePath(productionInstanceId))).toBe(true)
    expect(rows(path)).toEqual(rows(railway.volumePath(productionInstanceId)))
    const named = `${at}, volumeInstanceBackupId: "${backup?.id}"`
    await ask(railway, `mutation { volumeInstanceBackupLock(${named}) }`)
    await ask(railway, `mutation { volumeInstanceBackupDelete(${named}) { workflowId } }`)
    expect(existsSync(path)).toBe(false)
  }))

test('a scheduled deletion happens when its 48 hours are over, unless it is taken back', async () => {
  const day = 86_400_000
  const clock = { at: Date.parse('2026-04-24T12:00:00Z'), now: (): number => clock.at }
  await withKestrel(
    async (railway) => {
      const touch = (): Promise<unknown> => ask(railway, '{ me { id } }')
      await ask(railway, `mutation { projectScheduleDelete(id: "${projectId}") }`)
      await ask(railway, `mutation { projectScheduleDeleteCancel(id: "${projectId}") }`)
      clock.at += 3 * day
      await touch()
      expect(left(railway)).toEqual(whole)
      await ask(railway, `mutation { projectScheduleDelete(id: "${projectId}") }`)
      clock.at += 2 * day - 1
      await touch()
      expect(left(railway)).toEqual(whole)
      clock.at += 1
      await touch()
      expect(left(railway)).toEqual(nothing)
    },
    { clock },
  )
})

test('sizes are those of the real directory', () =>
  withKestrel(async (railway) => {
    const query = `{ volumeInstance(id: "${productionInstanceId}") { currentSizeMB } }`
    const bytes = railway.ground.disk.totalBytes(productionInstanceId)
    expect(bytes).toBeGreaterThan(1_000_000)
    const { data } = await ask(railway, query)
    expect(data).toEqual({ volumeInstance: { currentSizeMB: bytes / 1_000_000 } })
  }))

test('an id that climbs out of the folder loses nothing', () =>
  withKestrel(async (railway) => {
    const before = railway.snapshot()
    for (const id of ['../..', '..', '.', '/', '../volumes'])
      await ask(railway, `mutation { volumeDelete(volumeId: "${id}") }`)
    railway.ground.disk.dropVolume('../..')
    railway.ground.disk.dropVolume('..')
    expect(railway.snapshot()).toBe(before)
  }))

test('a project token is kept to its environment; every other token can do everything', () =>
  withKestrel(async (railway) => {
    const staging = { 'project-access-token': railway.token(kestrel.tokens.staging) }
    const before = railway.snapshot()
    for (const query of [
      `mutation { volumeDelete(volumeId: "${volumeId}") }`,
      `mutation { volumeInstanceUpdate(volumeId: "${volumeId}", environmentId: "${productionId}", input: { state: DELETED }) }`,
      `mutation { environmentDelete(id: "${productionId}") }`,
      `mutation { serviceDelete(id: "${databaseId}") }`,
      `{ variables(environmentId: "${productionId}", projectId: "${projectId}") }`,
      '{ apiTokens { edges { node { name } } } }',
    ]) {
      const { errors } = await ask(railway, query, {}, staging)
      expect(errors.map(({ message }) => message)).toEqual(['Not Authorized'])
    }
    expect(railway.snapshot()).toBe(before)
    const scratch = `mutation { volumeInstanceUpdate(volumeId: "${kestrel.scratchVolumeId}", environmentId: "${stagingId}", input: { state: DELETED }) }`
    expect((await ask(railway, scratch, {}, staging)).errors).toEqual([])
    const workspace = bearer(railway, kestrel.tokens.workspace)
    const gone = `mutation { volumeDelete(volumeId: "${volumeId}") }`
    expect((await ask(railway, gone, {}, workspace)).errors).toEqual([])
    expect(left(railway)).toMatchObject({ production: 0, staging: 0, backups: 0 })
  }))

test('the same seed of ids and the same clock give the same world', async () => {
  const digests: string[] = []
  for (const seed of ['a', 'a'])
    await withKestrel(
      async (railway) => {
        await ask(railway, `mutation { volumeDelete(volumeId: "${volumeId}") }`)
        await ask(
          railway,
          `mutation { environmentCreate(input: { name: "pr", projectId: "${projectId}", sourceEnvironmentId: "${stagingId}" }) { id } }`,
        )
        digests.push(railway.snapshot())
      },
      { newId: countedIds(seed), clock: { now: () => 1_777_000_000_000 } },
    )
  expect(digests[0]).toBe(digests[1])
})
