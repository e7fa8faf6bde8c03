/** The physical engine by plain SQL against a real server that refuses replication: base backup, WAL, restore, and what is refused. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openWay } from '../../src/app/physical-way.ts'
import { realTimer } from '../../src/app/world.ts'
import { openClient } from '../../src/gateways/postgres/client.ts'
import type { Client } from '../../src/gateways/postgres/client.ts'
import { readingFunctions } from '../../src/platforms/postgres/over-sql.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import type { Lsn, Replication } from '../../src/platforms/postgres/replication.ts'
import { openPhysical } from '../../src/vault/engine-physical.ts'
import type { Physical } from '../../src/vault/engine-physical.ts'
import { damageOfBase } from '../../src/vault/physical-verify.ts'
import { restorePhysical } from '../../src/vault/physical-restore.ts'
import { openOverSql } from '../../src/vault/sql-way.ts'
import { ownFolder } from '../postgres/cluster.ts'
import type { Cluster } from '../postgres/cluster.ts'
import {
  dialOf,
  openRig,
  overSql,
  refuseReplication,
  replicate,
  soon,
  startCopy,
  startSource,
} from './physical-house.ts'
import type { Copy, Rig } from './physical-house.ts'

let cluster: Cluster
const rigs: Rig[] = []
const engines: Physical[] = []
const copies: Copy[] = []

beforeAll(async () => {
  cluster = await startSource()
  refuseReplication(cluster)
  const space = join(cluster.socketDir, 'space')
  mkdirSync(space)
  const { uid, gid } = statSync(cluster.dataDir)
  chownSync(space, uid, gid)
  cluster.sql(`CREATE TABLESPACE far LOCATION '${space}'`)
  cluster.sql(`CREATE TABLE afar (n int) TABLESPACE far; CREATE TABLE near (n int, t text);
    CREATE UNLOGGED TABLE passing (n int); INSERT INTO passing VALUES (1);
    INSERT INTO afar SELECT generate_series(1, 100);
    INSERT INTO near SELECT n, md5(n::text) FROM generate_series(1, 20000) n`)
}, 60_000)
afterEach(async () => {
  for (const copy of copies.splice(0)) await copy.stop()
  for (const engine of engines.splice(0)) await engine.stop()
  for (const { dir } of rigs.splice(0)) rmSync(dir, { recursive: true, force: true })
  cluster.sql(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`)
})
afterAll(async () => await cluster.stop())

async function open(slot: string, connect = overSql): Promise<{ rig: Rig; engine: Physical }> {
  const rig = await openRig(cluster.port, slot, undefined, connect)
  rigs.push(rig)
  const engine = await openPhysical({ ...rig.receiver, ...rig.taking, shelvedMs: 20_000 })
  engines.push(engine)
  return { rig, engine }
}

async function copyOf(rig: Rig, point: string, mark: { name: string; lsn: Lsn }): Promise<Copy> {
  const spool = { folder: rig.spool, key: rig.key }
  const until = { kind: 'name', ...mark } as const
  const into = join(rig.dir, 'into')
  const copy = await startCopy(
    await restorePhysical({ box: rig.box, spool, point, until, into }),
    cluster.binDir,
  )
  copies.push(copy)
  return copy
}

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

test('the server refuses replication', async () => {
  await expect(replicate(cluster.port)).rejects.toThrow('replication')
})

test('a base backup, its WAL, and a restore to a mark', async () => {
  const { rig, engine } = await open('mark')
  const base = await engine.takeBase()
  expect(await damageOfBase(rig.box, base)).toBe(null)
  cluster.sql(`INSERT INTO near SELECT n, 'later' FROM generate_series(20001, 21000) n`)
  const client = await openClient(dialOf(cluster.port))
  const mark = await engine.mark(client.ask, 5000)
  await client.close()
  cluster.sql('DELETE FROM near WHERE n > 20000')
  const copy = await copyOf(rig, base.id, mark)
  expect(copy.sql('SELECT count(*), sum(n), max(t) FROM near')).toBe('21000|220510500|later')
  expect(copy.sql('SELECT count(*) FROM afar')).toBe('100')
  expect(copy.sql('SELECT count(*) FROM passing')).toBe('0')
  expect(parseLsn(base.stop)).toBeLessThanOrEqual(engine.status().shelved)
}, 60_000)

/** A role that is no superuser: it may replicate, were it let in, and call what it is granted. */
function makeReader(name: string, functions: readonly string[]): void {
  cluster.sql(`CREATE ROLE ${name} LOGIN REPLICATION PASSWORD 'pw'`)
  for (const one of functions) cluster.sql(`GRANT EXECUTE ON FUNCTION ${one} TO ${name}`)
  const file = join(cluster.dataDir, 'pg_hba.conf')
  appendFileSync(file, `host all ${name} 127.0.0.1/32 scram-sha-256\n`)
  cluster.sql('SELECT pg_reload_conf()')
}

