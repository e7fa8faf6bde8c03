/** The physical engine under hands that write into the vault's folder, and under those of a tired person. */
import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openAlone } from '../../src/app/alone.ts'
import type { Alone } from '../../src/app/alone.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { parseLsn } from '../../src/platforms/postgres/replication.ts'
import { openBox } from '../../src/vault/box.ts'
import type { Box } from '../../src/vault/box.ts'
import { openMark } from '../../src/vault/mark-manifest.ts'
import { segmentAt, segmentId } from '../../src/vault/physical-segments.ts'
import { openBase } from '../../src/vault/physical-verify.ts'
import { everything, openGate, owner } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'

let gate: Gate
let scratch: string
let base: string
let hold: string
let mark: string

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'firebreak-attack-'))
  chmodSync(scratch, 0o711)
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL);
CREATE AGGREGATE longest (text) (sfunc = text_larger, stype = text);`,
    may: 'REPLICATION CREATEDB',
    conf: ['max_slot_wal_keep_size = 1GB', 'fsync = on', 'full_page_writes = on'],
    vault: `scratch: ${scratch}, databases: { shop: { engine: physical } }`,
  })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  await gate.restart()
  await vi.waitFor(
    async () =>
      expect(JSON.stringify(await gate.people.call('vault-status'))).toContain('"receives":true'),
    { timeout: 20_000 },
  )
  const taken = await gate.people.call('vault-backup', { target: 'shop' })
  base = isObject(taken) ? textOf(taken['id']) : ''
  const grant = await gate.people.mint('agent:cursor', everything)
  const said = await gate.psql(grant, 'DROP AGGREGATE longest (text);')
  hold = /firebreak approve (hold_\w+)/.exec(said)?.[1] ?? ''
  const done = await gate.approve(hold)
  const points = done['recoveryPoints']
  mark = Array.isArray(points) ? textOf(points[0]) : ''
  expect(mark).toMatch(/^mark_/)
  // What comes behind it, until its segment is in the box.
  gate.cluster.sql('CREATE TABLE x (); DROP TABLE x; SELECT pg_switch_wal()', 'shop')
  gate.cluster.sql('CREATE TABLE x (); DROP TABLE x; SELECT pg_switch_wal()', 'shop')
  await vi.waitFor(async () => expect(existsSync(fileOf(await segmentOfMark()))).toBe(true), {
    timeout: 15_000,
  })
}, 60_000)
afterAll(async () => {
  await gate.close()
  rmSync(scratch, { recursive: true, force: true })
})

const fileOf = (id: string): string => join(gate.dir, 'vault/points', `${id}.manifest`)

async function alone(): Promise<Alone> {
  const [store, key] = [join(gate.dir, 'vault'), join(gate.dir, 'home/.firebreak/key')]
  return await openAlone({ store, key, identity: null, signer: null })
}

async function segmentOfMark(): Promise<string> {
  const { box } = await alone()
  const of = await openBase(box, base)
  return segmentId(segmentAt(parseLsn((await openMark(box, mark)).lsn), of), of)
}

async function rowOf(id: string): Promise<JsonObject> {
  const all = await gate.people.call('vault-list')
  return (Array.isArray(all) ? all.filter(isObject) : []).find((row) => row['id'] === id) ?? {}
}

/** What an owner can do who may write to the folder too: the machine's key is wrapped to every owner, the signature is not. */
async function forged(id: string, work: () => Promise<void>): Promise<void> {
  const { box, machine } = await alone()
  const text = await box.manifestText(id)
  const own: Box = openBox(box.store, machine ?? new Uint8Array(), randomBytes)
  const sealed: Uint8Array[] = []
  for await (const piece of own.sealManifest(id, text)) sealed.push(piece)
  renameSync(fileOf(id), `${fileOf(id)}-was`)
  writeFileSync(fileOf(id), Buffer.concat(sealed))
  try {
    await work()
  } finally {
    renameSync(`${fileOf(id)}-was`, fileOf(id))
  }
}

async function restore(input: JsonObject): Promise<unknown> {
  const folder = join(scratch, `back-${randomBytes(4).toString('hex')}`)
  return await gate.people.callAs('vault-restore', { folder, ...input })
}

test('the drill of a mark stands with the mark', async () => {
  expect(await gate.people.call('vault-drill', { id: mark })).toMatchObject({
    passed: true,
    wrong: [],
  })
  expect(await rowOf(mark)).toMatchObject({ drill: { passed: true } })
  expect(await rowOf(base)).toMatchObject({ drill: null })
}, 60_000)

test('signed-points: WAL that somebody has put unsigned behind a signed base backup is not replayed', async () => {
  const segment = await segmentOfMark()
  await forged(segment, async () => {
    await expect(restore({ id: base })).rejects.toThrow(/is damaged|not signed/)
    expect(await gate.people.call('vault-verify', { id: base })).toMatchObject({ whole: false })
  })
  expect(await gate.people.call('vault-verify', { id: base })).toMatchObject({ whole: true })
}, 60_000)

test('signed-points: nor does the moment before an act lie where an unsigned mark says', async () => {
  const { box } = await alone()
  // The very same text is known by its digest; another is nobody's.
  const { lsn } = await openMark(box, mark)
  expect(lsn).toMatch(/\//)
  const { box: any, machine } = await alone()
  const own = openBox(any.store, machine ?? new Uint8Array(), randomBytes)
  const sealed: Uint8Array[] = []
  const text = (await box.manifestText(mark)).replace(`"lsn":"${lsn}"`, '"lsn":"0/1"')
  for await (const piece of own.sealManifest(mark, text)) sealed.push(piece)
  renameSync(fileOf(mark), `${fileOf(mark)}-was`)
  writeFileSync(fileOf(mark), Buffer.concat(sealed))
  try {
    await expect(restore({ before: hold })).rejects.toThrow(/is not signed/)
  } finally {
    renameSync(`${fileOf(mark)}-was`, fileOf(mark))
  }
}, 60_000)

test('a mark whose own segment is lost is not whole', async () => {
  const file = fileOf(await segmentOfMark())
  renameSync(file, `${file}-was`)
  expect(await gate.people.call('vault-verify', { id: mark })).toMatchObject({ whole: false })
  renameSync(`${file}-was`, file)
  expect(await gate.people.call('vault-verify', { id: mark })).toMatchObject({ whole: true })
}, 60_000)

test('a folder is meant from where the person stands, not from where the daemon does', async () => {
  const cwd = join(scratch, 'stands-here')
  mkdirSync(cwd)
  const bin = join(import.meta.dirname, '../../bin/firebreak')
  const config = join(gate.dir, 'home/firebreak.yaml')
  const asked: JsonObject[] = []
  const args = ['restore', base, '--folder', 'attack-back', '--approver', 'ada', '--code', '000000']
  const said = await new Promise<string>((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args, '--config', config],
      { cwd },
      (_, out, err) => resolve(`${out}${err}`),
    )
    child.stdin?.end()
  })
  expect(said).toMatch(/wrong/)
  expect(asked).toEqual([])
  await expect(restore({ id: base, folder: 'attack-back' })).rejects.toThrow(/whole path/)
}, 60_000)

test('a moment that is meant and cannot be had is told, and not left out', async () => {
  const time = '2026-11-25T06:49:50Z'
  await expect(
    gate.people.callAs('vault-restore', { id: 'point_1', into: 'shop', time }),
  ).rejects.toThrow(/is of one moment/)
  await expect(restore({ before: hold, time })).rejects.toThrow(/is a moment: say no other/)
})

test('a copy that a daemon left when it was killed is swept at the next start', async () => {
  const left = join(scratch, 'copy-dead', 'it', 'data')
  await gate.restart(() => {
    mkdirSync(left, { recursive: true })
    writeFileSync(join(left, 'PG_VERSION'), '15')
  })
  await expect.poll(() => existsSync(join(scratch, 'copy-dead'))).toBe(false)
  expect(readFileSync(join(gate.dir, 'home/firebreak.yaml'), 'utf8')).toContain('scratch')
})
