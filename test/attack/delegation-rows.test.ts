/** Attacks on a lent voice: a hand in the state, races of its end, and evidence of what was never lent. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { isObject } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Answer, Seat, Site } from '../console/site.ts'
import { openSite } from '../console/site.ts'
import { everything } from '../rig.ts'

const day = 24 * 3_600_000
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

const now = (): number => site.running.firebreak.clock.now()
const lend = async (by: Seat): Promise<Answer> =>
  await by.page.sign(by, 'approver-delegate', { name: by.name, to: 'otto', until: now() + day })
const takeBack = async (by: Seat): Promise<Answer> =>
  await by.page.sign(by, 'approver-undelegate', { name: by.name })
let asked = 0
async function hold(): Promise<string> {
  const by = await site.people.mint(`agent:cleanup-${asked}`, everything)
  const headers = { prefer: 'respond-async', 'idempotency-key': `att-${(asked += 1)}` }
  const query = `mutation { projectLeave(id: "${kestrel.projectId}") }`
  const { text } = await site.ask(by, query, { headers })
  return /hold_[a-z0-9]+/.exec(text)?.[0] ?? text
}
const show = async (id: string): Promise<JsonObject> => {
  const row = await site.people.call('hold-show', { id })
  return isObject(row) ? row : {}
}
const approve = async (by: Seat, id: string): Promise<Answer> =>
  await by.page.sign(by, 'hold-approve', { id, shown: (await show(id))['shown'] ?? null })
function sql(text: string): void {
  const db = new DatabaseSync(join(site.config.state, 'state.db'))
  db.exec(text)
  db.close()
}

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
