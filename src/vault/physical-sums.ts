/** The server's own manifest of a base backup: the size and checksum of every file, and the files as they pass held to it. */
import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import { isObject, parseJson, textOf } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { TarEar, TarEntry } from './physical-tar.ts'

export interface FileSum {
  readonly size: number
  readonly sha256: string
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

/** Hears the entries of one archive, and writes down what each file turned out to be. `below` is the archive's own folder. */
export function summing(below: string, sums: FileSums): TarEar {
  let hash: Hash = createHash('sha256')
  return {
    begins: () => {
      hash = createHash('sha256')
    },
    takes: (bytes) => void hash.update(bytes),
    ends: ({ path, kind, size }: TarEntry) => {
      if (kind === 'file') sums.set(`${below}${path}`, { size, sha256: hash.digest('hex') })
    },
  }
}

/** The first file that is not as the server says, and how it differs; null where all are there as they should be. */
export function firstDifference(wanted: FileSums, found: FileSums): string | null {
  for (const [path, { size, sha256 }] of wanted) {
    const is = found.get(path)
    if (is === undefined) return `\`${path}\` is missing`
    if (is.size !== size) return `\`${path}\` has ${is.size} bytes and not ${size}`
    if (is.sha256 !== sha256) return `\`${path}\` does not have its checksum`
  }
  const more = [...found.keys()].find((path) => !wanted.has(path))
  return more === undefined ? null : `\`${more}\` is not in the server's manifest`
}

function sumOf(file: Json): [string, FileSum] {
  if (!isObject(file) || file['Checksum-Algorithm'] !== 'SHA256' || !Number.isInteger(file['Size']))
    throw broken('a file in it has no size or no SHA-256')
  const encoded = Buffer.from(textOf(file['Encoded-Path']), 'hex').toString('utf8')
  const path = encoded === '' ? textOf(file['Path']) : encoded
  return [path, { size: Number(file['Size']), sha256: textOf(file['Checksum']) }]
}

function broken(why: string): FirebreakError {
  return new FirebreakError(
    'broken_store',
    `the server's manifest of a base backup cannot be used: ${why}`,
  )
}
