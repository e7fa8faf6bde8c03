import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { filesInTar } from './restic-tar.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-tar-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const long = join('d'.repeat(90), 'e'.repeat(90))
const longer = join(long, 'f'.repeat(200))
mkdirSync(join(folder, long), { recursive: true })
const content: { readonly [path: string]: string } = {
  plain: 'x'.repeat(1500),
  empty: '',
  [join(long, 'short')]: 'y'.repeat(512),
}
for (const [path, text] of Object.entries(content)) writeFileSync(join(folder, path), text)
writeFileSync(join(folder, longer), 'long')
symlinkSync('t'.repeat(300), join(folder, 'link'))

/** GNU's own tar; ustar cannot hold the longest names. */
function archive(format: 'gnu' | 'pax' | 'ustar'): Buffer {
  const left = format === 'ustar' ? ['--exclude=f*', '--exclude=link'] : []
  return execFileSync('tar', [
    ...left,
    `--format=${format}`,
    '-C',
    folder,
    '-cf',
    '-',
    'plain',
    'empty',
    'd'.repeat(90),
    ...(format === 'ustar' ? [] : ['link']),
  ])
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size)
    yield await Promise.resolve(bytes.subarray(at, at + size))
}

async function read(bytes: Buffer, size: number): Promise<{ readonly [path: string]: string }> {
  const found: { [path: string]: string } = {}
  let path = ''
  for await (const part of filesInTar(pieces(bytes, size))) {
    if (part.kind === 'file') found[(path = part.path)] = ''
    if (part.kind === 'bytes') found[path] += Buffer.from(part.bytes).toString('latin1')
  }
  return found
}

test.each(['gnu', 'pax', 'ustar'] as const)(
  '%s: every file comes with its name and its bytes, however it is cut into pieces',
  async (format) => {
    const bytes = archive(format)
    const wanted = format === 'ustar' ? content : { ...content, [longer]: 'long' }
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (size) => {
        expect(await read(bytes, size)).toEqual(wanted)
      }),
      { numRuns: 20 },
    )
  },
)

test('an archive that was cut off anywhere is not taken for a whole one', async () => {
  const bytes = archive('pax')
  const ends = bytes.length - bytes.toReversed().findIndex((byte) => byte !== 0)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: ends }), async (at) => {
      await expect(read(bytes.subarray(0, at), 700)).rejects.toThrow(/cut off/)
    }),
  )
})

test('a damaged header is none', async () => {
  const bytes = archive('gnu')
  bytes.writeUInt8(bytes.readUInt8(3) ^ 1, 3)
  await expect(read(bytes, 512)).rejects.toThrow('a header is damaged')
})

test('whoever stops reading lets go of what gives the bytes', async () => {
  let over = false
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces(archive('pax'), 512)
    } finally {
      over = true
    }
  }
  for await (const part of filesInTar(watched())) if (part.kind === 'bytes') break
  expect(over).toBe(true)
})
