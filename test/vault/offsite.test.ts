/** outside-the-radius: the daemon copies every point into a bucket that locks, and counts what the canary attack shows of it. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { S3Refusal } from '../../sim/s3/fault.ts'
import { startSimS3 } from '../../sim/s3/server.ts'
import type { Flaws, SimS3 } from '../../sim/s3/server.ts'
import { kestrel } from '../../sim/tenant.ts'
import { openAlone, pointsAlone } from '../../src/app/alone.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { restoreFolder } from '../../src/vault/restore.ts'
import { openBudget, defaultLimits } from '../../src/vault/budget.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { makeBucket, realClock } from './s3-ground.ts'

const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }
const volumeDelete = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`

let server: SimS3
let rig: Rig
let flaws: { -readonly [K in keyof Flaws]: Flaws[K] }
let bucket: string

beforeEach(async () => {
  flaws = {}
  // What it can be made to do wrong later is asked each time.
  server = await startSimS3([owner], {
    locking: (lock) => (flaws.locking === undefined ? lock : flaws.locking(lock)),
    refuses: (operation) => flaws.refuses?.(operation) ?? null,
  })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rig.close()
  await server.close()
})

async function open(minimum: string, isLocked = true): Promise<void> {
  ;({ bucket } = await makeBucket({ ...server, owner }, isLocked))
  rig = await openRig('', {
    minimum,
    vault: `  bucket: { name: ${bucket}, endpoint: '${server.endpoint}', apart: other account }`,
  })
  const secret = `${owner.id}:${owner.secret}`
  await rig.people.callAs('custody-add', { target: 'bucket', secret })
}

async function ask(): Promise<JsonObject> {
  const grant = await rig.people.mint('agent:cursor', everything)
  return (await rig.ask(grant, volumeDelete)).body
}

async function approve(id: Json | undefined): Promise<JsonObject> {
  const shown = await rig.people.call('hold-show', { id: textOf(id) })
  const digest = isObject(shown) ? textOf(shown['shown']) : ''
  const result = await rig.people.callAs('hold-approve', { id: textOf(id), shown: digest })
  return isObject(result) ? result : {}
}

async function listed(): Promise<readonly JsonObject[]> {
  const all = await rig.people.call('vault-list')
  return Array.isArray(all) ? all.filter(isObject) : []
}

test('recovery-first: where a folder is not enough, the act waits for the copy in the bucket', async () => {
  await open('V4')
  const graded = await rig.people.call('vault-grade')
  expect(graded).toMatchObject({ grade: 'V4', by: [{ name: 'bucket', control: true }] })
  const held = await ask()
  expect(held['verdict']).toBe('hold')
  const approved = await approve(held['holdId'])
  expect(approved['state']).toBe('scheduled')
  const points = await listed()
  expect(points.length).toBeGreaterThan(0)
  for (const point of points) expect(point).toMatchObject({ grade: 'V4' })

  // Everything of this machine's is gone: the bucket and the key bring it back.
  rmSync(join(rig.dir, 'vault'), { recursive: true })
  vi.stubEnv('AWS_ACCESS_KEY_ID', owner.id)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', owner.secret)
  vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpoint)
  const key = join(rig.dir, 'home/.firebreak/key')
  const { box } = await openAlone({
    store: `s3://${bucket}/firebreak`,
    key,
    identity: null,
    signer: null,
  })
  const [found] = await pointsAlone(box)
  expect(found?.id).toBe(points[0]?.['id'])
  const back = join(rig.dir, 'back')
  const budget = openBudget(defaultLimits, realClock, () => undefined)
  await restoreFolder(await box.manifest(found?.id ?? ''), back, box, { budget })
  expect(readdirSync(back).length).toBeGreaterThan(0)
})

test('recovery-first: a bucket that has shown nothing yet, or does not answer, lets nothing through', async () => {
  await open('V4')
  const early = await ask()
  // Nothing was attacked since custody had no credential when it started.
  expect(JSON.stringify(early)).toMatch(/has grade V1, and V4 is asked for/)
  await rig.people.call('vault-grade')
  const held = await ask()
  await server.close()
  const refused = await approve(held['holdId'])
  expect(refused['state']).toBe('failed')
  expect(refused['closing']).toMatch(/no verified recovery point: .*could not be copied/)
  expect(rig.platform.mutations()).toBe(0)
  server = await startSimS3([owner])
}, 60_000)

test('a bucket without locks is refused by name, and has no grade', async () => {
  await open('V4', false)
  await expect(rig.people.call('vault-grade')).rejects.toThrow(/object lock|lock/i)
  expect(JSON.stringify(await ask())).toMatch(/V4 is asked for/)
})

test('what was taken while the bucket was away is there after it came back, and is locked', async () => {
  await open('V0')
  flaws.refuses = () => new S3Refusal(503, 'SlowDown')
  const held = await ask()
  expect((await approve(held['holdId']))['state']).toBe('scheduled')
  const [before] = await listed()
  expect(before).toMatchObject({ grade: 'V1' })
  delete flaws.refuses
  await rig.restart()
  await expect.poll(async () => (await listed())[0]?.['grade'], { timeout: 15_000 }).toBe('V4')
  const status = await rig.people.call('vault-status')
  expect(status).toMatchObject({ offsite: { grade: 'V4', waiting: 0, trouble: null } })
  expect(JSON.stringify(status)).toMatch(/"isOffSite":true,"lockedUntil":\d+/)

  const id = textOf((await listed())[0]?.['id'])
  rmSync(join(rig.dir, 'vault/points', `${id}.manifest`))
  expect(await rig.people.call('vault-verify', { id })).toMatchObject({
    whole: false,
    alsoIn: `s3://${bucket}/firebreak at ${server.endpoint}`,
  })
})

test('a grade that fell is an alarm, and the points there are worth no more', async () => {
  await open('V0')
  const held = await ask()
  await approve(held['holdId'])
  await rig.restart()
  await expect.poll(async () => (await listed())[0]?.['grade'], { timeout: 15_000 }).toBe('V4')
  // The provider now keeps GOVERNANCE locks, which whoever has one right more can lift.
  flaws.locking = (lock) => ({ ...lock, mode: 'GOVERNANCE' })
  expect(await rig.people.call('vault-grade')).toMatchObject({ grade: 'V1' })
  expect((await listed())[0]).toMatchObject({ grade: 'V1' })
  expect(JSON.stringify(await rig.people.call('alarm-list', { all: true }))).toContain(
    'had grade V4 and has V1',
  )
})
