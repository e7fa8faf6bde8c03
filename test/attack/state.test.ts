/** A shell that may write the state file and has no key: each row it forges, drops or brings back is named, and nothing runs on it. */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { codeAt, stepAt } from '../../src/approvals/totp.ts'
import { fromBase32 } from '../../src/app/rehearse.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json } from '../../src/base/json.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

let rig: Rig
afterEach(() => rig.close())
const read = 'query { me { id } }'
const volumeDelete = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
const limits = 'limits:\n  burst: { count: 1000, window: 1m }\n'

/** One statement as another process would run it. */
function sql(text: string): void {
  const db = new DatabaseSync(join(rig.config.state, 'state.db'))
  db.exec(text)
  db.close()
}

const changes = async (): Promise<string> => JSON.stringify(await rig.people.call('power-changes'))
const member = (value: Json, name: string): string =>
  isObject(value) ? textOf(value[name] ?? '') : ''

/** Asks for the destroy of a volume and gives the hold's id. */
async function ask(grant: string, key = 'first'): Promise<string> {
  const { body } = await rig.ask(grant, volumeDelete, { headers: { 'idempotency-key': key } })
  return textOf(body['holdId'] ?? '')
}

async function approve(id: string): Promise<Json> {
  const shown = await rig.people.call('hold-show', { id })
  return await rig.people.callAs('hold-approve', { id, shown: member(shown, 'shown') })
}

/** Enrols another person and gives how they make codes. */
async function enrol(name: string, role: string): Promise<() => string> {
  const begun = await rig.people.callAs('approver-enrol', { name, role, approver: 'ada' })
  const secret = fromBase32(new URL(member(begun, 'uri')).searchParams.get('secret') ?? '')
  const code = (): string => codeAt(secret, stepAt(rig.running.firebreak.clock.now()))
  await rig.people.call('approver-confirm', { name, code: code() })
  rig.pass(61_000)
  return code
}

test('everything that people and agents do leaves a state that the ledger agrees with, also after a restart', async () => {
  rig = await openRig(`grace: 1h\n${limits}`)
  const grant = await rig.people.mint('agent:cursor', { ...everything, expiresMs: 86_400_000 })
  const gone = await rig.people.mint('agent:gone', everything)
  await rig.people.call('grant-revoke', { id: gone })
  await enrol('bea', 'approver')
  await rig.people.callAs('approver-remove', { name: 'bea' })
  await approve(await ask(grant, 'undone'))
  const [undone] = JSON.stringify(await rig.people.call('hold-list', { all: true })).match(
    /hold_[a-z0-9]+/,
  ) ?? ['']
  await rig.people.call('hold-undo', { id: undone })
  const run = await ask(grant, 'run')
  await approve(run)
  rig.pass(3_600_001)
  const state = async (): Promise<string> =>
    member(await rig.people.call('hold-show', { id: run }), 'state')
  await expect.poll(state, { timeout: 15_000 }).toBe('executed')
  await rig.people.call('halt', { who: 'agent:cursor', reason: 'a look' })
  await rig.people.callAs('resume', { who: 'agent:cursor' })
  await rig.people.call('hold-deny', { id: await ask(grant, 'denied') }).catch(() => null)
  await rig.restart()
  expect(await rig.people.call('ledger-verify')).toMatchObject({ ok: true, faults: [] })
  expect(await rig.people.call('power-changes')).toMatchObject({ changes: [] })
  expect((await rig.ask(grant, read)).status).toBe(200)
}, 60_000)

interface Scene {
  readonly hold: string
}

const attacks: readonly (readonly [string, (scene: Scene) => string, RegExp])[] = [
  [
    'a revocation is taken away',
    () => `DELETE FROM revoked; UPDATE "grant" SET row = json_set(row, '$.revokedAt', NULL)`,
    /was revoked, and the state has forgotten it/,
  ],
  [
    'a halt is lowered',
    () => `UPDATE halt SET row = json_set(row, '$.liftedAt', 1)`,
    /was halted and nobody has resumed it/,
  ],
  ['a halt is dropped', () => 'DELETE FROM halt', /was halted and nobody has resumed it/],
  [
    'a grant is given to another principal',
    () => `UPDATE "grant" SET row = json_set(row, '$.principal', 'agent:new')`,
    /was minted for `agent:/,
  ],
  [
    'an approver becomes an admin',
    () => `UPDATE approver SET row = json_set(row, '$.role', 'admin')`,
    /approver `eve`, admin, was enrolled as `eve`, approver/,
  ],
  [
    'an approver gets a second name',
    () =>
      `INSERT INTO approver SELECT 'approver_x', json_set(row, '$.id', 'approver_x', '$.name', 'bob') FROM approver WHERE row LIKE '%"eve"%'`,
    /approver `bob` was never enrolled/,
  ],
  [
    'the approvers are wiped, for a first enrolment',
    () => 'DELETE FROM approver',
    /approver `ada` is gone/,
  ],
  [
    'a hold is flipped to scheduled',
    ({ hold }) =>
      `UPDATE hold SET row = json_set(row, '$.state', 'scheduled', '$.executesAt', 1) WHERE id = '${hold}'`,
    /is open, and the state says scheduled/,
  ],
  [
    'a hold is dropped',
    ({ hold }) => `DELETE FROM hold WHERE id = '${hold}'`,
    /hold `hold_[a-z0-9]+` is gone/,
  ],
  [
    'a denial is taken away',
    () => 'DELETE FROM closed',
    /the no to `hold_[a-z0-9]+` closes nothing any more/,
  ],
  [
    'a denial is made shorter',
    () => `UPDATE closed SET row = json_set(row, '$.until', 1)`,
    /the no to `hold_[a-z0-9]+` closes nothing any more/,
  ],
  [
    'a denied class is reopened',
    () => `UPDATE closed SET row = json_set(row, '$.reopenedAt', 1)`,
    /was never reopened/,
  ],
  ['a lease is dropped', () => 'DELETE FROM lease', /has lost its lease on `point_/],
  [
    'the time of a scheduled hold is moved',
    () =>
      `UPDATE hold SET row = json_set(row, '$.executesAt', 1) WHERE json_extract(row, '$.state') = 'scheduled'`,
    /was given another time to run/,
  ],
  [
    'what was accepted is dropped',
    () => `DELETE FROM meta WHERE id = 'power'`,
    /what was accepted is gone/,
  ],
  [
    'what was accepted is written over',
    () => `UPDATE meta SET row = '{"id":"power","value":{}}' WHERE id = 'power'`,
    /what was accepted is gone from the state, or was written over/,
  ],
  [
    "the ledger's end is cut off at a checkpoint",
    () =>
      `DELETE FROM log_leaf WHERE seq > 1; DELETE FROM log_hash WHERE seq > 1 OR level > 1 OR (level = 1 AND seq > 0); DELETE FROM log_checkpoint WHERE size > 2`,
    /never|older copy|not those/,
  ],
]

