/** Attacks on a lent voice: a hand in the state, races of its end, and evidence of what was never lent. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Seat, Site } from '../console/site.ts'
import { openSite } from '../console/site.ts'
import { lentGround } from '../lent-ground.ts'

let site: Site
let ann: Seat
let otto: Seat
beforeAll(async () => {
  site = await openSite()
  ann = await site.seat('ann', 'admin')
  await site.seat('bob')
  otto = await site.seat('otto', 'viewer')
}, 60_000)
afterAll(async () => await site.close())
beforeEach(async () => {
  await takeBack(ann)
})

const { lend, takeBack, hold, show, approve, sql } = lentGround(() => site)

test('tamper-shows: a copy of a row under another key lends nothing after the voice was taken back', async () => {
  await lend(ann)
  const id = await hold()
  sql(
    "INSERT INTO delegation SELECT 'delegation_zzz', row FROM delegation WHERE json_extract(row, '$.endedAt') IS NULL",
  )
  expect((await takeBack(ann)).status).toBe(200)
  const answer = await approve(otto, id)
  sql("DELETE FROM delegation WHERE id = 'delegation_zzz'")
  await site.people.call('hold-deny', { id })
  expect(answer.status).toBe(403)
})

test('tamper-shows: a copy of a seat, or key, under another key signs nothing after its removal', async () => {
  const dan = await site.seat('dan', 'approver')
  sql(
    "INSERT INTO approver SELECT 'approver_zz2', row FROM approver WHERE json_extract(row, '$.name') = 'dan'",
  )
  sql(
    `INSERT INTO passkey SELECT 'passkey_zz2', row FROM passkey WHERE json_extract(row, '$.id') = '${dan.key.id}'`,
  )
  const id = await hold()
  expect((await ann.page.sign(ann, 'approver-remove', { name: 'dan' })).status).toBe(200)
  const [answer, page] = [await approve(dan, id), site.open()]
  const door = await page.signIn('dan', dan.key)
  sql(
    "DELETE FROM approver WHERE id = 'approver_zz2'; DELETE FROM passkey WHERE id = 'passkey_zz2'",
  )
  expect([answer.status, door.status]).toEqual([401, 403])
})

// Last: where the daemon looks just then, nothing runs any more.
test('two persons: names that a hand swaps make no second voice of lender and stand-in', async () => {
  await lend(ann)
  const id = await hold()
  expect((await approve(ann, id)).status).toBe(200)
  const shown = (await show(id))['shown'] ?? null
  sql(`INSERT INTO approver SELECT 'approver_zzz', json_set(row, '$.id', 'approver_zzz') FROM approver WHERE json_extract(row, '$.name') = 'ann';
   UPDATE approver SET row = json_set(row, '$.name', 'annx') WHERE json_extract(row, '$.name') = 'ann' AND id != 'approver_zzz'`)
  const answer = await otto.page.sign(otto, 'hold-approve', { id, shown })
  sql(`DELETE FROM approver WHERE id = 'approver_zzz';
   UPDATE approver SET row = json_set(row, '$.name', 'ann') WHERE json_extract(row, '$.name') = 'annx'`)
  expect(answer.status).toBe(403)
})
