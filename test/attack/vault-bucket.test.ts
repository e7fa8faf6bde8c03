/** outside-the-radius: who holds the bucket's credential can write first; what lies there under a name is ours when it opens. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startSimS3 } from '../../sim/s3/server.ts'
import { openBox } from '../../src/vault/box.ts'
import type { Box } from '../../src/vault/box.ts'
import { openOffsite } from '../../src/vault/offsite.ts'
import type { Offsite } from '../../src/vault/offsite.ts'
import { openPress } from '../../src/vault/physical-press.ts'
import { openSegment, putSegment, segmentId } from '../../src/vault/physical-segments.ts'
import { freshFolder, storeIn } from '../vault/keys-house.ts'
import { bucketAt, dayMs, makeBucket, ownerOf, realClock, storeAt } from '../vault/s3-ground.ts'
import type { Service } from '../vault/s3-ground.ts'

const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }
const of = { system: '7318', timeline: 1, segmentBytes: 1 << 20 }
const key = new Uint8Array(32).fill(7)

let service: Service
let place: Awaited<ReturnType<typeof makeBucket>>
let bucket: Awaited<ReturnType<typeof bucketAt>>
let box: Box

beforeEach(async () => {
  service = { ...(await startSimS3([owner])), owner }
  place = await makeBucket(service, true)
  bucket = await bucketAt(service, place)
  box = openBox(await storeIn(freshFolder()), key, randomBytes)
})
afterEach(async () => {
  bucket.close()
  await service.close()
})

function offsite(): Offsite {
  const open = async (): Promise<Awaited<ReturnType<typeof storeAt>>> => await storeAt(bucket)
  return openOffsite({
    place: 'there',
    box,
    open,
    keepMs: 30 * dayMs,
    clock: realClock,
    grade: () => 'V4',
  })
}

async function putWal(start: bigint): Promise<string> {
  const press = openPress(1)
  async function* bytes(): AsyncGenerator<{ sentAt: number; bytes: Uint8Array }> {
    yield { sentAt: Date.now(), bytes: randomBytes(of.segmentBytes) }
  }
  await putSegment({ box, press }, of, start, bytes())
  await press.stop()
  return segmentId(start, of)
}

async function plant(name: string): Promise<void> {
  const hand = ownerOf(service)
  await hand.putObject({ Bucket: place.bucket, Key: `vault/${name}`, Body: randomBytes(99) })
  hand.destroy()
}

test('a name of WAL that somebody has put first, since anyone can count, is put beside and opens there', async () => {
  const next = segmentId(0n, of)
  await plant(`points/${next}.manifest`)
  // What a start sees, or the look of each day.
  const second = offsite()
  expect(await second.there()).not.toContain(next)
  const id = await putWal(0n)
  expect(id).toBe(next)
  expect(await second.copy(id)).toBeGreaterThan(Date.now() + 29 * dayMs)
  const there = openBox(await storeAt(bucket), key, randomBytes)
  expect((await openSegment(there, of, 0n)).id).toBe(id)
}, 30_000)

test('the same where it is put there after the look', async () => {
  const second = offsite()
  await second.look()
  const id = await putWal(0n)
  await plant(`points/${id}.manifest`)
  expect(await second.copy(id)).toBeGreaterThan(Date.now() + 29 * dayMs)
  const there = openBox(await storeAt(bucket), key, randomBytes)
  expect((await openSegment(there, of, 0n)).id).toBe(id)
}, 30_000)
