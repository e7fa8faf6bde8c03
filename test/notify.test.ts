/** People are told: by real servers on this machine, from an outbox that outlives its process. */
import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { isObject, textOf } from '../src/base/json.ts'
import { openSite } from './console/site.ts'
import type { Site } from './console/site.ts'
import {
  alarms,
  came,
  holdOf,
  hook,
  keep,
  key,
  Opened,
  outbox,
  postOffice,
  receiver,
  secret,
} from './notify-ground.ts'
import type { Heard } from './receiver.ts'
import { openRig } from './rig.ts'
import type { Rig } from './rig.ts'

const opened = new Opened()
afterEach(async () => await opened.close())

async function begin(
  yaml: string,
  credentials: Readonly<Record<string, string>> = {},
  open: (yaml: string) => Promise<Rig> = openRig,
): Promise<Rig> {
  const rig = await open(yaml)
  opened.add(rig.close)
  await keep(rig, credentials)
  return rig
}

test('a hold that opens is told by a signed webhook: the facts, the place, no secret and nothing that approves', async () => {
  const { url, heard } = await receiver(opened)
  const rig = await begin(hook(url), { ops: secret })
  const id = await holdOf(rig)
  await came(rig, () => heard.length > 0)
  const nothing: Heard = { path: '', headers: {}, body: '' }
  const { headers, body } = heard[0] ?? nothing
  const [mark, time] = [textOf(headers['webhook-id']), textOf(headers['webhook-timestamp'])]
  const mine = createHmac('sha256', key).update(`${mark}.${time}.${body}`).digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${mine}`)
  expect(body).toContain('agent:a asks for volumeDelete on railway')
  expect(body).toMatch(/environments [^"]*production/)
  expect(body).toContain('way back   one is taken and verified before it runs')
  expect(body).toMatch(/expires {4}\d{4}-\d\d-\d\d \d\d:\d\d UTC/)
  expect(body).toContain(`look at    \`firebreak holds ${id}\``)
  for (const not of [secret, rig.platform.token(kestrel.tokens.domains), 'fbk_'])
    expect(body).not.toContain(not)
})

test('what is refused is tried again under the same id, over a restart too, and a redirect is not followed', async () => {
  const { url, heard, answer } = await receiver(opened)
  answer.status = 307
  const rig = await begin(hook(url), { ops: secret })
  await holdOf(rig)
  await came(rig, () => heard.length > 0)
  answer.status = 500
  await rig.restart()
  await came(rig, () => heard.length > 1, 10_000)
  answer.status = 200
  await came(rig, () => heard.length > 2, 60_000)
  const ids = new Set(heard.map(({ headers }) => headers['webhook-id']))
  expect(ids.size).toBe(1)
  // Where the redirect leads to is the receiver itself: it would have heard.
  expect(new Set(heard.map(({ path }) => path))).toEqual(new Set(['/hook']))
  await expect.poll(async () => await outbox(rig)).toEqual([])
})

test('a channel that is gone is an alarm, and so is one that takes nothing for a day', async () => {
  const { url, heard, answer } = await receiver(opened)
  answer.status = 410
  const rig = await begin(hook(url), { ops: secret })
  await holdOf(rig)
  await came(rig, () => heard.length > 0)
  const told = async (): Promise<string> => await alarms(rig)
  await expect.poll(told).toContain('did not reach the channel ops')
  await rig.people.call('alarm-seen')
  answer.status = 503
  await rig.people.call('halt', { who: 'agent:b', reason: 'looks odd' })
  await came(rig, () => heard.some(({ body }) => body.includes('looks odd')), 60_000)
  rig.pass(25 * 3_600_000)
  await expect.poll(told).toContain('agent:b is halted')
})

test('a burst is one message', async () => {
  const { url, heard } = await receiver(opened)
  const rig = await begin(hook(url), { ops: secret })
  for (const who of ['agent:b', 'agent:c', 'agent:d'])
    await rig.people.call('halt', { who, reason: 'a burst' })
  await came(rig, () => heard.length > 0)
  expect(heard).toHaveLength(1)
  // Those of one millisecond have no order.
  expect(heard[0]?.body).toMatch(/agent:[bcd] is halted by local, and 2 more/)
})

