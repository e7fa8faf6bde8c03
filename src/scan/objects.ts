/** The stream of `git cat-file --batch`, object by object, however it is cut into chunks. */
import { mostSightings } from './look.ts'
import type { Eye } from './look.ts'
import { openReader } from './placed.ts'
import type { Placed, Reader } from './placed.ts'

export interface SeenObject {
  readonly id: string
  /** The path that it had, as far as anybody knows; of a commit, none. */
  readonly path: string
  readonly bytes: number
  readonly placed: readonly Placed[]
}

export interface Objects {
  /** Takes the next chunk; gives the objects that it ends. Trees and binary files have no findings. */
  feed(chunk: Buffer): readonly SeenObject[]
}

/** The header that is asked of git. */
export const format = '%(objectname) %(objecttype) %(objectsize) %(rest)'

const block = 1024 * 1024
const firstLook = 8000
const newline = 0x0a

interface Current {
  readonly id: string
  readonly path: string
  readonly kind: string
  readonly bytes: number
  readonly reader: Reader
  readonly placed: Placed[]
  left: number
  filled: number
  isBinary: boolean
  isFirst: boolean
}

export function openObjects(eye: Eye): Objects {
  const memory = Buffer.alloc(block)
  let header = ''
  let current: Current | null = null
  /** The line end after an object. */
  let isBetween = false

  const flush = (object: Current, isLast: boolean): void => {
    if (object.isFirst)
      object.isBinary = memory.subarray(0, Math.min(object.filled, firstLook)).includes(0)
    object.isFirst = false
    if (object.isBinary || object.kind === 'tree') {
      object.filled = 0
      return
    }
    const { placed, keep } = object.reader.take(memory.subarray(0, object.filled), isLast)
    // More in one file are no use to anybody.
    object.placed.push(...placed.slice(0, Math.max(0, mostSightings - object.placed.length)))
    memory.copyWithin(0, object.filled - keep, object.filled)
    object.filled = keep
  }
  const body = (object: Current, chunk: Buffer, from: number): number => {
    const count = Math.min(object.left, chunk.length - from, memory.length - object.filled)
    chunk.copy(memory, object.filled, from, from + count)
    object.filled += count
    object.left -= count
    if (object.left === 0 || object.filled === memory.length) flush(object, object.left === 0)
    return from + count
  }
  return {
    feed: (chunk) => {
      const done: SeenObject[] = []
      let at = 0
      while (at < chunk.length) {
        if (current !== null) {
          at = body(current, chunk, at)
          if (current.left > 0) continue
          const { id, path, bytes, placed } = current
          done.push({ id, path, bytes, placed })
          current = null
          isBetween = true
          continue
        }
        if (isBetween) {
          at += 1
          isBetween = false
          continue
        }
        const end = chunk.indexOf(newline, at)
        header += chunk.toString('utf8', at, end === -1 ? chunk.length : end)
        if (end === -1) break
        at = end + 1
        current = begun(header, eye)
        header = ''
      }
      return done
    },
  }
}

/** `format` as git prints it; null for what it says to be missing. */
function begun(header: string, eye: Eye): Current | null {
  const [, id = '', kind = '', size = '', path = ''] =
    /^([0-9a-f]+) (\w+) (\d+) ?(.*)$/.exec(header) ?? []
  if (id === '') return null
  return {
    id,
    path,
    kind,
    bytes: Number(size),
    reader: openReader(eye, path),
    placed: [],
    left: Number(size),
    filled: 0,
    isBinary: false,
    isFirst: true,
  }
}
