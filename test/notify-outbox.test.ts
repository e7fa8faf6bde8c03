/** What waits in the outbox: quiet hours, escalation step by step, rows that another hand wrote, channels by other names. */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { isObject, textOf } from '../src/base/json.ts'
import type { OutboxRow } from '../src/guard/rows.ts'
import {
  alarms,
  came,
  holdOf,
  hook,
  keep,
  Opened,
  outbox,
  receiver,
  secret,
} from './notify-ground.ts'
import { openRig } from './rig.ts'
import type { Rig } from './rig.ts'

const opened = new Opened()
afterEach(async () => await opened.close())

async function begin(yaml: string): Promise<Rig> {
  const rig = await openRig(yaml)
  opened.add(rig.close)
  await keep(rig, { ops: secret })
  return rig
}

/** As somebody who may write the state file does it. */
async function write(rig: Rig, rows: readonly OutboxRow[]): Promise<void> {
  await rig.running.firebreak.state.transact(async (tx) => {
    for (const row of rows) await tx.put('outbox', row)
  })
}

const hourMs = 3_600_000
/** `22:00` in UTC, so many hours from the time that Firebreak has. */
const clockAt = (rig: { readonly now: number }, hours: number): string =>
  new Date(rig.now + hours * hourMs).toISOString().slice(11, 16)

test('at night what came of an act waits for the morning; a hold, a halt and an alarm do not', async () => {
  const { url, heard } = await receiver(opened)
  // From an hour ago to six hours from now, whatever time it is: over midnight too.
  const now = Date.now()
  const hours = `from: "${clockAt({ now }, -1)}", to: "${clockAt({ now }, 6)}"`
  const rig = await begin(hook(url, `  quiet: { ${hours}, zone: UTC }\n`))
  const id = await holdOf(rig)
  await came(rig, () => heard.some(({ body }) => body.includes(id)))
  const hold = await rig.people.call('hold-show', { id })
  const shown = isObject(hold) ? textOf(hold['shown']) : ''
  await rig.people.callAs('hold-approve', { id, shown })
  // Two days: the grace ends at the same time of the day.
  rig.pass(48 * hourMs)
  await expect.poll(async () => (await outbox(rig)).map(({ kind }) => kind)).toContain('act')
  await rig.people.call('halt', { who: 'agent:z', reason: 'at night' })
  rig.running.firebreak.notices.tell('hold-stuck', 'also at night', id)
  await came(rig, () => heard.some(({ body }) => body.includes('also at night')), 10_000)
  expect(heard.some(({ body }) => body.includes('agent:z is halted'))).toBe(true)
  expect((await outbox(rig)).map(({ kind }) => kind)).toEqual(['act'])
  expect(heard.some(({ body }) => body.includes('what came'))).toBe(false)
  rig.pass(7 * hourMs)
  await came(rig, () => heard.some(({ body }) => body.includes('what came')))
  await expect.poll(async () => await outbox(rig)).toEqual([])
})

test('nobody looks: one channel more each time; an alarm goes on too, and ends when it is seen', async () => {
  const [ops, first, second] = [
    await receiver(opened),
    await receiver(opened),
    await receiver(opened),
  ]
  const rig = await begin(
    hook(
      ops.url,
      `    night: { kind: ntfy, url: "${first.url}/night" }\n    boss: { kind: ntfy, url: "${second.url}/boss" }\n  escalate: { after: 15m, to: [night, boss] }\n`,
    ),
  )
  const { notices } = rig.running.firebreak
  notices.tell('drill-failed', 'the copy does not start', 'point_1')
  await came(rig, () => ops.heard.length > 0)
  expect(ops.heard[0]?.body).toContain('the copy does not start')
  expect(first.heard).toEqual([])
  rig.pass(15 * 60_000)
  await came(rig, () => first.heard.length > 0)
  expect(second.heard).toEqual([])
  await rig.people.call('alarm-seen')
  rig.pass(16 * 60_000)
  await expect.poll(async () => (rig.pass(1000), await outbox(rig))).toEqual([])
  expect(second.heard).toEqual([])
  // The next one nobody sees.
  notices.tell('drill-failed', 'again', 'point_1')
  await came(rig, () => ops.heard.some(({ body }) => body.includes('again')), 10_000)
  rig.pass(31 * 60_000)
  await came(rig, () => second.heard.length > 0)
  expect(second.heard[0]?.body).toContain('again')
})

