/** What a hook may look at of the machine: files that a command would run, and how long judging may take. */
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { home } from '../classify/shell/scope.ts'
import type { HookWorld } from '../gateways/hook/judge.ts'
import { bounded } from './bounded.ts'

/** A script that is longer is read by nobody before it runs. */
const longestFile = 128 * 1024

export function hookWorld(mostMs: number): HookWorld {
  return { file: fileOf, bounded: (work) => bounded(work, mostMs) }
}

function fileOf(path: string, cwd: string | null): string | null {
  const named = path.startsWith('~/') ? `${home}${path.slice(1)}` : path
  const whole = named.startsWith(`${home}/`) ? homedir() + named.slice(home.length) : named
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
