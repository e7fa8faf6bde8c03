/** Holidays: a viewer signs in the place of an approver, until an end; together they are one voice, and no hand in the state makes it more. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { isObject, textOf, toJson } from '../src/base/json.ts'
import type { Json, JsonObject } from '../src/base/json.ts'
import { endOf } from '../src/cli/delegate.ts'
import type { Answer, Seat, Site } from './console/site.ts'
import { openSite } from './console/site.ts'
import { day, leave, lentGround } from './lent-ground.ts'
import { everything } from './rig.ts'

let site: Site
let ann: Seat
let bob: Seat
let otto: Seat
let vera: Seat
beforeAll(async () => {
  site = await openSite()
  ann = await site.seat('ann', 'admin')
  bob = await site.seat('bob')
  otto = await site.seat('otto', 'viewer')
  vera = await site.seat('vera', 'viewer')
}, 60_000)
afterAll(async () => await site.close())
// Each test begins with nothing lent.
beforeEach(async () => {
  for (const name of ['ann', 'bob']) await ann.page.sign(ann, 'approver-undelegate', { name })
})

const { now, lend, takeBack, hold, show, approve, verify, sql } = lentGround(() => site)
/** It was enough: the platform was asked, and has no such thing for this token. */
const forwarded = { closing: expect.stringContaining('the target refused') }
/** Time passes; who sat somewhere comes in again. */
async function pass(ms: number): Promise<void> {
  site.pass(ms)
  for (const one of [ann, bob, otto, vera]) await one.page.signIn(one.name, one.key)
}
test('who stands in signs, it says for whom, and the ledger’s evidence holds without us', async () => {
  const id = await hold()
  expect((await approve(otto, id)).text).toContain('a viewer cannot do that')
  expect((await lend(ann)).status).toBe(200)
  expect((await otto.page.call('me')).body).toMatchObject({ role: 'viewer', for: 'ann' })
  expect((await approve(otto, id)).body).toMatchObject({ state: 'open', approvals: 1 })
  expect((await approve(bob, id)).body).toMatchObject(forwarded)
  const found = await site.people.call('ledger-search', {
    kinds: ['approved'],
    subject: id,
  })
  expect(JSON.stringify(found)).toContain(
    'otto, in the place of ann, approved projectLeave on railway',
  )
  expect(await verify()).toMatchObject({ ok: true, faults: [] })
})

test('two persons: who lends and who stands in are one voice, whoever comes first', async () => {
  await lend(ann)
  for (const [first, second] of [
    [ann, otto],
    [otto, ann],
  ] as const) {
    const id = await hold()
    expect((await show(id))['approvalsNeeded']).toBe(2)
    expect((await approve(first, id)).status).toBe(200)
    const refused = await approve(second, id)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('are one voice')
    expect((await show(id))['approvals']).toBe(1)
    await site.people.call('hold-deny', { id })
    for (const row of closedIn(await site.people.call('closed-list')))
      await ann.page.sign(ann, 'reopen', { id: row })
  }
})

const closedIn = (rows: Json): readonly string[] =>
  Array.isArray(rows) ? rows.filter(isObject).map(({ id }) => textOf(id ?? null)) : []

test('it ends by itself: after that nobody stands in, and a yes that was given in time counts', async () => {
  await lend(ann, 'ann', { lasts: 3_600_000 })
  const [early, late] = [await hold(), await hold()]
  expect((await approve(otto, early)).status).toBe(200)
  await pass(2 * 3_600_000)
  expect((await approve(otto, late)).text).toContain('a viewer cannot do that')
  expect((await otto.page.call('me')).body['for']).toBeNull()
  expect((await show(early))['short']).toBeNull()
  expect((await approve(bob, early)).body).toMatchObject(forwarded)
})

test('taken back: what was signed in that name counts no more, and its owner signs herself', async () => {
  await lend(ann)
  const id = await hold()
  await approve(otto, id)
  expect((await takeBack(ann)).status).toBe(200)
  expect((await approve(bob, id)).body).toMatchObject({ state: 'open' })
  expect((await approve(ann, id)).body).toMatchObject(forwarded)
})

test('requester-never-approves: nor does who stands in for the one who asks, nor the one for whom they stand', async () => {
  await lend(ann)
  for (const name of ['person:ann', 'person:otto']) {
    const id = await hold(leave, name)
    const refused = await approve(otto, id)
    expect(refused.text).toContain('who asks never approves')
    await site.people.call('hold-deny', { id })
  }
})

