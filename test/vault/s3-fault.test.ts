/** Whatever is wrong with a bucket is one clear line: what, where, and what to do; never the credential. */
import { inspect } from 'node:util'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { S3Refusal } from '../../sim/s3/fault.ts'
import { startSimS3 } from '../../sim/s3/server.ts'
import type { Flaws } from '../../sim/s3/server.ts'
import { FirebreakError } from '../../src/base/error.ts'
import { Secret } from '../../src/base/secret.ts'
import { openBucket } from '../../src/vault/s3-bucket.ts'
import type { S3Credential, S3Place } from '../../src/vault/s3-bucket.ts'
import { dayMs, makeBucket, realClock, storeAt } from './s3-ground.ts'
import { namePoint, put, textOf } from './store-contract.ts'

const secret = 'Zx81secretOfTheOwner'
const token = 'Qq17tokenOfTheSession'
const owner = { id: 'AKOWNER', secret, may: () => true }
const session = { id: 'AKSHORT', secret, session: { token, until: 0 }, may: () => true }
const limited = { id: 'AKLIMIT', secret, may: (operation: string) => operation.startsWith('List') }
const good: S3Credential = { id: 'AKOWNER', secret: new Secret(secret), session: null }

interface Wrong {
  readonly flaws?: Flaws
  readonly credential?: Partial<S3Credential>
  readonly place?: Partial<S3Place>
}

/** What is said when a store is opened and a point put into it. */
async function said({ flaws = {}, credential = {}, place = {} }: Wrong): Promise<FirebreakError> {
  let isMade = false
  const whenMade: Flaws = {
    ...flaws,
    now: () => (isMade ? (flaws.now?.() ?? Date.now()) : Date.now()),
  }
  const server = await startSimS3([owner, session, limited], whenMade)
  const where = await makeBucket({ ...server, owner }, true)
  isMade = true
  const bucket = await openBucket({ ...where, ...place }, { ...good, ...credential }, realClock, 1)
  try {
    const store = await storeAt(bucket)
    await put(store, { obj_a: 'a' })
    await namePoint(store, 'point_a', 'manifest')
    await textOf(store.get('obj_a'))
  } catch (thrown) {
    if (thrown instanceof FirebreakError) return thrown
    throw thrown
  } finally {
    bucket.close()
    await server.close()
  }
  throw new Error('nothing was wrong')
}

const refuses = (which: string, status: number, code: string): Wrong => ({
  flaws: {
    refuses: (operation) => (operation === which ? new S3Refusal(status, code) : null),
  },
})
const late = (minutes: number): Wrong => ({
  flaws: { now: () => Date.now() + minutes * 60_000 },
})

