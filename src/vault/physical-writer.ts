/** What a restore puts on the disk: files are written by the threads of a press, and synced while more of them come. */
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Part, Press } from './physical-press.ts'
import type { Span } from './physical-sums.ts'
import { syncPath } from './sync.ts'

/** A file that is larger than what has come of it. */
export interface Growing {
  readonly path: string
  readonly handle: FileHandle
  /** Up to where it will be filled by what was handed over. */
  at: number
  /** All that was handed over for it. */
  laid: Promise<unknown>
}

/** A part of what has come, and its file: one that grows, or the path of one that is whole with it. */
export interface Placed {
  readonly span: Span
  readonly file: Growing | string
}

export interface Writer {
  begin(path: string): Promise<Growing>
  /** Hands bytes over; comes back when few enough are on their way. The sums of the parts come later. */
  lay(
    plain: Uint8Array<ArrayBuffer>,
    parts: readonly Placed[],
  ): Promise<{ readonly sums: Promise<readonly number[]> }>
  /** It is on the disk and closed when `settled` has ended; `bytes`: the length that it is to have. */
  close(file: Growing, bytes?: number): Promise<void>
  settled(): Promise<void>
  bytes(): number
}

/** Files that are synced while more is unpacked: one fewer than Node has threads for it, so that reading goes on. */
const syncedAtOnce = 3

export interface Writing {
  readonly press: Press
  /** False for what is thrown away after it was read. */
  readonly synced: boolean
  /** Hears how many bytes are written. */
  readonly progress: (bytes: number) => void
}

export function openWriter({ press, synced, progress }: Writing): Writer {
  let all = 0
  const faults: unknown[] = []
  const [laying, closing] = [openLimit(press.atOnce, faults), openLimit(syncedAtOnce, faults)]
  const finish = async ({ handle, laid }: Growing, bytes: number | null): Promise<void> => {
    try {
      await laid
      if (bytes !== null) await handle.truncate(bytes)
      if (synced) await handle.sync()
    } finally {
      await handle.close()
    }
  }
  return {
    begin: async (path) => {
      const handle = await open(path, 'wx', 0o600)
      return { path, handle, at: 0, laid: Promise.resolve() }
    },
    lay: async (plain, parts) => {
      const bytes = parts.reduce((sum, { span: [from, to] }) => sum + to - from, 0)
      const sums = press.lay({ plain, parts: parts.map((part) => placeOf(part)) })
      const heard = async (): Promise<void> => {
        await sums
        all += bytes
        progress(all)
      }
      const done = heard()
      for (const { file } of parts)
        if (typeof file !== 'string') {
          file.laid = Promise.all([file.laid, done])
          // Heard where it is closed; until then its fault must not end the process.
          file.laid.catch(() => null)
        }
      const whole = parts.flatMap(({ file }) => (typeof file === 'string' ? [file] : []))
      await laying(done)
      if (synced) for (const path of whole) await closing(done.then(() => syncPath(path)))
      return { sums }
    },
    close: async (file, bytes) => await closing(finish(file, bytes ?? null)),
    settled: async () => {
      try {
        await laying(null)
      } finally {
        // Also where something went wrong: no file may stay open behind it.
        await closing(null)
      }
    },
    bytes: () => all,
  }
}

/** What it is handed runs on; it waits where there are too many, and for all of them where it is handed nothing. Throws the first fault. */
function openLimit(
  most: number,
  faults: unknown[],
): (one: Promise<unknown> | null) => Promise<void> {
  const running = new Set<Promise<unknown>>()
  return async (one) => {
    if (one === null) await Promise.all(running)
    else {
      const kept: Promise<unknown> = one
        .catch((thrown: unknown) => {
          faults.push(thrown)
        })
        .finally(() => running.delete(kept))
      running.add(kept)
      if (running.size >= most) await Promise.race(running)
    }
    if (faults.length > 0) throw faults[0]
  }
}

/** The place in a file that grows is taken at once: what comes next goes behind it. */
function placeOf({ span, file }: Placed): Part {
  if (typeof file === 'string') return { span, to: file }
  const { at } = file
  file.at += span[1] - span[0]
  return { span, to: { fd: file.handle.fd, at } }
}