test.each(attacks)(
  'tamper-shows: while it runs, %s: it is named, an alarm is raised, and nothing passes',
  async (_, edit, named) => {
    rig = await openRig(limits)
    const grant = await rig.people.mint('agent:cursor', everything)
    const other = await rig.people.mint('agent:other', everything)
    await enrol('eve', 'approver')
    const hold = await ask(grant)
    await approve(await ask(await rig.people.mint('agent:third', everything)))
    await rig.people.call('hold-deny', { id: await ask(other) })
    await rig.people.call('grant-revoke', { id: other })
    await rig.people.call('halt', { who: 'agent:third', reason: 'a look' })
    expect((await rig.ask(grant, read)).status).toBe(200)
    sql(edit({ hold }))
    await expect.poll(changes).toMatch(named)
    await expect.poll(async () => (await rig.ask(grant, read)).status).not.toBe(200)
    expect([401, 403]).toContain((await rig.ask(other, read)).status)
    await expect(rig.people.call('ledger-verify')).resolves.toMatchObject({ ok: false })
    const alarms = JSON.stringify(await rig.people.call('alarm-list', { all: false }))
    expect(alarms).toMatch(/"rule":"(tampered|ledger)"/)
    expect(rig.platform.mutations()).toBe(0)
  },
  30_000,
)

/** Copies the state's database, with its log, as a backup does. */
function copyState(from: string, into: string): void {
  for (const file of readdirSync(into)) if (file.startsWith('state.db')) rmSync(join(into, file))
  for (const file of readdirSync(from))
    if (/^state\.db(-wal)?$/.test(file)) copyFileSync(join(from, file), join(into, file))
}

test('an older state that is put back, in which a grant is not revoked yet, runs nothing until an admin has accepted it', async () => {
  rig = await openRig(limits)
  const grant = await rig.people.mint('agent:cursor', everything)
  const backup = join(rig.dir, 'backup')
  mkdirSync(backup)
  copyState(rig.config.state, backup)
  await rig.people.call('grant-revoke', { id: grant })
  await rig.restart(() => copyState(backup, rig.config.state))
  expect((await rig.ask(grant, read)).status).toBe(403)
  expect(await changes()).toMatch(/an older copy of the state was put back/)
  await rig.people.callAs('accept', {
    power: member(await rig.people.call('power-changes'), 'power'),
  })
  expect((await rig.ask(grant, read)).status).toBe(200)
  await rig.restart()
  expect(await rig.people.call('power-changes')).toMatchObject({ changes: [] })
}, 30_000)

test('a ledger whose length nobody remembers any more runs nothing', async () => {
  rig = await openRig(limits)
  const grant = await rig.people.mint('agent:cursor', everything)
  const vault = join(rig.dir, 'vault')
  await rig.restart(() => {
    for (const file of readdirSync(vault)) if (file.startsWith('head-')) rmSync(join(vault, file))
  })
  expect((await rig.ask(grant, read)).status).toBe(403)
  expect(await changes()).toMatch(/nothing remembers/)
})

test('a changed config with the accepted one wiped from the state is no first start', async () => {
  rig = await openRig(limits)
  const grant = await rig.people.mint('agent:cursor', everything)
  const { file } = rig.config
  writeFileSync(file, readFileSync(file, 'utf8').replace('version: 1', 'version: 1\nmode: shadow'))
  sql(`DELETE FROM meta WHERE id = 'power'`)
  await rig.restart()
  expect((await rig.ask(grant, volumeDelete)).status).toBe(403)
  expect(await changes()).toMatch(/what was accepted is gone/)
  expect(rig.platform.mutations()).toBe(0)
})
