/** What a hook may look at of the machine: files that a command would run, and how long judging may take. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { home } from '../classify/shell/scope.ts'
import type { HookWorld } from '../gateways/hook/judge.ts'
import { bounded } from './bounded.ts'

/** A script that is longer is read by nobody before it runs. */
const longestFile = 128 * 1024

export function hookWorld(mostMs: number): HookWorld {
  return { file: fileOf, real: realOf, bounded: (work) => bounded(work, mostMs) }
}

/** `~` is the home of who runs it. */
function wholeOf(path: string): string {
  const named = path.startsWith('~/') ? `${home}${path.slice(1)}` : path
  return named.startsWith(`${home}/`) ? homedir() + named.slice(home.length) : named
}

/** Where it leads; of what is not there yet, the folder that is. */
function realOf(path: string, cwd: string | null): string {
  const whole = wholeOf(path)
  if (cwd === null && !whole.startsWith('/')) return path
  let rest = ''
  for (let at = resolve(cwd ?? '/', whole); ; at = dirname(at)) {
    try {
      return join(realpathSync(at), rest)
    } catch {
      // Not there: the folder above it may be.
      if (dirname(at) === at) return path
      rest = join(basename(at), rest)
    }
  }
}

function fileOf(path: string, cwd: string | null): string | null {
  const whole = wholeOf(path)
  if (cwd === null && !whole.startsWith('/')) return null
  try {
    const file = resolve(cwd ?? '/', whole)
    const stat = statSync(file)
    // A pipe or a device would keep us waiting.
    return stat.isFile() && stat.size <= longestFile ? readFileSync(file, 'utf8') : null
  } catch {
    // What is not there, or may not be read, is not known: the reader says what follows.
    return null
  }
}
