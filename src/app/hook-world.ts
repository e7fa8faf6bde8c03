/** What a hook may look at of the machine: files that a command would run, and how long judging may take. */
import { hash } from 'node:crypto'
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { home } from '../classify/shell/scope.ts'
import type { PlanRead } from '../classify/plan/change.ts'
import type { HookWorld } from '../gateways/hook/judge.ts'
import type { Seen } from '../gateways/hook/question.ts'
import { bounded } from '../scan/bounded.ts'

/** A script that is longer is read by nobody before it runs. */
const longestFile = 128 * 1024
/** Of a plan, as it lies packed. */
const longestPlan = 16 * 1024 * 1024

/** For one call: it notes what it looks at. */
export function hookWorld(mostMs: number, ask: HookWorld['ask'] = null): HookWorld {
  const looked = new Map<string, Looked>()
  // What was judged is what is told of it: a file is read once, however often it is asked for.
  const look = (path: string, cwd: string | null, mostBytes: number): Looked => {
    const key = [cwd ?? '', path, mostBytes].join('\0')
    const found = looked.get(key) ?? { path, cwd, bytes: bytesOf(path, cwd, mostBytes), plan: null }
    looked.set(key, found)
    return found
  }
  return {
    file: (path, cwd) => look(path, cwd, longestFile).bytes?.toString('utf8') ?? null,
    plan: (path, cwd, read) => {
      const found = look(path, cwd, longestPlan)
      if (found.bytes !== null) found.plan ??= read(found.bytes)
      return found.plan
    },
    real: realOf,
    bounded: (work) => bounded(work, mostMs),
    seen: () => [...looked.values()].map(seenOf),
    ask,
  }
}

interface Looked {
  readonly path: string
  readonly cwd: string | null
  readonly bytes: Buffer | null
  plan: PlanRead | null
}

function seenOf({ path, cwd, bytes, plan }: Looked): Seen {
  const sha256 = bytes === null ? null : hash('sha256', bytes, 'hex')
  if (plan !== null) return { path, cwd, sha256, text: null, plan }
  return { path, cwd, sha256, text: bytes?.toString('utf8') ?? null }
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

function bytesOf(path: string, cwd: string | null, mostBytes: number): Buffer | null {
  const whole = wholeOf(path)
  if (cwd === null && !whole.startsWith('/')) return null
  try {
    const file = resolve(cwd ?? '/', whole)
    const stat = statSync(file)
    // A pipe or a device would keep us waiting.
    return stat.isFile() && stat.size <= mostBytes ? readFileSync(file) : null
  } catch {
    // What is not there, or may not be read, is not known: the reader says what follows.
    return null
  }
}
