/** outside-the-radius: a grade is what was shown of this bucket, by credentials that were really tried, not long ago. */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { S3Refusal } from '../../sim/s3/fault.ts'
import { startSimS3 } from '../../sim/s3/server.ts'
import type { Flaws, SimS3 } from '../../sim/s3/server.ts'
import { kestrel } from '../../sim/tenant.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { gradeOfProof } from '../../src/vault/grade.ts'
import { attack } from '../../src/vault/s3-attack.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { canary } from '../vault/attack-contract.ts'
import { bucketAt, makeBucket } from '../vault/s3-ground.ts'

const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }
const volumeDelete = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`

let server: SimS3
let refuses: NonNullable<Flaws['refuses']>
let ahead: number
const rigs: Rig[] = []

beforeEach(async () => {
  refuses = () => null
  ahead = 0
  server = await startSimS3([owner], {
    refuses: (operation) => refuses(operation),
    now: () => Date.now() + ahead,
  })
})
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close()
  await server.close()
})

async function open(minimum: string): Promise<Rig> {
  const { bucket } = await makeBucket({ ...server, owner }, true)
  const rig = await openRig('', {
    minimum,
    vault: `  bucket: { name: ${bucket}, endpoint: '${server.endpoint}', apart: other account }`,
  })
  rigs.push(rig)
  const secret = `${owner.id}:${owner.secret}`
  await rig.people.callAs('custody-add', { target: 'bucket', secret })
  expect(await rig.people.call('vault-grade')).toMatchObject({ grade: 'V4' })
  return rig
}

async function ask(rig: Rig): Promise<JsonObject> {
  const grant = await rig.people.mint('agent:cursor', everything)
  return (await rig.ask(grant, volumeDelete)).body
}

async function approve(rig: Rig, id: Json | undefined): Promise<JsonObject> {
  const shown = await rig.people.call('hold-show', { id: textOf(id) })
  const digest = isObject(shown) ? textOf(shown['shown']) : ''
  const result = await rig.people.callAs('hold-approve', { id: textOf(id), shown: digest })
  return isObject(result) ? result : {}
}

test('recovery-first: a grade that could not be shown again for days is none', async () => {
  const rig = await open('V4')
  // Whoever owns the bucket lets copies in, and the canary be looked at no more.
  refuses = (operation) => (operation === 'GetObject' ? new S3Refusal(403, 'AccessDenied') : null)
  rig.pass(3 * 86_400_000)
  ahead = 3 * 86_400_000
  const held = await ask(rig)
  expect(JSON.stringify(held)).toMatch(/has grade V\d, and V4 is asked for/)
})

test('a grade is of one bucket: what lies in another is worth what a folder is', async () => {
  const rig = await open('V0')
  await approve(rig, (await ask(rig))['holdId'])
  await rig.restart()
  const listed = async (): Promise<JsonObject> => {
    const all = await rig.people.call('vault-list')
    const [first = null] = Array.isArray(all) ? all : []
    return isObject(first) ? first : {}
  }
  await expect.poll(async () => (await listed())['grade'], { timeout: 15_000 }).toBe('V4')
  const { bucket: other } = await makeBucket({ ...server, owner }, true)
  const { file } = rig.config
  await rig.restart(() => {
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(/bucket: \{ name: \w+/, `bucket: { name: ${other}`))
  })
  const changes = await rig.people.call('power-changes')
  // Nothing can be copied there: only the attack is answered.
  refuses = (operation) =>
    operation === 'ListObjectVersions' ? new S3Refusal(503, 'SlowDown') : null
  await rig.people.callAs('accept', { power: isObject(changes) ? textOf(changes['power']) : '' })
  await rig.people.call('vault-grade')
  expect(await listed()).toMatchObject({ grade: 'V1' })
}, 60_000)

test.each([
  ['a session that is none', 400, 'InvalidToken'],
  ['a request that came too slowly', 400, 'RequestTimeout'],
  ['an account that is closed', 403, 'AccountProblem'],
  ['a key that is switched off', 403, 'InvalidSecurity'],
  ['a service that wants fewer requests', 429, 'Throttling'],
  ['a call that was garbled', 400, 'IncompleteBody'],
])('%s is no attack that was refused', async (_, status, code) => {
  const place = await makeBucket({ ...server, owner }, true)
  const other = { id: 'AKOTHER', secret: 'of-another', may: () => true }
  const bucket = await bucketAt({ ...server, owner }, place)
  const theirs = await startSimS3([other], { refuses: () => new S3Refusal(status, code) })
  const attacker = await bucketAt(
    { ...theirs, owner: other },
    { ...place, endpoint: theirs.endpoint },
  )
  const found = await attack(bucket, attacker, canary('COMPLIANCE'))
  expect(gradeOfProof({ ...found, locked: true, apart: 'other account' })).toBe('V1')
  bucket.close()
  attacker.close()
  await theirs.close()
})