test('rows that another hand wrote: no word of theirs goes out, to no other place, and they stop nothing', async () => {
  const { url, heard, answer } = await receiver(opened)
  const rig = await begin(hook(url))
  answer.status = 500
  await rig.people.call('halt', { who: 'agent:t', reason: 'a true one' })
  await came(rig, () => heard.length > 0)
  await expect.poll(async () => (await outbox(rig)).some(({ tries }) => tries === 1)).toBe(true)
  const [ours] = await outbox(rig)
  if (ours === undefined) throw new Error('nothing waits')
  await rig.people.call('alarm-seen')
  const evil = 'call +1 555 0100 to stop it'
  const forged: readonly OutboxRow[] = [
    { ...ours, id: `news_0 ${evil}`, delivery: null, notBefore: 0 },
    { ...ours, id: 'news_1', sealed: `plain text: ${evil}`, delivery: null, notBefore: 0 },
    { ...ours, id: 'news_2', sealed: JSON.stringify({ title: evil }), notBefore: 0 },
    { ...ours, id: 'news_3', channel: 'https://evil.example/hook', sealed: evil, notBefore: 0 },
    // A true one whose open fields are another's.
    { ...ours, subject: evil, notBefore: 0 },
  ]
  await write(rig, forged)
  answer.status = 200
  await came(rig, () => heard.some(({ body }) => body.includes('not as it was put')), 10_000)
  await expect.poll(async () => (rig.pass(3000), await outbox(rig))).toEqual([])
  expect(await alarms(rig)).toMatch(/not-told: a message is not as it was put/)
  const said = JSON.stringify([heard, await rig.people.call('alarm-list', { all: true })])
  expect(said).not.toMatch(/\+1 555|evil/)
})

test.each<readonly [string, Partial<OutboxRow> | object]>([
  ['an id with words', { delivery: 'told_ call evil to stop it' }],
  ['an id with a header', { delivery: 'told_1\r\nx-evil: evil' }],
  ['a time that is none', { at: 1e300, firstTriedAt: 'x-evil' }],
  ['tries that are none', { tries: 'evil', firstTriedAt: null }],
  ['a first try long ago', { tries: 3 }],
])(
  'a true message whose row has %s arrives as it was told, and another after it',
  async (_, bent) => {
    const { url, heard, answer } = await receiver(opened)
    const rig = await begin(hook(url))
    answer.status = 500
    await rig.people.call('halt', { who: 'agent:t', reason: 'a true one' })
    await came(rig, () => heard.length > 0)
    await expect.poll(async () => (await outbox(rig)).some(({ tries }) => tries === 1)).toBe(true)
    const rows = await outbox(rig)
    await write(
      rig,
      rows.map((row) => ({ ...row, notBefore: 0, ...bent })),
    )
    heard.length = 0
    answer.status = 200
    await came(rig, () => heard.some(({ body }) => body.includes('a true one')), 10_000)
    await rig.people.call('halt', { who: 'agent:u', reason: 'another' })
    await came(rig, () => heard.some(({ body }) => body.includes('another')), 10_000)
    expect(JSON.stringify(heard)).not.toContain('evil')
    for (const { headers } of heard) expect(headers['webhook-id']).toMatch(/^told_[0-9a-v]{25}$/)
  },
)

test('a channel by another name: what waited for the old one goes to the first of now', async () => {
  const { url, heard, answer } = await receiver(opened)
  const rig = await begin(hook(url))
  answer.status = 500
  const id = await holdOf(rig)
  await came(rig, () => heard.length > 0)
  heard.length = 0
  await rig.restart(() =>
    writeFileSync(
      rig.config.file,
      readFileSync(rig.config.file, 'utf8').replace(
        'ops: { kind: webhook,',
        'team: { kind: webhook, credential: ops,',
      ),
    ),
  )
  const changes = await rig.people.call('power-changes')
  await rig.people.callAs('accept', { power: isObject(changes) ? textOf(changes['power']) : '' })
  answer.status = 200
  await came(rig, () => heard.some(({ body }) => body.includes(id)), 10_000)
  await expect.poll(async () => await outbox(rig)).toEqual([])
})
