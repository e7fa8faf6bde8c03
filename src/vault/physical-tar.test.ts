import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openTar } from './physical-tar.ts'

const block = 512

/** A header as PostgreSQL writes it. */
function header(path: string, size: number, flag = '0'): Buffer {
  const head = Buffer.alloc(block)
  head.write(path, 0)
  head.write('0000600\0', 100)
  head.write(`${size.toString(8).padStart(11, '0')} `, 124)
  head.write('        ', 148)
  head.write(flag, 156)
  head.write('ustar\x0000', 257)
  const sum = head.reduce((sum, byte) => sum + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return head
}

function archive(files: readonly (readonly [string, Uint8Array])[]): Buffer {
  const parts = files.flatMap(([path, bytes]) => [
    header(path, bytes.length),
    bytes,
    Buffer.alloc((block - (bytes.length % block)) % block),
  ])
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}

function read(pieces: readonly Uint8Array[]): [string, string, number][] {
  const found: [string, string, number][] = []
  let bytes: Buffer[] = []
  let from = 0
  const tar = openTar({
    begins: (_, at) => {
      from = at
    },
    takes: (part) => void bytes.push(Buffer.from(part)),
    ends: ({ path }) => {
      found.push([path, Buffer.concat(bytes).toString('hex'), from])
      bytes = []
    },
  })
  for (const piece of pieces) tar.push(piece)
  tar.end()
  return found
}

test('files come out as they went in, however the archive is cut', () => {
  const file = fc.tuple(
    fc.constantFrom('a', 'b/c', 'base/5/1259'),
    fc.uint8Array({ maxLength: 1500 }),
  )
  fc.assert(
    fc.property(
      fc.array(file, { maxLength: 5 }),
      fc.integer({ min: 1, max: 700 }),
      (files, size) => {
        const whole = archive(files)
        const pieces: Buffer[] = []
        for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size))
        const found = read(pieces)
        expect(found.map(([path, hex]) => [path, hex])).toEqual(
          files.map(([path, bytes]) => [path, Buffer.from(bytes).toString('hex')]),
        )
        for (const [, hex, from] of found)
          expect(whole.subarray(from, from + hex.length / 2).toString('hex')).toBe(hex)
      },
    ),
  )
})

test('folders are named without what stands around their names', () => {
  const paths: string[] = []
  const tar = openTar({
    begins: ({ path, kind }) => void paths.push(`${kind} ${path}`),
    takes: () => undefined,
    ends: () => undefined,
  })
  tar.push(Buffer.concat([header('./pg_wal/', 0, '5'), header('pg_tblspc/16385', 0, '2')]))
  expect(paths).toEqual(['directory pg_wal', 'link pg_tblspc/16385'])
})

test('a size beyond 8 GiB is read', () => {
  const head = header('large', 0)
  head.fill(0, 124, 136)
  head[124] = 0x80
  head.writeUIntBE(9 * 1024 ** 3, 130, 6)
  head.write('        ', 148)
  const sum = head.reduce((sum, byte) => sum + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const sizes: number[] = []
  const ear = { takes: () => undefined, ends: () => undefined }
  openTar({ ...ear, begins: ({ size }) => void sizes.push(size) }).push(head)
  expect(sizes).toEqual([9 * 1024 ** 3])
})

test.each<[string, Buffer]>([
  ['a header that was changed', Buffer.from(header('a', 3).fill('b', 0, 1))],
  ['a path that climbs out', header('../a', 3)],
  ['an absolute path', header('/etc/passwd', 3)],
  ['a kind that is not known', header('a', 3, 'L')],
])('refused: %s', (_, head) => {
  expect(() => read([head, Buffer.alloc(block)])).toThrow('cannot be read')
})

test('an archive that was cut off is refused', () => {
  const whole = archive([['a', Buffer.alloc(700)]])
  for (const length of [100, block + 100, block + 800])
    expect(() => read([whole.subarray(0, length)])).toThrow('cut off')
})