test.each<[string, Wrong, string, RegExp, RegExp]>([
  [
    'a right that is missing',
    { credential: { id: 'AKLIMIT' } },
    'bad_config',
    /take an object: the credential may not do this/,
    /PutObjectRetention/,
  ],
  [
    'an unknown key',
    { credential: { id: 'AKNOBODY' } },
    'bad_config',
    /be opened: the credential is not accepted/,
    /custody/,
  ],
  [
    'a wrong secret',
    { credential: { secret: new Secret('other') } },
    'bad_config',
    /credential is not accepted/,
    /custody/,
  ],
  [
    'an expired session',
    { credential: { id: 'AKSHORT', session: new Secret(token) } },
    'bad_config',
    /credential has expired/,
    /fresh/,
  ],
  [
    'another region',
    { place: { region: 'eu-central-1' } },
    'bad_config',
    /another region/,
    /`region`/,
  ],
  [
    'no bucket',
    { place: { bucket: 'nowhere' } },
    'bad_config',
    /s3:\/\/nowhere\/vault at .* no such bucket/,
    /make it/,
  ],
  [
    'no lock',
    refuses('PutObject', 400, 'InvalidRequest'),
    'bad_config',
    /no object lock/,
    /turned on/,
  ],
  [
    'a lock that is lost',
    { flaws: { locking: () => null } },
    'bad_config',
    /shows no COMPLIANCE lock/,
    /object lock/,
  ],
  [
    'a weaker lock',
    { flaws: { locking: ({ until }) => ({ mode: 'GOVERNANCE', until }) } },
    'bad_config',
    /shows no COMPLIANCE lock/,
    /object lock/,
  ],
  [
    'a shorter lock',
    { flaws: { locking: ({ mode, until }) => ({ mode, until: until - dayMs }) } },
    'bad_config',
    /shortened a lock: asked until 20.* shows 20/,
    /object lock/,
  ],
  [
    'too many requests',
    refuses('PutObject', 503, 'SlowDown'),
    'not_reachable',
    /asks to slow down/,
    /later/,
  ],
  [
    'a fault of the server',
    refuses('HeadObject', 500, 'InternalError'),
    'broken_store',
    /answered 500/,
    /state of the storage/,
  ],
  ['a full bucket', refuses('PutObject', 403, 'QuotaExceeded'), 'broken_store', /quota/, /raise/],
  [
    'nobody there',
    { place: { endpoint: 'http://127.0.0.1:1' } },
    'not_reachable',
    /cannot be reached/,
    /port/,
  ],
  [
    'a clock far away',
    late(20),
    'bad_config',
    /clocks of it and of this machine differ/,
    /time service/,
  ],
  [
    'a clock that is ahead',
    late(6),
    'bad_config',
    /6 minutes ahead of this machine/,
    /time service/,
  ],
  [
    'a clock that is behind',
    late(-6),
    'bad_config',
    /6 minutes behind this machine/,
    /time service/,
  ],
])('%s', async (...[, wrong, code, message, hint]) => {
  const error = await said(wrong)
  expect(error).toMatchObject({ code })
  expect(error.message).toMatch(message)
  expect(error.hint).toMatch(hint)
  expect(error.message).toMatch(/^the (clock of the )?vault `s3:\/\/[^\n]*$/)
  const all = inspect(error, { depth: 20, showHidden: true })
  for (const hidden of [secret, token, 'said by the server', 'AWS4-HMAC'])
    expect(all).not.toContain(hidden)
})

test('a clock that is off by four minutes is good enough', async () => {
  await expect(said(late(4))).rejects.toThrow('nothing was wrong')
})

test.each<[string, number, boolean]>([
  ['is taken up where it broke', 500_000, true],
  ['without one more byte is said', 0, false],
])('a line that breaks again and again %s', async (_, after, comes) => {
  const bytes = 'three cars until Monday '.repeat(100_000)
  let breaks = 0
  const breaksAfter = (): number | null => {
    breaks += 1
    return breaks > 4 ? null : after
  }
  const server = await startSimS3([owner], { breaksAfter })
  const bucket = await openBucket(await makeBucket({ ...server, owner }, true), good, realClock, 1)
  const store = await storeAt(bucket)
  await put(store, { obj_a: bytes })
  const back = textOf(store.get('obj_a'))
  if (comes) expect((await back) === bytes).toBe(true)
  else await expect(back).rejects.toMatchObject({ code: 'not_reachable' })
  expect(breaks).toBe(comes ? 5 : 1)
  bucket.close()
  await server.close()
})

test('the SDK is loaded by one file, when a bucket is opened', () => {
  const root = join(import.meta.dirname, '../..')
  const loads = globSync('src/**/*.ts', { cwd: root }).filter((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return /(?<!import type [^\n]*)from '@aws-sdk|import\('@aws-sdk/.test(text)
  })
  expect(loads).toEqual(['src/vault/s3-bucket.ts'])
  const text = readFileSync(join(root, 'src/vault/s3-bucket.ts'), 'utf8')
  expect(text).toMatch(/await import\('@aws-sdk\/client-s3'\)/)
})
