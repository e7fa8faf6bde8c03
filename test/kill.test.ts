/** Killed at every step: the daemon as a real process, ended by SIGKILL in the act; after the restart nothing is lost, doubled or let through. */
import { afterEach, expect, test } from 'vitest'
import { kestrel, rows } from '../sim/tenant.ts'
import type { Rehearsal } from '../src/app/rehearse.ts'
import { isObject, textOf } from '../src/base/json.ts'
import { openDaemon, openPeople } from './faults/daemon.ts'
import type { Daemon } from './faults/daemon.ts'
import type { Told } from './rig.ts'

interface Begun {
  readonly daemon: Daemon
  readonly people: Rehearsal
  readonly ask: () => Promise<Told>
  readonly state: (id: string) => Promise<string>
  readonly approve: (id: string) => Promise<void>
}

let open: Daemon | null = null
afterEach(async () => await open?.close())

const query = `mutation { volumeDelete(volumeId: "${kestrel.scratchVolumeId}") }`
const caveats = { operations: ['*'], environments: ['*'], expiresMs: 3_600_000 }

async function begin(): Promise<Begun> {
  const daemon = await openDaemon()
  open = daemon
  await daemon.up()
  const people = await openPeople(daemon)
  const grant = await people.mint('agent:a', caveats)
  const show = async (id: string, what: 'state' | 'shown'): Promise<string> => {
    const hold = await daemon.call('hold-show', { id })
    return isObject(hold) ? textOf(hold[what]) : ''
  }
  return {
    daemon,
    people,
    ask: async () => await daemon.ask(grant, query),
    state: async (id) => await show(id, 'state'),
    approve: async (id) => {
      await people.callAs('hold-approve', { id, shown: await show(id, 'shown') })
    },
  }
}

test('killed while held, while scheduled, and in the act: after each restart it stands where it stood, and runs once', async () => {
  const { daemon, ask, state, approve } = await begin()
  const { platform } = daemon
  const again = async (): Promise<void> => {
    await daemon.kill('SIGKILL')
    await daemon.up()
  }
  const id = textOf((await ask()).body['holdId'])
  await again()
  expect(await state(id)).toBe('open')
  // The platform does the deed and never answers; the daemon dies while it waits.
  platform.faults.set('volumeDelete', { kind: 'mute' }, 1)
  await approve(id)
  expect(await state(id)).toBe('scheduled')
  await again()
  await expect.poll(async () => await state(id), { timeout: 20_000 }).toBe('executing')
  await expect.poll(() => platform.mutations(), { timeout: 10_000 }).toBe(1)
  await again()
  await expect.poll(async () => await state(id), { timeout: 20_000 }).toBe('executed')
  expect(await ask()).toMatchObject({ status: 200, body: { executed: true } })
  expect(platform.mutations()).toBe(1)
  expect(await daemon.call('ledger-verify')).toMatchObject({ ok: true })
  const done = await daemon.call('hold-undo', { id })
  expect(JSON.stringify(done)).toContain('done')
}, 120_000)

test('killed before the call arrived: it is failed, not run again', async () => {
  const { daemon, ask, state, approve } = await begin()
  const { platform } = daemon
  const id = textOf((await ask()).body['holdId'])
  platform.faults.set('volumeDelete', { kind: 'hang' }, 1)
  await approve(id)
  await expect.poll(async () => await state(id), { timeout: 20_000 }).toBe('executing')
  await daemon.kill('SIGKILL')
  await daemon.up()
  await expect.poll(async () => await state(id), { timeout: 20_000 }).toBe('failed')
  expect((await ask()).status).toBe(403)
  expect(platform.effects()).toEqual([])
  expect(rows(platform.volumePath(kestrel.productionInstanceId)).bookings).toBe(2400)
}, 120_000)
