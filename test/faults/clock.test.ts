/** A clock that jumps, whole path: no approval lasts longer, nothing runs before its grace, no code works twice, what has expired stays so. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { onward } from '../../src/base/clock.ts'
import { fromBase32 } from '../../src/app/rehearse.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { codeAt, matchCode, stepAt } from '../../src/approvals/totp.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

const hour = 3_600_000
const year = 365 * 24 * hour
const destroy = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
const read = 'query { me { id } }'

let rig: Rig
beforeEach(async () => {
  rig = await openRig('grace: 1h\n')
}, 60_000)
afterEach(async () => await rig.close())

async function held(grant: string): Promise<string> {
  const { body } = await rig.ask(grant, destroy)
  expect(body).toMatchObject({ verdict: 'hold' })
  return textOf(body['holdId'])
}
async function state(id: string): Promise<string> {
  const shown = await rig.people.call('hold-show', { id })
  return isObject(shown) ? textOf(shown['state']) : ''
}
async function approve(id: string): Promise<void> {
  const shown = await rig.people.call('hold-show', { id })
  await rig.people.callAs('hold-approve', {
    id,
    shown: isObject(shown) ? textOf(shown['shown']) : '',
  })
}
/** Two rounds of the daemon's clock, whatever they find. */
async function rounds(): Promise<void> {
  await rig.running.firebreak.guard.deferral.tick()
  await rig.running.firebreak.guard.deferral.tick()
}

test('grace-undoes, E2: a clock that jumps past the grace runs nothing; the time itself does', async () => {
  const id = await held(await rig.people.mint('agent:a', { ...everything, expiresMs: 9 * year }))
  await approve(id)
  rig.jump(3 * hour)
  await rounds()
  expect(await state(id)).toBe('scheduled')
  rig.pass(hour)
  await expect.poll(async () => await state(id), { timeout: 15_000 }).toBe('executed')
  expect(rig.platform.effects()).toEqual(['volumeDelete'])
})

test('grace-undoes: after a jump the undo still works, and the platform was never called', async () => {
  const id = await held(await rig.people.mint('agent:a', { ...everything, expiresMs: 9 * year }))
  await approve(id)
  rig.jump(3 * hour)
  await rounds()
  await rig.people.call('hold-undo', { id })
  rig.pass(2 * hour)
  await rounds()
  expect(await state(id)).toBe('undone')
  expect(rig.platform.mutations()).toBe(0)
})

test.each([
  ['an hour', -hour],
  ['three years', -3 * year],
  ['1970', -Date.now()],
])(
  'a clock that is set back by %s makes nothing run early, last longer or live again',
  async (_, back) => {
    const short = await rig.people.mint('agent:short', everything)
    const grant = await rig.people.mint('agent:a', { ...everything, expiresMs: 9 * year })
    const id = await held(grant)
    await approve(id)
    rig.pass(30 * 60_000)
    rig.jump(back)
    expect((await rig.ask(grant, read)).status).toBe(200)
    const waiting = textOf(
      (
        await rig.ask(
          grant,
          'mutation { customDomainDelete(id: "' + kestrel.customDomainId + '") }',
        )
      ).body['holdId'],
    )
    await rounds()
    expect(await state(id)).toBe('scheduled')
    // The half hour that was left, by the steady clock; the grant of an hour ends with it.
    rig.pass(31 * 60_000)
    await expect.poll(async () => await state(id), { timeout: 15_000 }).toBe('executed')
    expect((await rig.ask(short, read)).status).toBe(401)
    // An open hold ends after its four hours, by whatever clock.
    rig.pass(4 * hour)
    await rounds()
    expect(await state(waiting)).toBe('expired')
  },
)

test('silence-refuses: a clock that jumps ahead ends an open hold, and setting it back does not open it again', async () => {
  const grant = await rig.people.mint('agent:a', { ...everything, expiresMs: 9 * year })
  const id = await held(grant)
  rig.jump(5 * hour)
  await rounds()
  expect(await state(id)).toBe('expired')
  rig.jump(-5 * hour)
  await expect(approve(id)).rejects.toThrow(/expired/)
})

test('a code that was used is refused after the clock was set back to its time, here and after a restart', async () => {
  const secret = new Uint8Array(20).fill(7)
  const spent = stepAt(1_800_000_000_000)
  for (const now of [1_800_000_000_000, 1_800_000_000_000 - 30_000, 1_800_000_000_000 + 30_000])
    expect(matchCode(secret, codeAt(secret, spent), { now, lastStep: spent })).toBeNull()
  // The whole path, with a person whose authenticator this test has.
  const begun = await rig.people.callAs('approver-enrol', { name: 'bo', role: 'approver' })
  const uri = isObject(begun) ? textOf(begun['uri']) : ''
  const own = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
  const now = (): number => rig.running.firebreak.clock.now()
  await rig.people.call('approver-confirm', { name: 'bo', code: codeAt(own, stepAt(now())) })
  rig.pass(31_000)
  const given = { approver: 'bo', code: codeAt(own, stepAt(now())) }
  const resume = async (): Promise<unknown> =>
    await rig.people.call('resume', { who: 'agent:a', ...given })
  const halt = async (): Promise<unknown> =>
    await rig.people.call('halt', { who: 'agent:a', reason: 'x' })
  await halt()
  await resume()
  await halt()
  rig.jump(-31_000)
  await expect(resume()).rejects.toThrow(/wrong, too old, or used already/)
  await rig.restart()
  await expect(resume()).rejects.toThrow(/wrong, too old, or used already/)
})

test('a grant that had expired stays so after a restart under a clock that was set back a little', async () => {
  const grant = await rig.people.mint('agent:a', { ...everything, expiresMs: 1000 })
  rig.pass(1500)
  expect((await rig.ask(grant, read)).status).toBe(401)
  await rig.people.call('halt', { who: 'agent:b', reason: 'something to write down' })
  rig.jump(-30_000)
  await rig.restart()
  expect((await rig.ask(grant, read)).status).toBe(401)
})

test.each([
  ['an hour', -hour],
  ['1970', -Date.now()],
])(
  'started with a clock that is behind by %s, it refuses in one line and says both times',
  async (_, back) => {
    await rig.running.stop()
    rig.jump(back)
    await expect(rig.start()).rejects.toMatchObject({
      code: 'wrong_state',
      message: expect.stringMatching(/^the clock says \S+, and it was \S+ already/),
      hint: expect.stringContaining('set the clock'),
    })
    rig.jump(-back)
    await rig.start()
  },
)

test('time never goes back, follows a clock that is set forward, and goes on while it is behind', () => {
  let [now, steady] = [1_000_000, 0]
  const clock = onward({ now: () => now, steady: () => steady })
  const step = (wall: number, real: number): number => {
    now += wall
    steady += real
    return clock.now()
  }
  expect(step(10, 10)).toBe(1_000_010)
  expect(step(-500, 10)).toBe(1_000_010)
  expect(step(600, 600)).toBe(1_000_110)
  expect(step(-5000, 100)).toBe(1_000_210)
  expect(step(100, 100)).toBe(1_000_310)
  expect(step(90_000, 100)).toBe(1_085_210)
})
