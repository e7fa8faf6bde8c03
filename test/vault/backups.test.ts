/** Whole databases through the daemon, as a person has it: backup, drill, list, restore, and all of it on a schedule. */
import { chmodSync, cpSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPhysical } from '../../src/app/physical.ts'
import { lookAfter, ofDatabase } from '../../src/app/schedule.ts'
import { startCluster } from '../postgres/cluster.ts'
import { openGate, owner } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'
import { firebreak as run } from '../run.ts'

let gate: Gate

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE car (id serial PRIMARY KEY, name text NOT NULL);
INSERT INTO car (name) SELECT 'car ' || g FROM generate_series(1, 300) g;
CREATE TABLE trip (id int PRIMARY KEY, car int REFERENCES car);
INSERT INTO trip SELECT g, g % 300 + 1 FROM generate_series(1, 900) g;`,
    may: 'CREATEDB',
    more: `limits: { hold: 4h }`,
    vault: `databases: { shop: { holds: ['SELECT count(*) = 300 FROM car'] } }`,
  })
}, 60_000)
afterAll(() => gate.close())

/** What the command says, and its exit code. */
async function firebreak(...args: readonly string[]): Promise<string> {
  const config = join(gate.dir, 'home', 'firebreak.yaml')
  return await bare(...args, '--config', config)
}

const bare = async (...args: readonly string[]): Promise<string> => await run(args)
const pointIn = (said: string): string => /point_\w+/.exec(said)?.[0] ?? ''

test('a person takes a point, drills it, and sees both in the list', async () => {
  const backup = await firebreak('backup', 'shop')
  expect(backup).toMatch(/^point_\w+: shop, \d.* kB, read back and whole, grade V1\n/)
  const id = pointIn(backup)
  const drill = await firebreak('drill', id)
  expect(drill).toMatch(
    /^passed: 2 tables, 1200 rows, the same as they were\n.* old; restored and compared in .*\nits schema is kept by pg_dump .*\nthe schema is what pg_dump .* says of the copy\n$/,
  )
  expect(await firebreak('vault', 'verify', id)).toBe(`${id} is whole\n`)
  const line = (await firebreak('vault')).split('\n').find((each) => each.startsWith(id))
  expect(line).toMatch(/logical shop .* V1 +verified +drill passed .* schema by pg_dump \d/)
  expect(await firebreak('vault', 'status')).toMatch(/^shop .* schema by pg_dump \d/m)
}, 120_000)

test('power-widens-with-a-person: a restore takes an approver, an empty database, and is compared', async () => {
  const id = pointIn(await firebreak('backup', 'shop'))
  const { call, callAs } = gate.people
  await expect(call('vault-restore', { id, into: 'back', by: 'agent' })).rejects.toMatchObject({
    code: 'bad_input',
  })
  await expect(callAs('vault-restore', { id, into: 'shop', by: 'ada' })).rejects.toThrow(
    /nothing is restored over what lives/,
  )
  await gate.direct('CREATE DATABASE back')
  expect(await callAs('vault-restore', { id, into: 'back', by: 'ada' })).toMatchObject({
    done: [`2 tables with 1200 rows of \`${id}\` are in \`back\`, compared and the same`],
  })
  expect(gate.cluster.sql('SELECT count(*), max(name) FROM car', 'back').trim()).toBe('300|car 99')
}, 120_000)

