/** Where a run of the tests has its files: in memory where there is room, so that no test waits for a disk; and gone with the run. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const memory = '/dev/shm'
const enoughBytes = 6 * 2 ** 30

let ground = ''

/** Before the workers, which have their environment from here. Whoever names a `TMPDIR` has chosen. */
export function setup(): void {
  const chosen = process.env['TMPDIR'] ?? ''
  const at = chosen === '' && isRoomy() ? memory : tmpdir()
  if (at === memory) sweep()
  // A short name: a path below it must fit into a socket's address, and into a link in a tar of PostgreSQL's (99 bytes).
  ground = mkdtempSync(join(at, `fbreak-${process.pid.toString(36)}-`))
  process.once('exit', teardown)
  // The servers of the tests run as somebody else and go through it.
  chmodSync(ground, 0o755)
  process.env['TMPDIR'] = ground
  // Most of what a command costs is to compile its sources: once for all that are started.
  process.env['NODE_COMPILE_CACHE'] = join(ground, 'compiled')
  mkdirSync(join(ground, 'compiled'))
}

export function teardown(): void {
  rmSync(ground, { recursive: true, force: true })
}

/** What a container has there is often small, or nothing may be run from it. */
function isRoomy(): boolean {
  if (!existsSync(memory)) return false
  const { bavail, bsize } = statfsSync(memory)
  if (bavail * bsize < enoughBytes) return false
  const trial = mkdtempSync(join(memory, 'firebreak-trial-'))
  try {
    writeFileSync(join(trial, 'run'), '#!/bin/sh\n', { mode: 0o755 })
    return spawnSync(join(trial, 'run')).status === 0
  } finally {
    rmSync(trial, { recursive: true })
  }
}

/** Takes away what a run left that was killed: it would lie in memory until the machine is started anew. */
function sweep(): void {
  for (const name of readdirSync(memory)) {
    const [, pid = ''] = /^fbreak-([0-9a-z]+)-/.exec(name) ?? []
    if (pid === '' || existsSync(`/proc/${Number.parseInt(pid, 36)}`)) continue
    if (isOld(join(memory, name))) rmSync(join(memory, name), { recursive: true, force: true })
  }
}

/** A run in a container of its own has a process that is not seen here. */
function isOld(folder: string): boolean {
  const { uid, mtimeMs } = statSync(folder)
  return uid === process.getuid?.() && Date.now() - mtimeMs > 3_600_000
}
