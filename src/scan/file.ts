/** Files read in blocks, whatever they turn out to be: a pipe, a device, a link in a circle, a terabyte or a text made to be slow keeps nobody waiting. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { messageOf } from '../base/error.ts'
import { isLate } from './bounded.ts'
import { bytesOf, isBinary, unicodeOf } from './bytes.ts'
import type { Bytes } from './bytes.ts'
import { openReader } from './placed.ts'
import type { Placed, Reader } from './placed.ts'
import { tooMany } from './quota.ts'
import type { Eye } from './look.ts'

export type Outcome =
  | { readonly kind: 'read'; readonly bytes: number; readonly placed: readonly Placed[] }
  | { readonly kind: 'binary' }
  /** What was found before it went wrong is kept. */
  | { readonly kind: 'unreadable'; readonly why: string; readonly placed: readonly Placed[] }

export interface FileStep {
  readonly path: string
  readonly shown: string
}

export interface FileReader {
  /** An outcome for each, in their order. */
  read(files: readonly FileStep[]): readonly Outcome[]
}

export interface FileBounds {
  /** Past so many bytes a file is left, and said to be. */
  readonly maxFileBytes: number
  /** A megabyte takes some ten; what takes hundreds of times that is made to be slow, and is left. */
  readonly maxBlockMs: number
}

export const usualBounds: FileBounds = { maxFileBytes: 256 * 1024 ** 2, maxBlockMs: 5000 }
/** A block of an honest text takes less, on a busy machine too: what it takes beyond counts as slow. */
const calmMs = 250
/** A file of many slow blocks is left when they come to as many times a block's own. */
const mostSlow = 3

const block = 1024 * 1024
/** Most files are shorter; of a binary one no more is read. */
const headBytes = 64 * 1024

/** Databases in which a command line keeps tokens as plain text. */
const mixed = /gcloud\/(?:credentials|access_tokens)\.db$/

/** Reads files one after another, all into the same memory. */
export function openFileReader(eye: Eye, bounds: FileBounds): FileReader {
  const memory = Buffer.alloc(block)
  return {
    read: (files) => {
      const outcomes: Outcome[] = []
      while (outcomes.length < files.length) {
        outcomes.push(...shortOnes(files.slice(outcomes.length), { eye, memory, bounds }))
        const next = files[outcomes.length]
        if (next !== undefined) outcomes.push(one(next, { eye, memory, bounds }))
      }
      return outcomes
    },
  }
}

interface Means {
  readonly eye: Eye
  readonly memory: Buffer
  readonly bounds: FileBounds
}

/**
 * The first files that are read whole from their heads, under one bound of time: to set one costs more than most files do.
 * It stops before the first that is longer, and after the first that takes too long.
 */
function shortOnes(files: readonly FileStep[], means: Means): readonly Outcome[] {
  const outcomes: Outcome[] = []
  let open: Open | null = null
  const until = performance.now() + means.bounds.maxBlockMs / 10
  const work = (): void => {
    for (const file of files) {
      const begun = begin(file, means)
      if ('kind' in begun) outcomes.push(begun)
      else {
        open = begun
        const outcome = fromHead(begun, means)
        if (outcome === null) return
        outcomes.push(outcome)
        closeSync(begun.fd)
        open = null
      }
      if (performance.now() > until) return
    }
  }
  const late = isLate(work, means.bounds.maxBlockMs)
  close(open)
  return late ? [...outcomes, tooLong(0, [])] : outcomes
}

const close = (open: Open | null): void => {
  if (open !== null) closeSync(open.fd)
}

function one(file: FileStep, means: Means): Outcome {
  const begun = begin(file, means)
  if ('kind' in begun) return begun
  try {
    return blockByBlock(begun, means)
  } finally {
    closeSync(begun.fd)
  }
}

interface Open {
  readonly fd: number
  readonly size: number
  readonly reader: Reader
  readonly source: Bytes
  /** Bytes that are in the memory already. */
  readonly head: number
}

/** Opens it and reads its head; an outcome where no more is to be read. */
function begin({ path, shown }: FileStep, { eye, memory }: Means): Open | Outcome {
  let fd: number | null = null
  try {
    // Not to wait for whoever writes into a pipe, and not to become the owner of a terminal.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const stat = fstatSync(fd)
    if (!stat.isFile()) return closed(fd, unreadable('it is no regular file'))
    const head = readSync(fd, memory, 0, headBytes, 0)
    const unicode = unicodeOf(memory.subarray(0, head))
    const isText = unicode !== 'utf-8' || mixed.test(shown) || eye.placeOf(shown) !== ''
    if (!isText && isBinary(memory.subarray(0, head))) return closed(fd, { kind: 'binary' })
    const source = bytesOf(fd, { unicode, head, size: stat.size })
    const reader = openReader(eye, shown)
    return { fd, size: stat.size, reader, source, head: unicode === 'utf-8' ? head : 0 }
  } catch (thrown) {
    return closed(fd, unreadable(told(thrown)))
  }
}

function closed(fd: number | null, outcome: Outcome): Outcome {
  if (fd !== null) closeSync(fd)
  return outcome
}

/** A file of which the head is most likely all; null for one that is longer, whatever its size says. */
function fromHead({ size, source, reader, head }: Open, { memory }: Means): Outcome | null {
  if (size > headBytes) return null
  try {
    const { filled, ended } = source.fill(memory, head)
    if (!ended) return null
    const { placed, isCut } = reader.take(memory.subarray(0, filled), true)
    return isCut ? unreadable(tooMany, placed) : { kind: 'read', bytes: filled, placed }
  } catch (thrown) {
    return unreadable(told(thrown))
  }
}

function blockByBlock({ source, reader, head }: Open, { memory, bounds }: Means): Outcome {
  const placed: Placed[] = []
  let filled = head
  let bytes = head
  let slow = 0
  try {
    for (;;) {
      const { filled: end, ended } = source.fill(memory, filled)
      bytes += end - filled
      const begun = performance.now()
      let keep = 0
      let isCut = false
      const work = (): void => {
        const seen = reader.take(memory.subarray(0, end), ended)
        placed.push(...seen.placed)
        keep = seen.keep
        isCut = seen.isCut
      }
      if (isLate(work, bounds.maxBlockMs)) return tooLong(bytes - (end - filled), placed)
      slow += Math.max(0, performance.now() - begun - calmMs)
      if (ended && isCut) return unreadable(tooMany, placed)
      if (ended) return { kind: 'read', bytes, placed }
      if (bytes >= bounds.maxFileBytes)
        return unreadable(`only its first ${bytes} bytes were read`, placed)
      if (slow > bounds.maxBlockMs * mostSlow) return tooLong(bytes, placed)
      memory.copyWithin(0, end - keep, end)
      filled = keep
    }
  } catch (thrown) {
    return unreadable(told(thrown), placed)
  }
}

const unreadable = (why: string, placed: readonly Placed[] = []): Outcome => ({
  kind: 'unreadable',
  why,
  placed,
})

const tooLong = (bytes: number, placed: readonly Placed[]): Outcome =>
  unreadable(`it takes too long to look through: left after ${bytes} bytes`, placed)

/** A path may hold anything; the reason alone is told. */
const told = (thrown: unknown): string => messageOf(thrown).split(',')[0] ?? ''