test('drill-proves: a damaged point fails, is told, and the last good one is named', async () => {
  const good = pointIn(await firebreak('backup', 'shop'))
  await firebreak('drill', good)
  await gate.direct(`UPDATE car SET name = repeat('x', 5000) WHERE id = 1`)
  const bad = pointIn(await firebreak('backup', 'shop'))
  const newest = globSync(join(gate.dir, 'vault/objects/*/*')).toSorted(
    (a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs,
  )
  const biggest =
    newest.slice(0, 2).toSorted((a, b) => statSync(b).size - statSync(a).size)[0] ?? ''
  const bytes = readFileSync(biggest)
  bytes[100] = (bytes[100] ?? 0) ^ 1
  chmodSync(biggest, 0o600)
  writeFileSync(biggest, bytes)
  const said = await firebreak('drill', bad)
  expect(said).toContain(`FAILED: ${bad} does not bring back what was taken`)
  expect(said).toContain(`the last good one: ${good}\n`)
  expect(said).toMatch(/exit 1$/)
  expect(await firebreak('alarms')).toContain('drill-failed')
  expect(await firebreak('vault', 'verify', bad)).toMatch(/is NOT whole.*exit 4$/s)
}, 120_000)

test('what must hold in the data is part of the drill', async () => {
  await gate.direct('INSERT INTO car (name) VALUES (0)')
  const id = pointIn(await firebreak('backup', 'shop'))
  expect(await firebreak('drill', id)).toContain('`SELECT count(*) = 300 FROM car` does not hold')
}, 120_000)

test('the schedule takes a point when one is due and drills it, and an old one is told', async () => {
  const day = 24 * 3_600_000
  const points = async (): Promise<number> =>
    (await firebreak('vault')).split('\n').filter((line) => line.includes('logical shop')).length
  const before = await points()
  const { firebreak: running } = gate.running
  const none = startPhysical(running)
  await lookAfter(running, none, { ...ofDatabase('shop'), every: day, drill: undefined })
  expect(await points()).toBe(before)
  gate.pass(2 * day)
  await lookAfter(running, none, { ...ofDatabase('shop'), every: day, drill: day })
  expect(await points()).toBe(before + 1)
  const last = (await firebreak('vault')).trim().split('\n').at(-1)
  expect(last).toMatch(/logical shop .*drill (passed|FAILED)/)
  expect(await firebreak('alarms')).toMatch(
    /stale.*newest recovery point that was verified is 2 d old/,
  )
}, 120_000)

test('a point that is dated years ahead keeps no new one from being taken, and the clock is told', async () => {
  const day = 24 * 3_600_000
  const { firebreak: running } = gate.running
  const { state, clock } = running
  const rows = await state.transact((tx) => tx.find('point', {}))
  const ahead = clock.now() + 5 * 365 * day
  await state.transact(async (tx) => {
    const row = rows.findLast(({ verifiedAt }) => verifiedAt !== null)
    if (row !== undefined)
      await tx.put('point', { ...row, id: 'point_ahead', takenAt: ahead, verifiedAt: ahead })
  })
  gate.pass(2 * day)
  await lookAfter(running, startPhysical(running), {
    ...ofDatabase('shop'),
    every: day,
    drill: undefined,
  })
  const after = await state.transact((tx) => tx.find('point', {}))
  expect(after).toHaveLength(rows.length + 2)
  expect(await firebreak('alarms')).toMatch(
    /clock-wrong.*`point_ahead` is dated 20\d\d-.*the clock of this machine is wrong, or was/,
  )
  // What is not in the store any more is told as such.
  expect(await firebreak('vault')).toMatch(/point_ahead +BROKEN +its manifest is not in the store/)
  expect(await firebreak('vault', 'verify', 'point_ahead')).toMatch(
    /^point_ahead is NOT whole: the manifest is damaged or missing: .*\nthe last good one: point_\w+\n/,
  )
}, 120_000)

test('recovery-first: with daemon, state and database gone, store and key are enough', async () => {
  const id = pointIn(await firebreak('backup', 'shop'))
  const rows = gate.cluster.sql('SELECT count(*) FROM car', 'shop').trim()
  const elsewhere = await startCluster({
    users: [{ name: owner, password: 'another', how: 'scram-sha-256' }],
  })
  try {
    elsewhere.sql(`CREATE DATABASE found OWNER ${owner}`)
    const alone = join(gate.dir, 'alone')
    cpSync(join(gate.dir, 'vault'), alone, { recursive: true })
    const key = join(gate.dir, 'home/.firebreak/key')
    const at = ['--store', alone, '--key', key]
    expect(await bare('vault', 'list', ...at)).toContain(id)
    const to = `postgres://${owner}:another@127.0.0.1:${elsewhere.port}/found`
    expect(await bare('restore', id, ...at, '--to', to)).toContain(
      `rows of \`${id}\` are in \`found\`, compared and the same`,
    )
    expect(elsewhere.sql('SELECT count(*) FROM car', 'found').trim()).toBe(rows)
    elsewhere.sql('CREATE DATABASE over')
    const superuser = `postgres://postgres@127.0.0.1:${elsewhere.port}/over`
    expect(await bare('restore', id, ...at, '--to', superuser)).toContain('is a superuser')
    expect(await bare('restore', id, ...at, '--to', superuser, '--trust')).toContain('the same')
    const other = join(gate.dir, 'other-key')
    writeFileSync(other, `${'ab'.repeat(32)}\n`, { mode: 0o600 })
    expect(await bare('vault', 'list', '--store', alone, '--key', other)).toMatch(/BROKEN.*exit 4/s)
  } finally {
    await elsewhere.stop()
  }
}, 120_000)

test('one line for what is not there', async () => {
  expect(await firebreak('backup', 'nowhere')).toContain('the config has no database `nowhere`')
  expect(await firebreak('drill', 'point_none')).toContain(
    'there is no recovery point `point_none`',
  )
  expect(await firebreak('restore', 'point_none')).toContain('say where: `--into DATABASE`')
}, 60_000)
