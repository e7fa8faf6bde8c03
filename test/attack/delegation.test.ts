/** Voices, lent and counted, attacked: by a hand in the state that is quicker than the round that looks, and by two calls at once. */
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endDelegation } from '../../src/approvals/delegate.ts'
import { messageOf } from '../../src/base/error.ts'
import { isObject, textOf, toJson } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { numberOf } from '../../src/approvals/invite.ts'
import { openAuthenticator } from '../authenticator.ts'
import { openSite } from '../console/site.ts'
import type { Seat, Site } from '../console/site.ts'
import { leave, lentGround } from '../lent-ground.ts'
import { everything } from '../rig.ts'

let site: Site
let ann: Seat
let bob: Seat
let otto: Seat
beforeEach(async () => {
  site = await openSite()
  ann = await site.seat('ann', 'admin')
  bob = await site.seat('bob')
  otto = await site.seat('otto', 'viewer')
}, 60_000)
afterEach(async () => await site.close())

const { lend, takeBack, hold, show, approve, verify, sql } = lentGround(() => site)
const changes = async (): Promise<JsonObject> => {
  const found = await site.people.call('power-changes')
  return isObject(found) ? found : {}
}
/** What the control socket says to who signs with that key. */
const refusal = async (
  key: Seat['key'],
  approver: string,
  command: string,
  input: JsonObject,
): Promise<string> => {
  const { people, origin } = site
  const put = await people.call('statement', { command, input, approver })
  const challenge = isObject(put) ? textOf(put['challenge'] ?? null) : ''
  const assertion = toJson(key.get(challenge, { origin }))
  return await people.call(command, { ...input, approver, assertion }).then(
    () => 'done',
    (thrown: unknown) => messageOf(thrown),
  )
}
const set = (table: string, field: string, value: string, where = 'true'): void =>
  sql(`UPDATE ${table} SET row = json_set(row, '$.${field}', ${value}) WHERE ${where}`)
const named = (name: string): string => `json_extract(row, '$.name') = '${name}'`

test('tamper-shows: who seems to be removed, and nobody removed them, is named: they would count no more', async () => {
  await lend(ann)
  set('approver', 'removedAt', '5', named('bob'))
  set('passkey', 'removedAt', '5')
  set('delegation', 'endedAt', '5')
  const told = JSON.stringify(await verify())
  expect(told).toContain('approver `bob` was not removed, and the state says so')
  expect(told).toContain(`passkey \`${ann.key.id}\` was not removed, and the state says so`)
  expect(told).toMatch(/delegation `\w+` was not taken back, and the state says so/)
})

test('E1: one who approves, and a hand that takes the others away while it is asked, are not two persons', async () => {
  const grant = await site.people.mint('agent:cleanup', everything)
  set('approver', 'removedAt', '5', `NOT ${named('bob')}`)
  const { text } = await site.ask(grant, `mutation { ${leave} }`)
  set('approver', 'removedAt', 'NULL', `NOT ${named('bob')}`)
  expect(text).toContain('no approver has accepted it')
  expect(text).not.toContain('hold_')
})

test('a-person-signs: a delegation that was taken back, and is put back by hand, lends nothing for a moment either', async () => {
  await lend(ann)
  await takeBack(ann)
  const id = await hold(leave)
  expect((await approve(bob, id)).body).toMatchObject({ state: 'open', approvals: 1 })
  set('delegation', 'endedAt', 'NULL')
  const refused = await approve(otto, id)
  expect(refused.text).toContain('a viewer')
  expect((await show(id))['state']).toBe('open')
})

test('a-person-signs: nor does the voice of who was removed, whose row is put back by hand', async () => {
  await lend(bob, 'bob')
  const id = await hold(leave)
  expect((await approve(ann, id)).body).toMatchObject({ state: 'open', approvals: 1 })
  expect((await ann.page.sign(ann, 'approver-remove', { name: 'bob' })).status).toBe(200)
  set('approver', 'removedAt', 'NULL', named('bob'))
  const refused = await approve(otto, id)
  expect(refused.text).toContain('a viewer')
  await site.people.call('halt', { who: 'agent:other', reason: 'test' })
  expect((await otto.page.sign(otto, 'resume', { who: 'agent:other' })).status).toBe(403)
})

