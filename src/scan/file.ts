/** One file read in blocks, whatever it turns out to be: a pipe, a device, a link in a circle or a terabyte keeps nobody waiting. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { messageOf } from '../base/error.ts'
import { bytesOf, unicodeOf } from './bytes.ts'
import { openReader } from './placed.ts'
import type { Placed } from './placed.ts'
import { mostSightings } from './look.ts'
import type { Eye } from './look.ts'

export type Outcome =
  | { readonly kind: 'read'; readonly bytes: number; readonly placed: readonly Placed[] }
  | { readonly kind: 'binary' }
  /** What was found before it went wrong is kept. */
  | { readonly kind: 'unreadable'; readonly why: string; readonly placed: readonly Placed[] }

export interface FileReader {
  read(path: string, shown: string): Outcome
}

const block = 1024 * 1024
/** Most files are shorter; of a binary one no more is read. */
const headBytes = 64 * 1024
/** So far into a file a zero byte tells that it is no text; git looks as far. */
const firstLook = 8000

/** Databases in which a command line keeps tokens as plain text. */
const mixed = /gcloud\/(?:credentials|access_tokens)\.db$/

/** Reads files one after another, all into the same memory. */
export function openFileReader(eye: Eye, maxBytes: number): FileReader {
  const memory = Buffer.alloc(block)
  return {
    read: (path, shown) => {
      let fd: number
      try {
        // Not to wait for whoever writes into a pipe, and not to become the owner of a terminal.
        fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
      } catch (thrown) {
        return { kind: 'unreadable', why: told(thrown), placed: [] }
      }
      try {
        return readAll(fd, { eye, memory, shown, maxBytes })
      } finally {
        closeSync(fd)
      }
    },
  }
}

interface Reading {
  readonly eye: Eye
  readonly memory: Buffer
  readonly shown: string
  readonly maxBytes: number
}

function readAll(fd: number, { eye, memory, shown, maxBytes }: Reading): Outcome {
  const placed: Placed[] = []
  const reader = openReader(eye, shown)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) return { kind: 'unreadable', why: 'it is no regular file', placed }
    const head = readSync(fd, memory, 0, headBytes, 0)
    const unicode = unicodeOf(memory.subarray(0, head))
    const zero = memory.subarray(0, Math.min(head, firstLook)).includes(0)
    if (zero && unicode === 'utf-8' && !mixed.test(shown)) return { kind: 'binary' }
    const source = bytesOf(fd, { unicode, head, size: stat.size })
    let filled = unicode === 'utf-8' ? head : 0
    let bytes = filled
    for (;;) {
      const { filled: end, ended } = source.fill(memory, filled)
      bytes += end - filled
      const seen = reader.take(memory.subarray(0, end), ended)
      placed.push(...seen.placed)
      if (placed.length >= mostSightings)
        return { kind: 'unreadable', why: `it has ${mostSightings} findings or more`, placed }
      if (ended) return { kind: 'read', bytes, placed }
      if (bytes >= maxBytes)
        return { kind: 'unreadable', why: `only its first ${bytes} bytes were read`, placed }
      memory.copyWithin(0, end - seen.keep, end)
      filled = seen.keep
    }
  } catch (thrown) {
    return { kind: 'unreadable', why: told(thrown), placed }
  }
}

/** A path may hold anything; the reason alone is told. */
const told = (thrown: unknown): string => messageOf(thrown).split(',')[0] ?? ''
