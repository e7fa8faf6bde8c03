/** Killed while people are told: the daemon as a real process, ended by SIGKILL. Nothing is lost, and a twin has the same id. */
import { afterEach, expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { textOf } from '../src/base/json.ts'
import { openDaemon, openPeople } from './faults/daemon.ts'
import type { Daemon } from './faults/daemon.ts'
import { openReceiver } from './receiver.ts'
import type { Receiver } from './receiver.ts'
import { everything } from './rig.ts'
import { firebreak } from './run.ts'

const opened: { readonly close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const { close } of opened.splice(0).toReversed()) await close()
})

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

async function begin(): Promise<{ daemon: Daemon; ops: Receiver; hold: () => Promise<string> }> {
  const ops = await openReceiver()
  opened.push(ops)
  const daemon = await openDaemon({
    more: `notify:\n  channels:\n    ops: { kind: webhook, url: "${ops.url}/hook" }\n`,
  })
  opened.push(daemon)
  await daemon.up()
  const people = await openPeople(daemon)
  await people.callAs('custody-add', { target: 'ops', secret })
  const grant = await people.mint('agent:a', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.scratchVolumeId}") }`
  return {
    daemon,
    ops,
    hold: async () => textOf((await daemon.ask(grant, query)).body['holdId']),
  }
}

async function again(daemon: Daemon): Promise<void> {
  await daemon.kill('SIGKILL')
  await daemon.up()
}

/** Time passes for the daemon until so many have come. */
const came = async ({ daemon, ops }: { daemon: Daemon; ops: Receiver }, many: number) =>
  await expect
    .poll(async () => (await daemon.pass(5000), ops.heard.length), { timeout: 30_000 })
    .toBeGreaterThanOrEqual(many)

test('killed before it was sent: it is sent after the restart, once', async () => {
  const rig = await begin()
  const { daemon, ops } = rig
  const id = await rig.hold()
  await again(daemon)
  expect(ops.heard).toEqual([])
  await came(rig, 1)
  // What comes later comes behind it: had the first been sent twice, it would be here.
  await daemon.call('halt', { who: 'agent:z', reason: 'later than that' })
  await came(rig, 2)
  expect(ops.heard.map(({ body }) => body.includes(id))).toEqual([true, false])
}, 120_000)

test('killed after it was sent and before the answer: it is sent again under the same id, and after a yes no more', async () => {
  const rig = await begin()
  const { daemon, ops } = rig
  const id = await rig.hold()
  ops.answer.status = 0
  await came(rig, 1)
  await again(daemon)
  await came(rig, 2)
  ops.answer.status = 200
  await again(daemon)
  await came(rig, 3)
  expect(new Set(ops.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(ops.heard.every(({ body }) => body.includes(id))).toBe(true)
  // A channel is served one after the other: that this has come says that the answer before it was heard.
  const later = async (reason: string): Promise<void> => {
    const many = ops.heard.length
    await daemon.call('halt', { who: 'agent:z', reason })
    await came(rig, many + 1)
  }
  await later('first')
  const settled = ops.heard.length
  await again(daemon)
  await later('second')
  expect(ops.heard.slice(settled).filter(({ body }) => body.includes(id))).toEqual([])
}, 120_000)

test('the command line says what each channel answered, and its exit code whether all took it', async () => {
  const { daemon, ops } = await begin()
  const cli = async (...more: readonly string[]): Promise<string> =>
    await firebreak(['notify', 'test', '--config', daemon.config.file, ...more])
  expect(await cli()).toMatch(/^ops +taken +it answered 200\n$/)
  expect(ops.heard[0]?.body).toContain('a test: this way leads to you')
  ops.answer.status = 503
  expect(await cli()).toMatch(/^ops +NOT TAKEN +it answered 503: as you wish\nexit 1$/)
  expect(JSON.parse((await cli('--json')).replace(/exit 1$/, ''))).toEqual([
    { channel: 'ops', taken: false, said: 'it answered 503: as you wish' },
  ])
  expect(await firebreak(['notify', 'tell'])).toMatch(/`tell` is no verb of `notify`[^]*exit 2$/)
  await daemon.kill('SIGTERM')
  expect(await cli()).toMatch(/exit 3$/)
}, 120_000)
