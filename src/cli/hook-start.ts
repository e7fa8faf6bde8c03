/** The hook as a program of its own (`dist/hook.cjs`): it starts the judge that is bundled beside it, as V8 has compiled it once before. */
import {
  accessSync,
  closeSync,
  constants as mode,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import type { Judge } from './hook-judge.ts'

/** Of the bundle, put in when it is made: what was compiled of another one is not taken. */
declare const bundleDigest: string

try {
  start()
} catch (thrown) {
  // The code is the one that hosts take for a no.
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  process.stderr.write(`firebreak: the hook cannot start: ${why}\n`)
  process.exit(2)
}

function start(): void {
  const filename = join(import.meta.dirname, 'hook-judge.cjs')
  const name = `${bundleDigest}-${process.version}-${process.arch}`
  const place = join(import.meta.dirname, '.cache', name)
  const compiled = keptAt(place)
  const script = new Script(readFileSync(filename, 'ascii'), {
    filename,
    ...(compiled === null ? {} : { cachedData: compiled }),
  })
  const made: { exports?: { readonly judge: Judge } } = {}
  script.runInThisContext()(
    made,
    require,
    async (path: string): Promise<unknown> => await import(path),
  )
  if (made.exports === undefined) throw new Error(`\`${filename}\` is no judge`)
  const isNew = (compiled === null || script.cachedDataRejected === true) && canKeep(place)
  void made.exports.judge(isNew ? () => keep(place, script.createCachedData()) : null)
}

/** It lies there twice: V8 takes what it has compiled as it is, and the two halves tell a broken disk from it. Null where it is not there or broken. */
function keptAt(place: string): Buffer | null {
  try {
    if (!isOurs(lstatSync(dirname(place)))) return null
    const twice = ourBytes(place)
    if (twice === null) return null
    const one = twice.subarray(0, twice.length / 2)
    return one.length > 0 && one.equals(twice.subarray(one.length)) ? one : null
  } catch {
    // Not there yet: it is compiled again.
    return null
  }
}

/** What others may write is code of theirs: it is taken from nobody but whoever runs this, and root. */
function ourBytes(place: string): Buffer | null {
  const file = openSync(place, mode.O_RDONLY | mode.O_NOFOLLOW)
  try {
    return isOurs(fstatSync(file)) ? readFileSync(file) : null
  } finally {
    closeSync(file)
  }
}

function isOurs({ uid, mode: bits }: Stats): boolean {
  const own = process.getuid?.()
  // Windows tells neither.
  return own === undefined || ((uid === own || uid === 0) && (bits & 0o022) === 0)
}

/** Where nobody may write, each call compiles what it needs, and nothing for others. */
function canKeep(place: string): boolean {
  try {
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
    accessSync(dirname(place), mode.W_OK)
    return true
  } catch {
    return false
  }
}

function keep(place: string, compiled: Buffer): void {
  const part = `${place}.${process.pid}`
  writeFileSync(part, Buffer.concat([compiled, compiled]), { mode: 0o600 })
  // Whole or not at all: other hooks start meanwhile.
  renameSync(part, place)
}
