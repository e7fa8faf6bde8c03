import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCrc32c } from './crc32c.ts'
import { openSpans } from './physical-sums.ts'
import type { FileSums } from './physical-sums.ts'
import type { TarEntry } from './physical-tar.ts'

const crc = openCrc32c()
const files = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 })
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 })

test('files that are summed in parts have the sums of the files as wholes', () =>
  fc.assert(
    fc.property(files, cuts, (list, steps) => {
      const [apart, passing]: [FileSums, FileSums] = [new Map(), new Map()]
      const spans = openSpans('below/')
      let archive = Buffer.alloc(0)
      for (const [index, bytes] of list.entries()) {
        const entry: TarEntry = { path: `f${index}`, kind: 'file', size: bytes.length, mode: 0o600 }
        // Something stands between files, as their heads do.
        archive = Buffer.concat([archive, Buffer.alloc(7, index)])
        spans.ear.begins(entry, archive.length)
        passing.set(`below/f${index}`, { size: bytes.length, crc32c: crc(bytes) })
        archive = Buffer.concat([archive, bytes])
      }
      const sums: number[] = []
      let at = 0
      for (const step of [...steps, archive.length]) {
        const to = Math.min(archive.length, at + step)
        for (const [from, end] of spans.within(at, to))
          sums.push(crc(archive.subarray(at + from, at + end)))
        at = to
      }
      spans.settle(sums, apart)
      expect(apart).toEqual(passing)
    }),
  ))
