/** What wakes a patrol: the system's word that something under a folder has changed, where it gives one; and in any case a while. */
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'

export interface Wake {
  /** Watches these folders, and no others. Where one is new it wakes once more, for what happened there before. */
  cover: (folders: ReadonlySet<string>) => void
  /** Until something may have changed, or it is time; a round took so long. Null once it was closed. */
  wait: (tookMs: number) => Promise<'told' | 'due' | null>
  close: () => void
}

/** Each costs the system memory, and it has few; folders past these are looked at when it is time. */
const mostFolders = 4000
/** What is written in many steps is looked at once. */
const settleMs = 200
const dueMs = 2000
/** A large checkout is not walked all day long: of one core at most so much, where the system tells; and where only time does. */
const [shareTold, shareDue] = [1 / 4, 1 / 50]

/** `hasTrees`: the system watches a folder with all that is in it; else each folder is watched by itself. */
export function openWake(root: string, hasTrees: boolean): Wake {
  const watchers = new Map<string, FSWatcher>()
  let told = false
  let woken: (() => void) | null = null
  let isClosed = false
  const tell = (): void => {
    told = true
    woken?.()
  }
  const add = (folder: string): boolean => {
    if (watchers.has(folder) || watchers.size >= mostFolders || isClosed) return false
    try {
      const watcher = watch(folder, { recursive: hasTrees, persistent: false }, tell)
      const drop = (): void => {
        watchers.delete(folder)
        watcher.close()
        tell()
      }
      watchers.set(folder, watcher.on('error', drop))
      return true
    } catch {
      // No more watches, or gone already: then it is looked at when it is time.
      return false
    }
  }
  return {
    cover: (folders) => {
      if (hasTrees) {
        add(root)
        return
      }
      for (const [folder, watcher] of watchers)
        if (!folders.has(folder) && folder !== root) {
          watchers.delete(folder)
          watcher.close()
        }
      if ([root, ...folders].map(add).some(Boolean)) tell()
    },
    wait: async (tookMs) => {
      if (isClosed) return null
      const rest = Math.max(settleMs, tookMs / shareTold)
      await until(
        rest,
        (wake) => (woken = wake),
        () => isClosed,
      )
      if (!told && !isClosed)
        await until(
          Math.max(dueMs, tookMs / shareDue),
          (wake) => (woken = wake),
          () => told || isClosed,
        )
      if (isClosed) return null
      const why = told ? 'told' : 'due'
      told = false
      return why
    },
    close: () => {
      isClosed = true
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
      woken?.()
    },
  }
}

/** So long at most, and no longer than that holds. */
async function until(
  ms: number,
  onWake: (wake: () => void) => void,
  isOver: () => boolean,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1))
    onWake(() => {
      if (!isOver()) return
      clearTimeout(timer)
      resolve()
    })
  })
}
