/** A server's standby, which may be promoted: by pg_basebackup, with a socket of its own, and a port where it is to have one. */
import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { notRoot, ownFolder } from '../postgres/cluster.ts'
import { soon, startCopy } from './physical-house.ts'
import type { Copy } from './physical-house.ts'

export interface Followed {
  readonly socketDir: string
  readonly port: number
  readonly binDir: string
  sql(text: string): string
}

export interface Standby extends Copy, Pick<Followed, 'socketDir' | 'port' | 'binDir'> {
  readonly folder: string
  /** It is a primary itself from then on. */
  promote(): Promise<void>
}

/** `port`: what it listens on over the network when it is promoted, by a start anew. */
export async function startStandby(
  primary: Followed,
  port: number | null = null,
): Promise<Standby> {
  const folder = ownFolder('firebreak-standby-')
  const data = join(folder, 'data')
  const args = ['-D', data, '-R', '-X', 'stream', '-h', primary.socketDir, '-U', 'postgres']
  const how = ['-p', String(primary.port), '--no-sync', '-c', 'fast']
  const { status, stderr } = spawnSync(join(primary.binDir, 'pg_basebackup'), [...args, ...how], {
    ...notRoot,
    cwd: folder,
  })
  if (status !== 0) throw new Error(stderr.toString())
  const conf = join(data, 'postgresql.conf')
  appendFileSync(
    conf,
    `\nport = ${port ?? 5432}\nlisten_addresses = ''\nunix_socket_directories = '${folder}'\nlog_min_messages = 'log'\n`,
  )
  const start = async (): Promise<Copy> =>
    await startCopy(
      { data, socket: folder, bytes: 0, known: 0n },
      primary.binDir,
      true,
      port ?? 5432,
    )
  let copy = await start()
  return {
    folder,
    socketDir: folder,
    port: port ?? 5432,
    binDir: primary.binDir,
    sql: (text, database) => copy.sql(text, database),
    connect: () => copy.connect(),
    stop: () => copy.stop(),
    promote: async () => {
      if (port !== null) {
        await copy.stop()
        appendFileSync(conf, `listen_addresses = '127.0.0.1'\n`)
        copy = await start()
      }
      copy.sql('SELECT pg_promote()')
    },
  }
}

/** The standby has replayed all that its primary has written. */
export async function caughtUp(primary: Followed, standby: Followed): Promise<void> {
  const end = primary.sql('SELECT pg_current_wal_flush_lsn()').trim()
  await vi.waitFor(
    () => expect(standby.sql(`SELECT pg_last_wal_replay_lsn() >= '${end}'`)).toBe('t'),
    soon,
  )
}