test.each<readonly [string, (site: Site, id: string) => Promise<unknown>, boolean]>([
  ['nobody looks: the next channel hears of it', async () => await Promise.resolve(), false],
  [
    'an agent that lists holds at the socket silences nobody',
    async ({ people }, id) => await people.call('hold-show', { id }),
    false,
  ],
  [
    'a viewer has read it, who cannot decide',
    async (site, id) => await (await site.seat('vic', 'viewer')).page.call('hold-show', { id }),
    false,
  ],
  [
    'an approver has read it at the console: nobody else is called',
    async (site, id) => await (await site.seat('bob')).page.call('hold-show', { id }),
    true,
  ],
])('escalation: %s', async (_, look, isQuiet) => {
  const [ops, phone] = [await receiver(opened), await receiver(opened)]
  const more = `    phone: { kind: ntfy, url: "${phone.url}/night" }\n  escalate: { after: 15m, to: [phone] }\n`
  const site = await openSite(hook(ops.url, more))
  const rig = await begin('', { ops: secret }, async () => await Promise.resolve(site))
  const id = await holdOf(rig)
  await came(rig, () => ops.heard.length > 0)
  expect(ops.heard[0]?.body).toContain(`look at    ${site.origin}/#/hold/${id}`)
  expect(phone.heard).toEqual([])
  await look(site, id)
  rig.pass(16 * 60_000)
  await rig.people.call('halt', { who: 'agent:z', reason: 'later than that' })
  await came(rig, () => ops.heard.some(({ body }) => body.includes('later than that')), 30_000)
  if (isQuiet) {
    expect([await outbox(rig, { channel: 'phone' }), phone.heard]).toEqual([[], []])
    return
  }
  await came(rig, () => phone.heard.length > 0)
  const sent: unknown = JSON.parse(phone.heard[0]?.body ?? '')
  expect(sent).toMatchObject({ topic: 'night', priority: 5 })
  expect(phone.heard[0]?.path).toBe('/')
})

test('under a config that nobody has accepted nothing leaves; accepted, what was put meanwhile does', async () => {
  const [ours, theirs] = [await receiver(opened), await receiver(opened)]
  const rig = await begin(hook(ours.url), { ops: secret })
  const { file } = rig.config
  await rig.restart(() =>
    writeFileSync(file, readFileSync(file, 'utf8').replace(ours.url, theirs.url)),
  )
  await rig.people.call('halt', { who: 'agent:b', reason: 'while it waits' })
  expect(await rig.people.call('notify-test')).toMatchObject([{ channel: 'ops', taken: false }])
  rig.pass(60_000)
  expect(await outbox(rig)).toHaveLength(1)
  expect([ours.heard, theirs.heard]).toEqual([[], []])
  const changes = await rig.people.call('power-changes')
  expect(JSON.stringify(changes)).toContain('notify.channels.ops.url')
  await rig.people.callAs('accept', { power: isObject(changes) ? textOf(changes['power']) : '' })
  await came(rig, () => theirs.heard.length > 0)
  expect(theirs.heard[0]?.body).toContain('while it waits')
})

test('Slack and mail: what others wrote is no mention, no header and no link, and a test says what each answered', async () => {
  const { url, heard } = await receiver(opened)
  const mails: string[] = []
  const port = await postOffice(opened, mails)
  const place = `host: 127.0.0.1, port: ${port}, from: f@example.com, to: [ops@example.com]`
  const yaml = `notify:\n  channels:\n    chat: { kind: slack }\n    post: { kind: mail, tls: off, ${place} }\n    tight: { kind: mail, tls: starttls, ${place} }\n`
  const rig = await begin(yaml, { chat: `${url}/services/T0/B0/topsecret` })
  const answers = await rig.people.call('notify-test')
  expect(answers).toMatchObject([
    { channel: 'chat', taken: true },
    { channel: 'post', taken: true },
    { channel: 'tight', taken: false },
  ])
  expect(JSON.stringify(answers)).not.toContain('topsecret')
  const reason = '<!channel> & https://evil.example/approve\r\nBcc: x@example.com \u202E'
  await rig.people.call('halt', { who: 'x\r\nBcc: y@example.com', reason })
  await came(rig, () => heard.length > 1 && mails.length > 1)
  const [chat, letter] = [heard[1]?.body ?? '', mails[1] ?? '']
  expect(chat).toContain('&lt;!channel&gt; &amp;')
  expect(chat).not.toMatch(/<!channel>|https:\/\/evil|\u202E/)
  expect(letter).not.toMatch(/^bcc:/im)
  expect(letter).not.toContain('https://evil')
  expect(letter).toMatch(/^message-id: <told_\w+@firebreak>/im)
})
