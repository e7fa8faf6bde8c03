import { webcrypto } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openBytes, sealBytes } from './chunks.ts'

const key = new Uint8Array(32).fill(7)
const salt = new Uint8Array(32).fill(9)
const by = { id: null, key, context: 'object' }
const opening = { keys: [{ id: null, key }], context: 'object' }

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function gather(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of bytes) all.push(piece)
  return Buffer.concat(all)
}

const patterned = (length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, at) => at % 251))

/** A second reader, from docs/formats/recovery-point.md §2 alone: it shares no code with the first. */
async function readAgain(sealed: Buffer, context: string): Promise<Buffer> {
  expect(sealed.subarray(0, 8).toString('latin1')).toBe('fbvault1')
  const material = await webcrypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveKey'])
  const info = new TextEncoder().encode(`firebreak vault ${context}`)
  const fileKey = await webcrypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: Uint8Array.from(sealed.subarray(8, 40)), info },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['decrypt'],
  )
  const chunks: Uint8Array[] = []
  for (let at = 40; at < sealed.length; at += 65_552) {
    const iv = new Uint8Array(12)
    new DataView(iv.buffer).setBigUint64(3, BigInt((at - 40) / 65_552))
    iv[11] = at + 65_552 >= sealed.length ? 1 : 0
    const chunk = Uint8Array.from(sealed.subarray(at, at + 65_552))
    const plain = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv }, fileKey, chunk)
    chunks.push(new Uint8Array(plain))
  }
  return Buffer.concat(chunks)
}

test('the golden vector: key 07×32, salt 09×32, context object, text `firebreak`', async () => {
  const sealed = await gather(sealBytes(pieces(Buffer.from('firebreak'), 4), by, salt))
  expect(sealed.toString('hex')).toBe(
    `66627661756c7431${'09'.repeat(32)}a739b5c852101f0a93098d8dc027280eef2aab31c324b8663b`,
  )
})

test('a file says which of several keys it is under', async () => {
  const id = '0123456789abcdef'.repeat(2)
  const sealed = await gather(
    sealBytes(pieces(Buffer.from('firebreak'), 4), { id, key, context: 'object' }, salt),
  )
  // The same file key as without an id: only the head differs.
  expect(sealed.toString('hex')).toBe(
    `66627661756c7432${id}${'09'.repeat(32)}a739b5c852101f0a93098d8dc027280eef2aab31c324b8663b`,
  )
  const used: (string | null)[] = []
  const keys = [
    { id: null, key: new Uint8Array(32).fill(1) },
    { id, key },
  ]
  const hear = { keys, context: 'object', used: (by: { id: string | null }) => used.push(by.id) }
  expect((await gather(openBytes(pieces(sealed, 7), hear))).toString()).toBe('firebreak')
  expect(used).toEqual([id])
  await expect(gather(openBytes(pieces(sealed, 7), opening))).rejects.toThrow(id)
})

test.each([0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])(
  '%i bytes come back, also to a reader that shares no code',
  async (length) => {
    const plain = patterned(length)
    const sealed = await gather(sealBytes(pieces(plain, 10_007), by, salt))
    expect((await gather(openBytes(pieces(sealed, 9_999), opening))).equals(plain)).toBe(true)
    expect((await readAgain(sealed, 'object')).equals(plain)).toBe(true)
  },
)

test('what was sealed comes back however it is cut into pieces', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 400 }),
      async (plain, size) => {
        const sealed = await gather(sealBytes(pieces(plain, size), by, salt))
        const back = await gather(openBytes(pieces(sealed, size), opening))
        expect(back.equals(Buffer.from(plain))).toBe(true)
      },
    ),
  ))

test('no changed bit, cut or addition opens', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(),
      fc.constantFrom('flip', 'cut', 'add'),
      async (plain, seed, how) => {
        const sealed = await gather(sealBytes(pieces(plain, 64), by, salt))
        const at = seed % sealed.length
        const flipped = Buffer.from(sealed)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (seed % 8))
        const bad = {
          flip: flipped,
          cut: sealed.subarray(0, at),
          add: Buffer.concat([sealed, Buffer.from([at % 256])]),
        }
        await expect(gather(openBytes(pieces(bad[how], 64), opening))).rejects.toMatchObject({
          code: 'broken_store',
        })
      },
    ),
  ))

test.each<[string, (chunks: readonly Buffer[]) => readonly Buffer[]]>([
  ['dropped at the end', (chunks) => chunks.slice(0, 2)],
  ['dropped in the middle', (chunks) => chunks.filter((_, at) => at !== 1)],
  ['swapped', ([a, b, c]) => [b, a, c].filter((chunk) => chunk !== undefined)],
  ['repeated', ([a, b, c]) => [a, a, b, c].filter((chunk) => chunk !== undefined)],
])('a chunk that was %s is noticed', async (_, change) => {
  const sealed = await gather(sealBytes(pieces(patterned(150_000), 65_536), by, salt))
  const chunks = [40, 65_592, 131_144].map((at) => sealed.subarray(at, at + 65_552))
  const bad = Buffer.concat([sealed.subarray(0, 40), ...change(chunks)])
  await expect(gather(openBytes(pieces(bad, 70_000), opening))).rejects.toMatchObject({
    code: 'broken_store',
  })
})

test.each([
  ['another key', { ...opening, keys: [{ id: null, key: new Uint8Array(32).fill(8) }] }],
  ['another context', { ...opening, context: 'point p1' }],
  ['a key with an id', { ...opening, keys: [{ id: '01'.repeat(16), key }] }],
])('%s opens nothing', async (_, other) => {
  const sealed = await gather(sealBytes(pieces(Buffer.from('firebreak'), 4), by, salt))
  await expect(gather(openBytes(pieces(sealed, 64), other))).rejects.toMatchObject({
    code: 'broken_store',
  })
})

test.each<[string, (sealed: Buffer) => Buffer, number]>([
  ['is read whole', (sealed) => sealed, Infinity],
  ['is read in part', (sealed) => sealed, 1],
  ['is no sealed file', () => Buffer.from('something that nobody has sealed, and long enough'), 0],
  [
    'is damaged at once',
    (sealed) => Buffer.concat([sealed.subarray(0, 60), Buffer.alloc(200_000)]),
    0,
  ],
])('where it comes from is closed when what is stored %s', async (_, change, most) => {
  const sealed = await gather(sealBytes(pieces(patterned(200_000), 65_536), by, salt))
  let closed = false
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces(change(sealed), 4096)
    } finally {
      closed = true
    }
  }
  const read = async (): Promise<void> => {
    let count = 0
    for await (const { length } of openBytes(watched(), opening)) {
      count += length > 0 ? 1 : 0
      if (count >= most) break
    }
  }
  await read().catch(() => null)
  expect(closed).toBe(true)
})
