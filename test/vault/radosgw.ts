/** A real S3 with Object Lock on this machine: Ceph's gateway over a store in memory, on loopback, for one test run. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../free-port.ts'

export interface Radosgw {
  readonly endpoint: string
  /** Another credential: of a stranger, who owns nothing here. */
  user(name: string): { readonly id: string; readonly secret: string }
  /** Changes the stored bytes of every object whose key ends so, behind the gateway. */
  rot(suffix: string): boolean
  close(): Promise<void>
}

const programs = ['ceph', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'rados', 'monmaptool']

/** Null where all is installed; else what is missing. */
export function lacking(): string | null {
  const missing = programs.filter((name) => spawnSync(name, ['--version']).status !== 0)
  return missing.length === 0
    ? null
    : `not installed: ${missing.join(', ')} (Debian: ceph-mon ceph-osd radosgw)`
}

/** Ready when it answers; whatever was started is ended where it does not come up. */
export async function startRadosgw(): Promise<Radosgw> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-rgw-'))
  const [monitor, port, fsid, disk] = [
    await freePort(),
    await freePort(),
    randomUUID(),
    randomUUID(),
  ]
  const config = join(folder, 'ceph.conf')
  for (const part of ['mon', 'osd', 'rgw']) mkdirSync(join(folder, part))
  writeFileSync(config, configOf({ folder, fsid, monitor, port }))
  const started: ChildProcess[] = []
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, ['-c', config, ...args], {
      encoding: 'utf8',
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const start = (program: string, ...args: readonly string[]): void => {
    const log = openSync(join(folder, `${program}.log`), 'a')
    started.push(spawn(program, ['-c', config, '-f', ...args], { stdio: ['ignore', log, log] }))
  }
  const close = async (): Promise<void> => {
    for (const child of started.toReversed()) await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const map = join(folder, 'monmap')
    const at = `[v2:127.0.0.1:${monitor}]`
    execFileSync('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', at, map], {
      stdio: 'ignore',
    })
    run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map)
    start('ceph-mon', '-i', 'a')
    run('ceph', '--connect-timeout', '20', 'osd', 'new', disk)
    run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', disk)
    start('ceph-osd', '-i', '0')
    start('radosgw', '-n', 'client.rgw')
    const endpoint = `http://127.0.0.1:${port}`
    await answering(endpoint)
    return {
      endpoint,
      user: (name) => {
        const [id, secret] = [`key${name}`, `secret${name}`]
        run(
          'radosgw-admin',
          'user',
          'create',
          '--uid',
          name,
          '--display-name',
          name,
          '--access-key',
          id,
          '--secret',
          secret,
        )
        return { id, secret }
      },
      rot: (suffix) => {
        const pool = ['-p', 'default.rgw.buckets.data']
        const names = run('rados', ...pool, 'ls')
          .split('\n')
          .filter((name) => name.endsWith(suffix))
        const other = join(folder, 'other')
        writeFileSync(other, 'other')
        // Its first bytes only, so that its length stays.
        for (const name of names) run('rados', ...pool, 'put', name, other, '--offset', '0')
        return names.length > 0
      },
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

async function answering(endpoint: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(endpoint)
      return
    } catch (thrown) {
      if (tries === 120) throw thrown
      // Another program's start has no event that could be waited for.
      await pause(500)
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  // It holds nothing that outlives the test.
  child.kill('SIGKILL')
  await gone
}

interface Where {
  readonly folder: string
  readonly fsid: string
  readonly monitor: number
  readonly port: number
}

function configOf({ folder, fsid, monitor, port }: Where): string {
  return `[global]
fsid = ${fsid}
mon host = v2:127.0.0.1:${monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc secure
run dir = ${folder}
admin socket =
log file =
mon cluster log file =
log to stderr = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data = ${join(folder, 'mon')}
mon data avail crit = 1
osd data = ${join(folder, 'osd')}
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *
rgw data = ${join(folder, 'rgw')}
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw thread pool size = 32
`
}
