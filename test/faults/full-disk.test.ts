/** A disk that is full or breaks, whole path: each request is refused in plain words, nothing is sent on, and with room again it goes on. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import { kestrel, rows } from '../../sim/tenant.ts'
import type { Rehearsal } from '../../src/app/rehearse.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { openDaemon, openPeople } from './daemon.ts'
import type { Daemon } from './daemon.ts'

const wide = { operations: ['*'], environments: ['*'], expiresMs: 90 * 86_400_000 } as const
const read = 'query { me { id } }'
const drop = (volume: string): string => `mutation { volumeDelete(volumeId: "${volume}") }`

let daemon: Daemon
let mounted = ''
afterEach(async () => {
  await daemon.kill('SIGKILL')
  if (mounted !== '') spawnSync('umount', [mounted])
  mounted = ''
  await daemon.close()
})

async function begin(spares = 4, grace = '1s'): Promise<{ people: Rehearsal; grant: string }> {
  daemon = await openDaemon({ spares, grace })
  return await started()
}
async function started(): Promise<{ people: Rehearsal; grant: string }> {
  await daemon.up()
  const people = await openPeople(daemon)
  return { people, grant: await people.mint('agent:cursor', wide) }
}
async function held(grant: string, nth: number): Promise<string> {
  return textOf((await daemon.ask(grant, drop(daemon.spare(nth).volume))).body['holdId'])
}
async function show(id: string, what: 'state' | 'shown' | 'closing'): Promise<string> {
  const hold = await daemon.call('hold-show', { id })
  return isObject(hold) ? textOf(hold[what]) : ''
}
async function approve(people: Rehearsal, id: string): Promise<unknown> {
  return await people.callAs('hold-approve', { id, shown: await show(id, 'shown') })
}

test.each([
  ['full', /the disk that holds the state is full/],
  ['broken', /the state cannot be written: disk I\/O error/],
] as const)(
  'broken-is-closed: while the state is %s, every answer says so, nothing is sent on; then it goes on by itself',
  async (kind, why) => {
    // Long enough that nothing comes due before the fault does.
    const { people, grant } = await begin(4, '30s')
    const [waiting, timed, done] = [
      await held(grant, 0),
      await held(grant, 1),
      await held(grant, 2),
    ]
    await approve(people, timed)
    await daemon.order({ kind, nth: 1, lasts: true })
    const refused = await daemon.ask(grant, drop(daemon.spare(3).volume))
    expect(refused).toMatchObject({ status: 503, body: { executed: false, retryable: true } })
    expect(textOf(refused.body['detail'])).toMatch(why)
    expect(refused.headers.get('retry-after')).toBe('5')
    for (const act of [
      async () => await daemon.call('hold-deny', { id: waiting }),
      async () => await daemon.call('hold-undo', { id: timed }),
      async () => await daemon.call('grant-revoke', { id: grant }),
      async () => await approve(people, done),
      async () => await people.callAs('custody-add', { target: 'railway', secret: 'x' }),
      async () => await people.mint('agent:b', wide),
    ])
      await expect(act()).rejects.toThrow(why)
    // Its time comes and it cannot be written down: so it does not run.
    await daemon.pass(35_000)
    await expect.poll(() => daemon.told(), { timeout: 10_000 }).toMatch(why)
    // A read goes on until the batch that tells of it cannot be written; then none does.
    const status = async (): Promise<number> => (await daemon.ask(grant, read)).status
    await expect.poll(status, { timeout: 10_000 }).toBe(503)
    // In force at once, and it says that it is not stored yet.
    expect(await daemon.call('halt', { who: 'all', reason: 'x' })).toMatchObject({
      stored: false,
      why: expect.stringMatching(why),
    })
    expect((await daemon.ask(grant, read)).text).toContain('everything is halted')
    expect(daemon.platform.effects()).toEqual([])
    expect(daemon.platform.mutations()).toBe(0)
    expect(daemon.isGone()).toBe(false)

    await daemon.order(null)
    // The halt stood although it could not be stored; now it is, and a restart keeps it.
    await expect.poll(() => halts(), { timeout: 10_000 }).toBe(1)
    await daemon.kill('SIGKILL')
    await daemon.up()
    expect((await daemon.ask(grant, read)).text).toContain('everything is halted')
    expect(await show(timed, 'state')).toBe('scheduled')
    await people.callAs('resume', { who: 'all' })
    await expect.poll(async () => await show(timed, 'state'), { timeout: 15_000 }).toBe('executed')
    expect(await show(waiting, 'state')).toBe('open')
    expect(await show(done, 'state')).toBe('open')
    expect(daemon.platform.effects()).toEqual(['volumeDelete'])
    await expect.poll(status, { timeout: 10_000 }).toBe(200)
    await daemon.call('hold-deny', { id: waiting })
    expect(await daemon.call('ledger-verify')).toMatchObject({ ok: true })
  },
  90_000,
)

test('E4: an outcome that could not be written down is asked of the target once there is room, and the act is never run again', async () => {
  const { people, grant } = await begin()
  const id = await held(grant, 0)
  await approve(people, id)
  // The commits of an act: the point is verified, the intent, the outcome. From the third on there is no room.
  await daemon.order({ kind: 'full', nth: 3, lasts: true })
  await daemon.pass(2000)
  await expect.poll(() => daemon.platform.effects(), { timeout: 15_000 }).toEqual(['volumeDelete'])
  await expect
    .poll(() => daemon.told(), { timeout: 15_000 })
    .toMatch(/hold-stuck: the disk that holds the state is full/)
  expect(await show(id, 'state')).toBe('executing')
  await daemon.order(null)
  await daemon.pass(60_000)
  await expect.poll(async () => await show(id, 'state'), { timeout: 15_000 }).toBe('executed')
  expect(daemon.platform.mutations()).toBe(1)
}, 90_000)

test('the kernel refuses to let the state grow (RLIMIT_FSIZE): refused, and with room again it goes on', async () => {
  const { grant } = await begin()
  expect(limit(statSync(join(daemon.config.state, 'state.db-wal')).size)).toBe(0)
  const refused = await daemon.ask(grant, drop(daemon.spare(0).volume))
  expect(refused).toMatchObject({ status: 503, body: { executed: false } })
  expect(textOf(refused.body['detail'])).toMatch(
    /the state cannot be written|the disk that holds the state is full/,
  )
  expect(limit('unlimited')).toBe(0)
  expect(await held(grant, 0)).toMatch(/^hold_/)
  expect(await daemon.call('ledger-verify')).toMatchObject({ ok: true })
}, 90_000)

test('recovery-first: the vault that cannot take a copy refuses the destroy, and says why', async () => {
  const { people, grant } = await begin()
  const { path } = daemon.spare(0)
  const id = await held(grant, 0)
  // One file in the vault may be no larger than this; the state itself is far below it.
  writeFileSync(join(path, 'large.bin'), Buffer.alloc(6_000_000, 'bookings '))
  expect(limit(5_000_000)).toBe(0)
  await approve(people, id)
  expect(await show(id, 'state')).toBe('failed')
  expect(await show(id, 'closing')).toMatch(/^no verified recovery point: .*(EFBIG|too large)/)
  expect(daemon.platform.mutations()).toBe(0)
  expect(statSync(join(path, 'large.bin')).size).toBe(6_000_000)
}, 90_000)

const mountable = process.getuid?.() === 0 && tryMount()

/** Whether this root may mount at all: in many containers it may not. */
function tryMount(): boolean {
  const { status } = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'])
  return status === 0
}