test('the yes is lent, not the office: people, grants, custody, the vault and the config take one’s own', async () => {
  await lend(ann)
  const until = now() + day
  const tries: readonly (readonly [string, JsonObject])[] = [
    ['approver-delegate', { name: 'ann', to: 'vera', until }],
    ['approver-delegate', { name: 'otto', to: 'vera', until }],
    ['approver-undelegate', { name: 'ann' }],
    ['approver-invite', { name: 'eve', role: 'approver' }],
    ['approver-invite', { name: 'ann', role: 'admin' }],
    ['approver-remove', { name: 'bob' }],
    ['passkey-remove', { name: 'ann', id: ann.key.id }],
    ['custody-add', { target: 'railway', secret: 'x' }],
    ['grant-mint', { principal: 'agent:x', targets: ['railway'], ...everything }],
    ['vault-restore', { id: 'x' }],
    ['accept', { power: 'x' }],
  ]
  for (const [command, input] of tries)
    expect((await otto.page.sign(otto, command, input)).status, command).toBe(403)
  const who = 'agent:other'
  await site.people.call('halt', { who, reason: 'test' })
  expect((await otto.page.sign(otto, 'resume', { who })).status).toBe(200)
  expect(await verify()).toMatchObject({ ok: true, faults: [] })
})

test('what lends nothing, twice, or for ever is refused in one line', async () => {
  const refusedBy = async (answer: Promise<Answer>): Promise<string> => {
    const { status, text } = await answer
    expect(status).toBeGreaterThanOrEqual(400)
    return text
  }
  expect(await refusedBy(lend(ann, 'ann', { to: 'bob' }))).toContain('signs already')
  expect(await refusedBy(lend(ann, 'otto', { to: 'vera' }))).toContain('has no voice to lend')
  expect(await refusedBy(lend(ann, 'ann', { to: 'nobody' }))).toContain('is enrolled')
  expect(await refusedBy(lend(ann, 'ann', { lasts: 91 * day }))).toContain('within 90 days')
  expect(await refusedBy(lend(ann, 'ann', { lasts: -1 }))).toContain('within 90 days')
  expect(await refusedBy(lend(bob, 'ann'))).toContain('takes an admin')
  expect(await refusedBy(lend(otto, 'ann'))).toContain('a viewer cannot')
  expect(await refusedBy(takeBack(ann))).toContain('has lent nothing')
  expect((await lend(ann, 'bob')).status).toBe(200)
  expect(await refusedBy(lend(ann, 'ann'))).toContain('signs in the place of bob')
  expect(await refusedBy(lend(bob, 'bob', { to: 'vera' }))).toContain('otto signs in the place')
  expect((await lend(ann, 'ann', { to: 'vera' })).status).toBe(200)
})

test('approval-binds: a signature for one day lends nothing until another', async () => {
  const input = { name: 'ann', to: 'otto', until: now() + day }
  const { body } = await ann.page.call('statement', { command: 'approver-delegate', input })
  const challenge = textOf(body['challenge'] ?? null)
  const assertion = toJson(ann.key.get(challenge, { origin: site.origin }))
  for (const change of [{ until: input.until + day }, { to: 'vera' }, { name: 'bob' }]) {
    const answer = await ann.page.call('approver-delegate', {
      ...input,
      ...change,
      approver: 'ann',
      assertion,
    })
    expect(answer.text).toContain('for something else')
  }
})

test('tamper-shows: a row that is longer, another’s, or put back after it was taken back lends nothing that lasts', async () => {
  await lend(ann, 'ann', { lasts: day })
  const id = await hold()
  sql(`UPDATE delegation SET row = json_set(row, '$.until', ${now() + 80 * day})`)
  expect((await approve(otto, id)).status).toBe(403)
  sql(`UPDATE delegation SET row = json_set(row, '$.until', json_extract(row, '$.until') - 1)`)
  expect((await approve(otto, id)).status).toBe(403)
  expect(JSON.stringify(await verify())).toContain('was given otherwise')
  sql("DELETE FROM delegation WHERE json_extract(row, '$.endedAt') IS NULL")
  expect(JSON.stringify(await verify())).toContain('nobody took it back')
  sql(`INSERT INTO delegation VALUES ('delegation_x', json_object('id', 'delegation_x', 'from',
    (SELECT id FROM approver WHERE json_extract(row, '$.name') = 'bob'), 'to',
    (SELECT id FROM approver WHERE json_extract(row, '$.name') = 'otto'),
    'at', 1, 'until', ${now() + day}, 'by', 'bob', 'sealed', 'x', 'endedAt', NULL))`)
  expect((await approve(otto, id)).status).toBe(403)
  expect(JSON.stringify(await verify())).toContain('was never given')
  await site.people.call('hold-deny', { id })
})

test.each([
  ['14d', 14 * day],
  ['2026-12-24', new Date(2026, 11, 25).getTime()],
  ['2026-12-24T18:00:00Z', Date.UTC(2026, 11, 24, 18)],
])('--until %s', (text, end) => {
  expect(endOf(text, 0)).toBe(end)
})

test.each(['', null, 'tomorrow', '2026-02-30', '2026-12', '2026-12-24T18:00:00', '-1d'])(
  '--until %j is refused',
  (text) => {
    expect(() => endOf(text, 0)).toThrow('--until')
  },
)
