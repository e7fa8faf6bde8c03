/** The way back: a restore and a drill against `cp` of the same bytes, and against `pg_restore` of the same database. */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { dialScratch } from '../../src/app/databases.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import { drillPhysical } from '../../src/vault/drill-physical.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import { dialOf, startCopy } from '../../test/vault/physical-house.ts'
import type { Copy } from '../../test/vault/physical-house.ts'
import type { Ground } from './ground.ts'
import { seconds } from './table.ts'
import type { Table } from './table.ts'

export async function restores(ground: Ground, table: Table): Promise<void> {
  const { cluster } = ground
  const vault = await ground.vault()
  const { rig, engine } = vault
  const client = await openClient(dialOf(cluster.port))
  try {
    const base = await engine.takeBase()
    await ground.run('pgbench', ['-n', '-c', '4', '-T', '5', 'postgres'])
    const until = { kind: 'name', ...(await engine.mark(client.ask, 60_000)) } as const
    const spool = { folder: rig.spool, key: rig.key }
    const into = join(rig.dir, 'copy')
    const restored = await timed(() =>
      restorePhysical({ box: rig.box, spool, point: base.id, until, into }),
    )
    const copied = await seconds(() => run('cp', ['-a', into, `${into}2`]))
    let copy: Copy | null = null
    const replayed = await seconds(async () => {
      copy = await startCopy(restored.value, cluster.binDir)
    })
    await stopped(copy)
    for (const place of [into, `${into}2`]) rmSync(place, { recursive: true })
    const drilled = await timed(() =>
      drillPhysical(
        { id: base.id, until, spool, user: 'keeper', database: 'postgres', assertions: [] },
        { ...rig.taking, box: rig.box, folder: join(rig.dir, 'scratch'), connect: dialScratch },
      ),
    )
    if (!drilled.value.passed) throw new Error(drilled.value.wrong.join('; '))
    const cp = '`cp -a` of the same bytes'
    const [whole, same] = ['Firebreak: restore and replay', `${cp}, and replay`]
    const logical = '`pg_restore -j2` of a dump of the same database'
    table.of('Firebreak: restore', cp).add(restored.took)
    table.of(cp).add(copied)
    table.of(whole, same).add(restored.took + replayed)
    table.of(same).add(copied + replayed)
    table.of(logical, whole).add(await dumpAndRestore(ground))
    table.of('Firebreak: whole drill', cp).add(drilled.took)
  } finally {
    await client.close()
    await vault.stop()
  }
}

async function dumpAndRestore(ground: Ground): Promise<number> {
  const file = join(ground.dir, 'dump')
  await ground.run('pg_dump', ['-Fc', '-Z1', '-f', file, 'postgres'])
  ground.cluster.sql('CREATE DATABASE again')
  const took = await seconds(() => ground.run('pg_restore', ['-j2', '-d', 'again', file]))
  ground.cluster.sql('DROP DATABASE again')
  rmSync(file)
  return took
}

async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly took: number }> {
  const begun = performance.now()
  const value = await work()
  return { value, took: (performance.now() - begun) / 1000 }
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { status } = spawnSync(program, args)
  if (status !== 0) throw new Error(`${program} failed`)
  await Promise.resolve()
}

async function stopped(copy: Copy | null): Promise<void> {
  await copy?.stop()
}