test('E1: the yes of who was removed, whose row is put back by hand, runs nothing', async () => {
  const id = await hold(leave)
  expect((await approve(bob, id)).body).toMatchObject({ state: 'open', approvals: 1 })
  expect((await ann.page.sign(ann, 'approver-remove', { name: 'bob' })).status).toBe(200)
  set('approver', 'removedAt', 'NULL', named('bob'))
  expect((await approve(ann, id)).body).toMatchObject({ state: 'scheduled', approvals: 2 })
})

test('E1: whoever is enrolled under the name of one who was removed is not made that one by an earlier day', async () => {
  const id = await hold(leave)
  expect((await approve(bob, id)).body).toMatchObject({ state: 'open', approvals: 1 })
  await ann.page.sign(ann, 'approver-remove', { name: 'bob' })
  await site.seat('bob')
  set('approver', 'enrolledAt', '5', named('bob'))
  expect(JSON.stringify(await verify())).toContain('`bob` was enrolled at another time')
  expect((await approve(ann, id)).body).toMatchObject({ state: 'scheduled' })
})

test('a voice that is taken back between a signature and its count is not counted, and nothing is written down of it', async () => {
  await lend(ann)
  const id = await hold(leave)
  const { factors, clock, state } = site.running.firebreak
  const check = factors.passkey.check.bind(factors.passkey)
  const between: Promise<void>[] = []
  vi.spyOn(factors.passkey, 'check').mockImplementationOnce(async (...given) => {
    between.push(
      state.transact(async (tx) => {
        await endDelegation(
          { seal: site.running.firebreak.seal, now: () => clock.now() },
          tx,
          'ann',
        )
      }),
    )
    return await check(...given)
  })
  const refused = await approve(otto, id)
  await Promise.all(between)
  expect(refused.status).toBe(403)
  expect((await show(id))['approvals']).toBe(0)
})

test('approval-binds: what was signed in the place of one counts in the place of no other', async () => {
  await lend(ann)
  const id = await hold(leave)
  const input = { id, shown: (await show(id))['shown'] ?? null }
  const { body } = await otto.page.call('statement', { command: 'hold-approve', input })
  const challenge = textOf(body['challenge'] ?? null)
  const assertion = toJson(otto.key.get(challenge, { origin: site.origin }))
  await takeBack(ann)
  await lend(ann, 'bob')
  const refused = await otto.page.call('hold-approve', { ...input, approver: 'otto', assertion })
  expect(refused.text).toContain('put before `otto` stood in for `bob`')
  expect((await approve(otto, id)).body).toMatchObject({ approvals: 1 })
})

test('power-widens-with-a-person: an admin who was removed, and whose old rows are put back, accepts nothing, themselves least of all', async () => {
  const eve = await site.seat('eve', 'admin')
  sql('CREATE TABLE old_a AS SELECT * FROM approver; CREATE TABLE old_k AS SELECT * FROM passkey')
  expect((await ann.page.sign(ann, 'approver-remove', { name: 'eve' })).status).toBe(200)
  sql(`REPLACE INTO approver SELECT * FROM old_a WHERE ${named('eve')};
    REPLACE INTO passkey SELECT * FROM old_k WHERE id = '${eve.key.id}'`)
  const { power = null } = await changes()
  const caveats = { ...everything }
  const mine = { principal: 'agent:mine', note: '', caveats }
  const again = async (name: string, input: JsonObject): Promise<string> =>
    await refusal(eve.key, 'eve', name, input)
  expect(await again('accept', { power })).toContain('the ledger knows no such `eve`')
  expect(await again('grant-mint', mine)).toContain('the ledger knows no such `eve`')
  expect((await ann.page.sign(ann, 'accept', { power })).status).toBe(200)
})

test('a-person-signs: an invitation that nobody made, written into the state, enrols nobody', async () => {
  // By then it could have been made by her.
  site.pass(2 * 60_000)
  const { firebreak } = site.running
  const key = openAuthenticator()
  const came = { id: key.id, spki: key.spki, algorithm: -7, rpId: 'localhost', origin: site.origin }
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const row = {
    id: hash('token'),
    name: 'mallory',
    role: 'admin',
    by: 'ann',
    terminal: hash('terminal'),
    until: firebreak.clock.now() + 14 * 60_000,
    came,
    usedAt: null,
  }
  sql(`INSERT INTO invitation VALUES ('${row.id}', '${JSON.stringify(row)}')`)
  const wish = { terminal: 'terminal', number: numberOf(came) }
  expect((await bob.page.call('passkey-confirm', wish)).text).toContain('does not count')
  expect(JSON.stringify(await site.people.call('approver-list'))).not.toContain('mallory')
})
