/** Receipts: whoever asked and whoever answered can prove, offline and to anybody, what was written down about it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { isObject, textOf } from '../src/base/json.ts'
import type { JsonObject } from '../src/base/json.ts'
import { readVerifier } from '../src/ledger/note.ts'
import { readReceipt } from '../src/ledger/receipt.ts'
import { domains, everything, openRig } from './rig.ts'
import type { Rig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await openRig()
})
afterEach(() => rig.close())

const volumeDelete = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`

async function fetched(path: string, grant: string): Promise<Response> {
  return await fetch(`${rig.running.url}${path}`, { headers: { authorization: `Bearer ${grant}` } })
}

function read(text: string): ReturnType<typeof readReceipt> {
  return readReceipt(text, readVerifier(rig.running.firebreak.signer.verifier))
}

async function approved(id: string): Promise<JsonObject> {
  const shown = await rig.people.call('hold-show', { id })
  const result = await rig.people.callAs('hold-approve', {
    id,
    shown: isObject(shown) ? textOf(shown['shown']) : '',
  })
  return isObject(result) ? result : {}
}

test('an agent that is refused gets the receipt of the refusal, and nobody else does', async () => {
  const grant = await rig.people.mint('agent:cursor', domains)
  const { body } = await rig.ask(grant, volumeDelete)
  const path = textOf(body['receipt'])
  const answer = await fetched(path, grant)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; charset=utf-8',
  ])
  expect(read(await answer.text())).toMatchObject({
    kind: 'proved',
    told: { kind: 'denied', principal: 'agent:cursor', body: { operation: 'volumeDelete' } },
  })
  const other = await rig.people.mint('agent:other', everything)
  expect((await fetched(path, other)).status).toBe(404)
  expect((await fetched(path, 'fbk_none_00000000')).status).toBe(401)
})

test.each(['999999', '007', '-1', '1e3', '99999999999999999999'])(
  'there is no receipt under %s',
  async (index) => {
    const grant = await rig.people.mint('agent:cursor', domains)
    expect((await fetched(`/.firebreak/receipts/${index}`, grant)).status).toBe(404)
  },
)

test('agent and approver both hold proof: of the hold, of the yes, of what came of it', async () => {
  const grant = await rig.people.mint('agent:cursor', { ...everything, expiresMs: 72 * 3_600_000 })
  const held = await rig.ask(grant, volumeDelete)
  const holdReceipt = await (await fetched(textOf(held.body['receipt']), grant)).text()
  expect(read(holdReceipt)).toMatchObject({ kind: 'proved', told: { kind: 'held' } })
  const id = textOf(held.body['holdId'])
  const yes = await approved(id)
  expect(read(textOf(yes['receipt']))).toMatchObject({
    kind: 'proved',
    told: { kind: 'approved', subject: id, body: { digest: yes['digest'] } },
  })
  const waiting = await rig.ask(grant, volumeDelete)
  expect(waiting.status).toBe(202)
  const scheduled = await (await fetched(textOf(waiting.body['receipt']), grant)).text()
  expect(read(scheduled)).toMatchObject({ told: { kind: 'scheduled', subject: id } })
  rig.pass(49 * 3_600_000)
  await rig.running.firebreak.guard.deferral.tick()
  const again = await rig.ask(grant, volumeDelete)
  expect(again.status).toBe(200)
  const outcome = await fetched(again.headers.get('firebreak-receipt') ?? '', grant)
  expect(read(await outcome.text())).toMatchObject({ told: { kind: 'outcome', subject: id } })
})

test('a person who says no has that proven too', async () => {
  const grant = await rig.people.mint('agent:cursor', everything)
  const { body } = await rig.ask(grant, volumeDelete)
  const no = await rig.people.call('hold-deny', { id: textOf(body['holdId']) })
  expect(read(isObject(no) ? textOf(no['receipt']) : '')).toMatchObject({
    kind: 'proved',
    told: { kind: 'rejected', subject: body['holdId'] },
  })
})

test('a receipt with one byte changed proves nothing', async () => {
  const grant = await rig.people.mint('agent:cursor', domains)
  const { body } = await rig.ask(grant, volumeDelete)
  const text = await (await fetched(textOf(body['receipt']), grant)).text()
  expect(
    read(text.replace(/^extra (.)/m, (_, first) => `extra ${first === 'A' ? 'B' : 'A'}`)),
  ).toMatchObject({ kind: 'refused' })
})