test('a role that is no superuser does it by the functions it was granted, and reads nothing else', async () => {
  makeReader('reader', readingFunctions)
  const { engine } = await open('reader', (port) => overSql(port, 'reader'))
  const base = await engine.takeBase()
  expect(base.way).toBe('sql')
  expect(engine.status().way).toBe('sql')
  const { target, ...dial } = dialOf(cluster.port)
  const client = await openClient({ ...dial, target: { ...target, user: 'reader' } })
  for (const path of ['/etc/passwd', '../data/../etc', cluster.socketDir])
    await expect(client.ask('SELECT pg_read_binary_file($1, 0, 10, true)', [path])).rejects.toThrow(
      /path/,
    )
  await client.close()
}, 60_000)

test('what a role lacks is named with the statement that gives it', async () => {
  makeReader('half', readingFunctions.slice(0, 3))
  const opening = overSql(cluster.port, 'half')
  await expect(opening).rejects.toMatchObject({
    code: 'bad_config',
    message: expect.stringMatching(/lacks pg_stat_file\(text, boolean\), pg_read_binary_file/),
    hint: `GRANT EXECUTE ON FUNCTION ${readingFunctions.slice(3).join(', ')} TO "half";`,
  })
})

test('where neither way is open, both are named', async () => {
  const { target, secret, ...dial } = dialOf(cluster.port)
  const half = { ...target, user: 'half' }
  const connect = (): Promise<Client> => openClient({ ...dial, target: half, secret })
  await expect(openWay({ target: half, connect }, secret)).rejects.toThrow(
    /replication.*; and by plain SQL: `half` may not read the files of the cluster: it lacks pg_stat_file/,
  )
  const away = { ...half, port: 1 }
  await expect(openWay({ target: away, connect }, secret)).rejects.not.toThrow('plain SQL')
})

test("the server's own programs take the archives and the manifest for a base backup", async () => {
  const folder = ownFolder('firebreak-tar-')
  const replication = await overSql(cluster.port)
  let file = ''
  for await (const event of replication.baseBackup('plain')) {
    if (event.kind === 'archive') file = join(folder, `${event.tablespace ?? 'base'}.tar`)
    if (event.kind === 'manifest') file = join(folder, 'backup_manifest')
    if (event.kind === 'bytes') appendFileSync(file, event.bytes)
  }
  replication.close()
  const oid = cluster.sql(`SELECT oid FROM pg_tablespace WHERE spcname = 'far'`).trim()
  const into = join(folder, 'data')
  mkdirSync(into)
  run('tar', '-xf', join(folder, 'base.tar'), '-C', into)
  rmSync(join(into, 'pg_tblspc', oid))
  mkdirSync(join(into, 'pg_tblspc', oid))
  run('tar', '-xf', join(folder, `${oid}.tar`), '-C', join(into, 'pg_tblspc', oid))
  const verify = join(cluster.binDir, 'pg_verifybackup')
  expect(run(verify, '-n', '-m', join(folder, 'backup_manifest'), into)).toContain(
    'successfully verified',
  )
  rmSync(folder, { recursive: true })
})

