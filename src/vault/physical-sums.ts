/** The server's own manifest of a base backup: the size and checksum of every file, and the files as they pass held to it. */
import { createHash } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import { isObject, parseJson, textOf } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { combined } from './crc32c.ts'
import type { TarEar } from './physical-tar.ts'

export interface FileSum {
  readonly size: number
  readonly crc32c: number
}

/** Files by their path below the data directory. */
export type FileSums = Map<string, FileSum>

/** Throws `broken_store` for a text that is not whole: its last line holds the checksum of all before it. */
export function readSums(text: Buffer): FileSums {
  const last = text.lastIndexOf('\n', text.length - 2) + 1
  const value = parseJson(text.toString('utf8'))
  const own = createHash('sha256').update(text.subarray(0, last)).digest('hex')
  if (!isObject(value) || value['Manifest-Checksum'] !== own) throw broken('it is damaged itself')
  const files = value['Files']
  if (!Array.isArray(files)) throw broken('it names no files')
  return new Map(files.map((file: Json) => sumOf(file)))
}

/** Where in an archive its files lie: their parts are summed by others, in any order, and put together at the end. */
export interface Spans {
  readonly ear: TarEar
  /** The parts of files between two places of the archive, each place counted from the first; none is asked for twice. */
  within(from: number, to: number): readonly Span[]
  /** The sums of those parts, in their order, as the sums of the files. */
  settle(parts: readonly number[], sums: FileSums): void
}

/** From where to where. */
export type Span = readonly [number, number]

export function openSpans(below: string): Spans {
  const files: { readonly path: string; readonly at: number; readonly size: number }[] = []
  /** Of each part: whose it is, and its length. */
  const asked: { readonly path: string; readonly bytes: number }[] = []
  /** Files before this one lie wholly before what is asked for next. */
  let first = 0
  return {
    ear: {
      begins: ({ path, kind, size }, at) => {
        if (kind === 'file') files.push({ path: `${below}${path}`, at, size })
      },
      takes: () => undefined,
      ends: () => undefined,
    },
    within: (from, to) => {
      const found: Span[] = []
      for (let index = first; index < files.length; index += 1) {
        const { path, at, size } = files[index] ?? { path: '', at: to, size: 0 }
        const [begin, end] = [Math.max(at, from), Math.min(at + size, to)]
        if (end > begin) {
          found.push([begin - from, end - from])
          asked.push({ path, bytes: end - begin })
        }
        if (at + size > to) break
        first = index + 1
      }
      return found
    },
    settle: (parts, sums) => {
      for (const { path } of files) sums.set(path, { size: 0, crc32c: 0 })
      for (const [index, { path, bytes }] of asked.entries()) {
        const { size, crc32c } = sums.get(path) ?? { size: 0, crc32c: 0 }
        sums.set(path, {
          size: size + bytes,
          crc32c: combined(crc32c, parts[index] ?? 0, bytes),
        })
      }
    },
  }
}

/** The first file that is not as the server says, and how it differs; null where all are there as they should be. */
export function firstDifference(wanted: FileSums, found: FileSums): string | null {
  for (const [path, { size, crc32c }] of wanted) {
    const is = found.get(path)
    if (is === undefined) return `\`${path}\` is missing`
    if (is.size !== size) return `\`${path}\` has ${is.size} bytes and not ${size}`
    if (is.crc32c !== crc32c) return `\`${path}\` does not have its checksum`
  }
  const more = [...found.keys()].find((path) => !wanted.has(path))
  return more === undefined ? null : `\`${more}\` is not in the server's manifest`
}

function sumOf(file: Json): [string, FileSum] {
  if (!isObject(file)) throw broken('a file in it is none')
  const { Size: size, Checksum: sum } = file
  const of = file['Checksum-Algorithm']
  if (of !== 'CRC32C' || !Number.isInteger(size) || !/^[0-9a-f]{8}$/.test(textOf(sum)))
    throw broken('a file in it has no size or no CRC-32C')
  const encoded = Buffer.from(textOf(file['Encoded-Path']), 'hex').toString('utf8')
  const path = encoded === '' ? textOf(file['Path']) : encoded
  // As it lies in the memory of the server.
  return [path, { size: Number(size), crc32c: Buffer.from(textOf(sum), 'hex').readUInt32LE() }]
}

function broken(why: string): FirebreakError {
  return new FirebreakError(
    'broken_store',
    `the server's manifest of a base backup cannot be used: ${why}`,
  )
}
