/** Who may say yes, at the control socket and by passkey: roles, two persons, nobody for themself, and the factor that a policy asks for. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { signers } from '../src/approvals/signers.ts'
import { textOf } from '../src/base/json.ts'
import { approvedDigest, sealApproval } from '../src/guard/approved.ts'
import { holdById } from '../src/guard/hold.ts'
import type { ApprovalRow } from '../src/guard/rows.ts'
import { consoleYaml, enrolCodes, enrolPasskey, holdFor, objectOf } from './passkeys.ts'
import type { Person } from './passkeys.ts'
import { everything, openRig } from './rig.ts'
import type { Rig } from './rig.ts'
import { firebreak } from './run.ts'

/** What goes by one passkey, and what takes two persons with any factor. */
const volume = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
const leave = `mutation { projectLeave(id: "${kestrel.projectId}") }`
const policy = `@id("volumes-by-passkey")
@message("volumes are signed for with a passkey")
@factor("passkey")
forbid (principal, action == Action::"destroy", resource)
when { context.operation == "volumeDelete" };
`

let rig: Rig
let grant = ''
let bea: Person
let eve: Person
let cid: () => string
let holds = 0
beforeAll(async () => {
  rig = await openRig(`${consoleYaml}policies: policies\n`, {
    furnish: (home) => {
      mkdirSync(join(home, 'policies'))
      writeFileSync(join(home, 'policies', 'factor.hold.cedar'), policy)
    },
  })
  grant = await rig.people.mint('agent:a', everything)
}, 60_000)
afterAll(async () => await rig.close())

const hold = (query = leave, by = grant): ReturnType<typeof holdFor> =>
  holdFor(rig, by, query, `key-${(holds += 1)}`)

test('where nobody has a passkey, a hold that asks for one says that nobody can approve it', async () => {
  const { id } = await hold(volume)
  const shown = objectOf(await rig.people.call('hold-show', { id }))
  expect(shown).toMatchObject({
    factor: 'passkey',
    short: '1 must approve with a passkey, and 0 can: enrol another, or it expires',
  })
  expect(textOf(shown['text'])).toMatch(/approvals {2}0 of 1, by passkey alone/)
  expect(textOf(shown['text'])).toMatch(/nor does a one-time code; enrol another with a passkey/)
  await rig.people.call('hold-deny', { id })
  await rig.people.callAs('reopen', { id: 'none' }).catch(() => null)
})

test('a viewer signs nothing', async () => {
  bea = await enrolPasskey(rig, 'bea')
  eve = await enrolPasskey(rig, 'eve', 'viewer')
  cid = await enrolCodes(rig, 'cid')
  const it = await hold()
  await expect(eve.sign('hold-approve', it)).rejects.toThrow('`eve` is a viewer')
  await expect(eve.sign('resume', { who: 'all' })).rejects.toThrow('`eve` is a viewer')
  expect(await rig.people.call('hold-show', { id: it.id })).toMatchObject({ approvals: 0 })
})

test('one person with a passkey and codes counts once, and so does one with two passkeys', async () => {
  const ada = await enrolPasskey(rig, 'ada', 'admin')
  const another = await enrolPasskey(rig, 'ada', 'admin')
  const it = await hold()
  expect(await rig.people.callAs('hold-approve', it)).toMatchObject({ state: 'open', approvals: 1 })
  const twice = 'has approved it already: another person must'
  const { shown } = objectOf(await rig.people.call('hold-show', { id: it.id }))
  const again = { id: it.id, shown: textOf(shown) }
  await expect(ada.sign('hold-approve', again)).rejects.toThrow(twice)
  await expect(another.sign('hold-approve', again)).rejects.toThrow(twice)
  // It has no grace, and the rehearsal platform nothing to leave: that it failed says that it ran.
  expect(await bea.sign('hold-approve', again)).toMatchObject({ approvals: 2, state: 'failed' })
})

test('who asks approves nothing by passkey either; who minted the grant may', async () => {
  const own = await rig.people.mint('agent:bea', everything)
  const it = await hold(leave, own)
  await expect(bea.sign('hold-approve', it)).rejects.toThrow(/who asks never approves/)
  const minted = objectOf(
    await bea.sign('grant-mint', { principal: 'agent:c', note: '', caveats: everything }),
  )
  const theirs = await hold(leave, textOf(minted['grant']))
  expect(await bea.sign('hold-approve', theirs)).toMatchObject({ approvals: 1 })
})