test('what is dropped, made, cut off and written while it is read comes back as it was at the mark', async () => {
  const { rig, engine } = await open('moving')
  cluster.sql(
    `CREATE TABLE shrinking AS SELECT n, repeat('s', 500) t FROM generate_series(1, 20000) n`,
  )
  const script = join(rig.dir, 'moving.sql')
  writeFileSync(
    script,
    `CREATE TABLE made AS SELECT n FROM generate_series(1, 500) n;
CHECKPOINT;
DROP TABLE made;
UPDATE near SET t = md5(t) WHERE n % 7 = 0;
INSERT INTO afar SELECT generate_series(1, 50);
DELETE FROM shrinking WHERE n > (SELECT max(n) - 1000 FROM shrinking);
VACUUM (TRUNCATE) shrinking;
`,
  )
  const server = ['-h', cluster.socketDir, '-p', String(cluster.port), '-U', 'postgres']
  const load = [...server, '-n', '-f', script, '-R', '10', '-T', '60', 'postgres']
  const moving = spawn(join(cluster.binDir, 'pgbench'), load, { stdio: 'ignore' })
  const ended = once(moving, 'exit')
  await expect
    .poll(() => cluster.sql('SELECT count(*) < 19000 FROM shrinking').trim(), soon)
    .toBe('t')
  const base = await engine.takeBase()
  expect(moving.exitCode).toBe(null)
  moving.kill()
  await ended
  const client = await openClient(dialOf(cluster.port))
  const mark = await engine.mark(client.ask, 5000)
  await client.close()
  const told = `SELECT (SELECT count(*) || md5(string_agg(t, ',' ORDER BY n)) FROM near), (SELECT sum(n) FROM afar),
    (SELECT count(*) || coalesce(max(n), 0)::text FROM shrinking)`
  const was = cluster.sql(told).trim()
  cluster.sql('TRUNCATE shrinking')
  const copy = await copyOf(rig, base.id, mark)
  expect(copy.sql(told)).toBe(was)
  cluster.sql('DROP TABLE shrinking')
}, 60_000)

test('the server lets go of WAL that is here, and a slot that lost some ends it', async () => {
  const { rig, engine } = await open('slot')
  const kept = (): Lsn =>
    parseLsn(
      cluster.sql(`SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'slot'`).trim(),
    )
  const first = kept()
  cluster.sql(`CREATE TABLE w AS SELECT repeat('x', 900) t FROM generate_series(1, 5000)`)
  await expect.poll(kept, { timeout: 15_000 }).toBeGreaterThan(first)
  await engine.stop()
  cluster.sql(`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'; SELECT pg_reload_conf()`)
  for (let round = 0; round < 4; round += 1)
    cluster.sql(`INSERT INTO w SELECT repeat('x', 900) FROM generate_series(1, 20000); CHECKPOINT`)
  expect(cluster.sql('SELECT wal_status FROM pg_replication_slots').trim()).toBe('lost')
  const again = await openPhysical({ ...rig.receiver, ...rig.taking, shelvedMs: 20_000 })
  await expect(again.ended).rejects.toMatchObject({
    code: 'broken_store',
    message: expect.stringContaining('has no WAL any more from'),
  })
  cluster.sql('DROP TABLE w; ALTER SYSTEM RESET max_slot_wal_keep_size; SELECT pg_reload_conf()')
}, 60_000)

test('a slot that was dropped is made again, and nothing is missed', async () => {
  const { engine } = await open('dropped')
  await expect
    .poll(() => {
      cluster.sql(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`)
      return engine.status().trouble
    })
    .toContain('is gone')
  cluster.sql('CREATE TABLE after_it AS SELECT 1 n')
  const until = parseLsn(cluster.sql('SELECT pg_current_wal_insert_lsn()').trim())
  await expect
    .poll(() => engine.status().durable, { timeout: 15_000 })
    .toBeGreaterThanOrEqual(until)
  cluster.sql('DROP TABLE after_it')
  expect(engine.status().lost).toBe(null)
}, 30_000)

test('a standby is refused by its name, as it is by replication', async () => {
  const { rig, engine } = await open('standby')
  const base = await engine.takeBase()
  const client = await openClient(dialOf(cluster.port))
  const mark = await engine.mark(client.ask, 5000)
  await client.close()
  const spool = { folder: rig.spool, key: rig.key }
  const until = { kind: 'name', ...mark } as const
  const action = 'pause'
  const into = join(rig.dir, 'into')
  const parts = { box: rig.box, spool, point: base.id, until, into, action } as const
  const restored = await restorePhysical(parts)
  copies.push(await startCopy(restored, cluster.binDir, true))
  const { target, ...dial } = dialOf(5432)
  const connect = async (): Promise<Replication> =>
    await openOverSql(
      await openClient({ ...dial, target: { ...target, host: restored.socket } }),
      realTimer,
    )
  const own = { ...rig.receiver, ...rig.taking, folder: join(rig.dir, 'own'), connect }
  await expect(openPhysical({ ...own, shelvedMs: 10_000 })).rejects.toThrow('is a standby')
}, 60_000)

test('who stops taking it leaves no backup open on the server', async () => {
  const replication = await overSql(cluster.port)
  for await (const event of replication.baseBackup('broken off')) if (event.kind === 'bytes') break
  await expect
    .poll(() =>
      cluster.sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = 'keeper'`).trim(),
    )
    .toBe('0')
})
