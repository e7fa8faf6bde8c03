/** The stream of `git cat-file --batch`, object by object, however it is cut into chunks. */
import { isLate } from './bounded.ts'
import { isBinary, unicodeOf } from './bytes.ts'
import { usualBounds } from './file.ts'
import type { Eye } from './look.ts'
import { openReader } from './placed.ts'
import { tooMany } from './quota.ts'
import type { Placed, Reader } from './placed.ts'

export interface SeenObject {
  readonly id: string
  /** The path that it had, as far as anybody knows; of a commit, none. */
  readonly path: string
  readonly bytes: number
  readonly placed: readonly Placed[]
  /** It took too long to look through, and was left. */
  readonly isSlow: boolean
  readonly isBinary: boolean
  /** It has more than anybody keeps. */
  readonly isCut: boolean
}

export interface Objects {
  /** Takes the next chunk; gives the objects that it ends. Trees and binary files have no findings. */
  feed(chunk: Buffer): readonly SeenObject[]
}

/** Why an object was not looked at to its end; null where it was. */
export function whyLeft({ isSlow, isCut }: SeenObject): string | null {
  if (isSlow) return 'it takes too long to look through'
  return isCut ? tooMany : null
}

/** Counts it for whoever shows how far it is: of a binary one nothing was read. */
export const tellSeen = (
  { seen }: { readonly seen: (kind: 'binary' | 'read', bytes: number) => void },
  { isBinary: isNoText, bytes }: SeenObject,
): void => (isNoText ? seen('binary', 0) : seen('read', bytes))

/** The header that is asked of git. */
export const format = '%(objectname) %(objecttype) %(objectsize) %(rest)'

const block = 1024 * 1024
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
  isPassedOver: boolean
  isSlow: boolean
  isCut: boolean
  isBinary: boolean
  isFirst: boolean
}

/** A chunk of what git prints has the time of a block of a file; `pathOf` makes a path, by which rules go, of what stands behind the size. */
export function openObjects(
  eye: Eye,
  maxMs = usualBounds.maxBlockMs,
  pathOf: (rest: string) => string = (rest) => rest,
): Objects {
  const memory = Buffer.alloc(block)
  let header = ''
  let current: Current | null = null
  /** The line end after an object. */
  let isBetween = false

  const flush = (object: Current, isLast: boolean): void => {
    if (object.isFirst) judge(object, isLast)
    if (object.isPassedOver) {
      object.filled = 0
      return
    }
    const { placed, keep, isCut } = object.reader.take(memory.subarray(0, object.filled), isLast)
    object.placed.push(...placed)
    object.isCut = isCut
    memory.copyWithin(0, object.filled - keep, object.filled)
    object.filled = keep
  }
  const judge = (object: Current, isWhole: boolean): void => {
    object.isFirst = false
    const bytes = memory.subarray(0, object.filled)
    const unicode = unicodeOf(bytes)
    if (unicode !== 'utf-8' && isWhole) {
      const text = Buffer.from(new TextDecoder(unicode).decode(bytes))
      // Of two bytes at most three are made.
      if (text.length <= memory.length) object.filled = text.copy(memory)
    } else {
      // What reads a file of settings is not kept from it by a zero byte.
      object.isBinary = isBinary(bytes) && eye.placeOf(object.path) === ''
      object.isPassedOver = object.kind === 'tree' || object.isBinary
    }
  }
  const copy = (object: Current, chunk: Buffer, from: number): number => {
    const count = Math.min(object.left, chunk.length - from, memory.length - object.filled)
    chunk.copy(memory, object.filled, from, from + count)
    object.filled += count
    object.left -= count
    return from + count
  }
  /** The object at which the time ran out: its rest is passed over. */
  const leave = (): void => {
    if (current === null) return
    current.isPassedOver = true
    current.isSlow = true
    current.isFirst = false
    current.filled = 0
  }
  return {
    feed: (chunk) => {
      const done: SeenObject[] = []
      let at = 0
      const work = (): void => {
        while (at < chunk.length) {
          if (current !== null) {
            at = copy(current, chunk, at)
            const { left, filled } = current
            if (left === 0 || filled === memory.length) flush(current, left === 0)
            if (left > 0) continue
            const { id, path, bytes, placed, isSlow, isCut, isBinary: isNoText } = current
            done.push({ id, path, bytes, placed, isSlow, isCut, isBinary: isNoText })
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
          current = begun(header, eye, pathOf)
          header = ''
        }
      }
      while (isLate(work, maxMs)) leave()
      return done
    },
  }
}

/** `format` as git prints it; null for what it says to be missing. */
function begun(header: string, eye: Eye, pathOf: (rest: string) => string): Current | null {
  const [, id = '', kind = '', size = '', rest = ''] =
    /^([0-9a-f]+) (\w+) (\d+) ?(.*)$/.exec(header) ?? []
  if (id === '') return null
  const path = pathOf(rest)
  return {
    id,
    path,
    kind,
    bytes: Number(size),
    reader: openReader(eye, path),
    placed: [],
    left: Number(size),
    filled: 0,
    isPassedOver: false,
    isSlow: false,
    isCut: false,
    isBinary: false,
    isFirst: true,
  }
}
