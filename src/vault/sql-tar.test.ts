import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openTar } from './physical-tar.ts'
import type { TarEntry } from './physical-tar.ts'
import { tarEnd, tarHead, tarPadding } from './sql-tar.ts'
import type { Head } from './sql-tar.ts'

const path = fc
  .array(fc.stringMatching(/^[a-z0-9_]{1,12}$/), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join('/'))

test('what is written is read back the same, and ends where it ends', () => {
  fc.assert(
    fc.property(path, fc.uint8Array({ maxLength: 3000 }), (path, content) => {
      const found: TarEntry[] = []
      const taken: Uint8Array[] = []
      const tar = openTar({
        begins: (entry) => void found.push(entry),
        takes: (bytes) => void taken.push(bytes.slice()),
        ends: () => undefined,
      })
      const heads: readonly Head[] = [
        { kind: 'directory', path },
        { kind: 'link', path, to: '/far' },
        { kind: 'file', path, size: content.length },
      ]
      for (const head of heads) tar.push(tarHead(head))
      for (const part of [content, tarPadding(content.length), tarEnd()]) tar.push(part)
      tar.end()
      expect(found.map(({ kind }) => kind)).toEqual(['directory', 'link', 'file'])
      expect(found.every((entry) => entry.path === path)).toBe(true)
      expect(Buffer.concat(taken)).toEqual(Buffer.from(content))
    }),
  )
})

test.each([0, 1, 8 * 1024 ** 3 - 1, 8 * 1024 ** 3, 2 ** 40 + 7])(
  'a size of %s is the same behind it',
  (size) => {
    const found: number[] = []
    const begins = ({ size: is }: TarEntry): void => void found.push(is)
    const tar = openTar({ begins, takes: () => undefined, ends: () => undefined })
    tar.push(tarHead({ kind: 'file', path: 'base/1/2', size }))
    expect(found).toEqual([size])
  },
)

test('a path that no header holds is no archive', () => {
  expect(() => tarHead({ kind: 'directory', path: 'x'.repeat(100) })).toThrow('too long')
})
