/** Quota and pruning as a person has them: what the daemon says and signs, and what the command takes away. */
import { execFile } from 'node:child_process'
import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { codeAt, stepAt } from '../../src/approvals/totp.ts'
import { fromBase32 } from '../../src/app/rehearse.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import { realChance } from '../../src/app/world.ts'
import { lockToPrune } from '../../src/vault/prune-lock.ts'
import { everything, openGate } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'

const day = 24 * 60 * 60_000
let gate: Gate
afterEach(() => gate.close())

async function open(vault: string): Promise<void> {
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL);
INSERT INTO car (name) SELECT 'car ' || g FROM generate_series(1, 300) g;`,
    vault,
  })
}

async function firebreak(...args: readonly string[]): Promise<string> {
  const bin = join(import.meta.dirname, '../../bin/firebreak')
  const config = ['--config', join(gate.dir, 'home', 'firebreak.yaml')]
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args, ...config], (error, out, err) =>
      resolve(`${out}${err}${error === null ? '' : `exit ${error.code}`}`),
    )
    child.stdin?.end()
  })
}

/** Another approver, whose codes go on the command line. */
async function enrol(): Promise<() => string> {
  const begun = await gate.people.callAs('approver-enrol', { name: 'bob', role: 'approver' })
  const uri = isObject(begun) ? textOf(begun['uri']) : ''
  const secret = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
  const code = (): string => {
    gate.pass(31_000)
    return codeAt(secret, stepAt(Date.now() + gate.ahead()))
  }
  await gate.people.call('approver-confirm', { name: 'bob', code: code() })
  return code
}

async function backup(): Promise<string> {
  const taken = await gate.people.call('vault-backup', { target: 'shop' })
  return isObject(taken) ? textOf(taken['id']) : ''
}

async function room(): Promise<JsonObject> {
  const status = await gate.people.call('vault-status')
  const told = isObject(status) ? (status['room'] ?? null) : null
  return isObject(told) ? told : {}
}

function ofId(all: Json | undefined, id: string): Json | undefined {
  return Array.isArray(all) ? all.find((one: Json) => isObject(one) && one['id'] === id) : undefined
}

const points = (): readonly string[] => readdirSync(join(gate.dir, 'vault/points'))

test('prune: what is old and leaned on by nothing goes by the command, under an approver, and never the last good one', async () => {
  await open('keep: 35d')
  const code = await enrol()
  const first = await backup()
  await gate.direct(`UPDATE car SET name = name || ' again'`)
  const second = await backup()
  expect(await room()).toMatchObject({ points: 2, quota: null, keepMs: 35 * day })
  const { kept, plain, stored } = await room()
  expect(ofId(kept, first)).toMatchObject({ prunable: false, why: 'its time is not over' })
  expect(Number(plain)).toBeGreaterThan(0)
  expect(Number(stored)).toBeGreaterThan(0)
  gate.pass(36 * day)
  expect(await firebreak('vault', 'status')).toMatch(new RegExp(`${first} +shop +may go`))
  expect(await firebreak('vault', 'prune', '--dry-run')).toMatch(
    new RegExp(`^goes: ${first}\\n1 points, 0 segments of WAL and 1 objects may go`),
  )
  expect(points()).toHaveLength(2)
  expect(await firebreak('vault', 'prune', '--approver', 'bob', '--code', '000000')).toContain(
    'exit 1',
  )
  expect(points()).toHaveLength(2)
  const said = await firebreak('vault', 'prune', '--approver', 'bob', '--code', code())
  expect(said).toContain('1 manifests and 1 objects are gone')
  expect(points()).toEqual([`${second}.manifest`])
  expect(await firebreak('vault', 'verify', second)).toBe(`${second} is whole\n`)
  expect(await firebreak('vault')).not.toContain(first)
  const out = join(gate.dir, 'bundle')
  await firebreak('ledger', 'export', '--out', out)
  const log = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n')
  expect(log).toMatch(new RegExp(`"points":\\[\\{"id":"${first}","sha256":"[0-9a-f]{64}"`))
}, 120_000)

test('prune: with the daemon away nothing goes, and the daemon signs nothing to who has not the store to itself', async () => {
  await open('keep: 1d')
  await backup()
  await gate.direct(`UPDATE car SET name = name || ' again'`)
  await backup()
  gate.pass(2 * day)
  await expect(gate.people.callAs('vault-prune')).rejects.toThrow('have the store to itself')
  const place = join(gate.dir, 'vault')
  const staging = await (await openDiskStore(place, realChance, Date.now())).stage()
  expect(() => lockToPrune(place)).toThrow('something is being put')
  await staging.discard()
  // The daemon's socket alone: whatever becomes of it, without a list nothing goes.
  renameSync(join(gate.dir, 'home/.firebreak/control.sock'), join(gate.dir, 'away'))
  const said = await firebreak('vault', 'prune', '--approver', 'ada', '--code', '123456')
  expect(said).toContain('exit 3')
  expect(points()).toHaveLength(2)
  renameSync(join(gate.dir, 'away'), join(gate.dir, 'home/.firebreak/control.sock'))
}, 120_000)

test('recovery-first: a full vault takes no backup and lets no act run without a point; it says so in one line', async () => {
  await open('quota: 5kB')
  await expect(backup()).rejects.toThrow(
    /^the vault would be full: .* of its quota of 5.0 kB are used, and about .* more are wanted/,
  )
  writeFileSync(join(gate.dir, 'vault/staging/other'), new Uint8Array(6000))
  gate.pass(31_000)
  const grant = await gate.people.mint('agent:cursor', everything)
  const said = await gate.psql(grant, 'DROP TABLE car')
  expect(said).toMatch(
    /refuses DROP TABLE: the vault is full: 6.\d kB of its quota of 5.0 kB are used/,
  )
  expect((await gate.direct('SELECT count(*) FROM car')).trim()).toBe('300')
  expect(await firebreak('alarms')).toContain('vault-full')
}, 120_000)

test('recovery-first: what was held while there was room does not run when there is none', async () => {
  await open('quota: 1MB')
  const grant = await gate.people.mint('agent:cursor', everything)
  const [hold = ''] = /hold_\w+/.exec(await gate.psql(grant, 'DROP TABLE car')) ?? []
  writeFileSync(join(gate.dir, 'vault/staging/other'), new Uint8Array(1_000_000))
  gate.pass(31_000)
  const done = await gate.approve(hold)
  expect(done).toMatchObject({ state: 'failed' })
  expect(textOf(done['closing'])).toContain('the vault is full')
  expect((await gate.direct('SELECT count(*) FROM car')).trim()).toBe('300')
}, 120_000)

test('from 80 % on it is told that the vault is filling', async () => {
  await open('quota: 10kB')
  expect(await firebreak('alarms')).not.toContain('vault-filling')
  await gate.restart(() =>
    writeFileSync(join(gate.dir, 'vault/staging/other'), new Uint8Array(8500)),
  )
  await expect
    .poll(async () => await firebreak('alarms'), { timeout: 15_000 })
    .toMatch(/vault-filling.*8.\d kB of its quota of 10 kB/)
  expect(await firebreak('vault', 'status')).toMatch(
    /used, .* free on its disk, 8\d % of its quota/,
  )
}, 120_000)