test('who was removed after a yes by passkey counts no more', async () => {
  const dan = await enrolPasskey(rig, 'dan')
  const it = await hold()
  expect(await dan.sign('hold-approve', it)).toMatchObject({ approvals: 1, state: 'open' })
  await rig.people.callAs('approver-remove', { name: 'dan' })
  const { shown } = objectOf(await rig.people.call('hold-show', { id: it.id }))
  const next = { id: it.id, shown: textOf(shown) }
  expect(await rig.people.callAs('hold-approve', next)).toMatchObject({ state: 'open' })
  const last = objectOf(await rig.people.call('hold-show', { id: it.id }))
  const now = { id: it.id, shown: textOf(last['shown']) }
  expect(await bea.sign('hold-approve', now)).toMatchObject({ state: 'failed' })
})

test('a policy may ask for a passkey: a code is refused, unspent, and told where to sign', async () => {
  const it = await hold(volume, await rig.people.mint('agent:d', everything))
  const code = cid()
  const refusal = rig.people.call('hold-approve', { ...it, approver: 'cid', code })
  await expect(refusal).rejects.toMatchObject({
    code: 'factor_refused',
    message: expect.stringMatching(/asks for a passkey here: a one-time code/),
    hint: 'sign at the console: http://localhost:7078',
  })
  expect(
    await rig.people.call('resume', { who: 'x', approver: 'cid', code }).catch(String),
  ).toMatch(/`x` is not halted/)
  const { confirm } = objectOf(await rig.people.call('hold-show', { id: it.id }))
  const args = ['approve', it.id, '--name', textOf(confirm), '--approver', 'cid', '--code', cid()]
  const said = await firebreak([...args, '--config', rig.config.file])
  expect(said).toMatch(/sign `hold_\w+` at the console: http:\/\/localhost:7078\/#\/hold\/hold_/)
  expect(said).toMatch(/exit 1$/)
  expect(await bea.sign('hold-approve', it)).toMatchObject({ state: 'scheduled' })
})

test('the factor is sealed with the hold: who writes it out of the state gets nothing approved', async () => {
  const it = await hold(volume, await rig.people.mint('agent:e', everything))
  const { state } = rig.running.firebreak
  await state.transact(async (tx) => {
    const row = await tx.get('hold', it.id)
    if (row === null) throw new Error('no hold')
    const { factor, ...rest } = row
    expect(factor).toBe('passkey')
    await tx.put('hold', rest)
  })
  const refusal = rig.people.call('hold-approve', { ...it, approver: 'cid', code: cid() })
  await expect(refusal).rejects.toThrow(/is not as it was opened/)
})

test('approval-binds: a yes by code that is written in the state to be one by passkey counts as none where a passkey is asked for', async () => {
  const { id } = await hold(volume, await rig.people.mint('agent:f', everything))
  const { state, seal, guard } = rig.running.firebreak
  const [row, able] = await state.transact(
    async (tx) => [await holdById(tx, id), await signers(seal, tx)] as const,
  )
  const given = (factor: 'totp' | 'passkey'): ApprovalRow => {
    const said = { approver: 'cid', factor, at: rig.running.firebreak.clock.now() }
    return sealApproval(seal, id, { ...said, digest: row.digest, shown: 'x', evidence: {} })
  }
  const covers = (one: ApprovalRow): boolean =>
    approvedDigest(seal, { ...row, approvals: [one] }, able) === row.digest
  const flipped: ApprovalRow = { ...given('totp'), factor: 'passkey' }
  expect(row.factor).toBe('passkey')
  expect([given('passkey'), given('totp'), flipped].map(covers)).toEqual([true, false, false])
  const scheduled = { state: 'scheduled', executesAt: 1, approvals: [flipped] } as const
  await state.transact((tx) => tx.put('hold', { ...row, ...scheduled }))
  rig.pass(row.graceMs)
  await guard.deferral.advance(id)
  expect(await state.transact((tx) => holdById(tx, id))).toMatchObject({
    state: 'failed',
    closing: expect.stringContaining('its approvals do not cover it'),
  })
})