test.skipIf(!mountable)(
  'a file system of 4 MB that fills up (only root may mount one): refused, and with room again it goes on',
  async () => {
    daemon = await openDaemon({ spares: 3 })
    const { state } = daemon.config
    mkdirSync(state)
    expect(
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', state]).status,
    ).toBe(0)
    mounted = state
    const { people, grant } = await started()
    const waiting = await held(grant, 0)
    const filler = join(state, 'filler')
    expect(spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096']).status).toBe(1)
    const refused = await daemon.ask(grant, drop(daemon.spare(1).volume))
    expect(refused).toMatchObject({
      status: 503,
      body: { detail: 'the disk that holds the state is full', executed: false },
    })
    await expect(daemon.call('hold-deny', { id: waiting })).rejects.toThrow(
      'the disk that holds the state is full',
    )
    await expect(approve(people, waiting)).rejects.toThrow('the disk that holds the state is full')
    await daemon.kill('SIGKILL')
    await expect(daemon.up()).rejects.toThrow(/the disk that holds the state is full|disk is full/)
    expect(daemon.platform.mutations()).toBe(0)
    rmSync(filler)
    await daemon.up()
    expect(await show(waiting, 'state')).toBe('open')
    expect(await held(grant, 1)).toMatch(/^hold_/)
    expect(rows(daemon.platform.volumePath(kestrel.productionInstanceId)).bookings).toBe(2400)
  },
  90_000,
)

/** How many halts stand, as the state has them. */
function halts(): number {
  const db = new DatabaseSync(join(daemon.config.state, 'state.db'), { readOnly: true })
  try {
    return db.prepare('SELECT id FROM halt').all().length
  } finally {
    db.close()
  }
}

/** Bytes that no file of the daemon may grow beyond, as the kernel keeps it. */
function limit(bytes: number | 'unlimited'): number | null {
  return spawnSync('prlimit', ['--pid', String(daemon.pid()), `--fsize=${bytes}:`]).status
}
