/** The stream of what happens: whole, in order, resumed where it was, ended with the session, and bounded whatever comes. */
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReader } from '../../console/events.ts'
import { isObject, parseJson, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { everything } from '../rig.ts'
import { openSite } from './site.ts'
import type { OpenPage, Seat, Site } from './site.ts'

let site: Site
let vic: Seat
beforeAll(async () => {
  site = await openSite()
  vic = await site.seat('vic', 'viewer')
})
afterAll(async () => await site.close())

interface Stream {
  readonly status: number
  readonly events: readonly {
    readonly name: string
    readonly id: string | null
    readonly data: Json
  }[]
  readonly ended: Promise<void>
  readonly stop: () => void
}

async function listen({ cookie, secret }: OpenPage, after: string | null = null): Promise<Stream> {
  const events: { name: string; id: string | null; data: Json }[] = []
  const read = openReader(({ name, id, data }) => events.push({ name, id, data: parseJson(data) }))
  const { host, port } = new URL(site.origin)
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = {
      host,
      cookie,
      'x-firebreak': secret,
      ...(after === null ? {} : { 'last-event-id': after }),
    }
    request({ host: '127.0.0.1', port, path: '/api/live', headers, agent: false }, resolve)
      .on('error', reject)
      .end()
  })
  incoming.setEncoding('utf8')
  incoming.on('data', read)
  // An end by the other side is what some tests wait for.
  incoming.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => incoming.on('close', resolve))
  return { status: incoming.statusCode ?? 0, events, ended, stop: () => incoming.destroy() }
}

const entries = ({ events }: Stream): readonly JsonObject[] =>
  events.flatMap(({ name, data }) => (name === 'entry' && isObject(data) ? [data] : []))
const state = ({ events }: Stream): JsonObject => {
  const data = events.findLast(({ name }) => name === 'state')?.data
  return data !== undefined && isObject(data) ? data : {}
}

test('it begins with what was before, tells each thing once and in order, and goes on where it was', async () => {
  const first = await listen(vic.page)
  await expect.poll(() => entries(first).at(0)?.['kind']).toBe('accepted')
  await site.people.call('halt', { who: 'agent:one', reason: 'first' })
  await expect.poll(() => entries(first).at(-1)?.['kind']).toBe('halted')
  const last = first.events.findLast(({ id }) => id !== null)?.id ?? null
  first.stop()
  for (const who of ['agent:two', 'agent:three'])
    await site.people.call('halt', { who, reason: 'while nobody listened' })
  const again = await listen(vic.page, last)
  await expect
    .poll(() => entries(again).map(({ subject }) => subject))
    .toEqual(['agent:two', 'agent:three'])
  const seen = [...entries(first), ...entries(again)].map(({ seq }) => seq)
  expect(seen).toEqual(seen.map((_, nth) => nth))
  await expect.poll(() => state(again)['halted']).toHaveLength(3)
  again.stop()
})

test('it ends within a moment when the session does, and nobody else hears it', async () => {
  const eve = await site.seat('eve')
  const stream = await listen(eve.page)
  expect(stream.status).toBe(200)
  await site.people.call('session-end', { who: 'eve' })
  await stream.ended
  expect((await listen(eve.page)).status).toBe(401)
  expect((await listen({ ...vic.page, secret: '1' })).status).toBe(401)
  expect((await listen({ ...vic.page, cookie: '' })).status).toBe(401)
  const { status } = await vic.page.signIn('vic', vic.key)
  expect(status).toBe(200)
})

test('what an agent wrote comes without a sign that turns, hides or ends anything', async () => {
  const grant = await site.people.mint('agent:evil', everything)
  const stream = await listen(vic.page)
  const odd = 'x\u202eevil\u2066\u0000\u001b[2J</script>\n\ndata: forged'
  await site.ask(grant, 'query { me { name } }')
  await site.people.call('halt', { who: 'agent:evil', reason: odd })
  await expect.poll(() => entries(stream).at(-1)?.['kind']).toBe('halted')
  const told = JSON.stringify(stream.events)
  expect(told).not.toMatch(/[\u202e\u2066]|\\u0000|\\u001b/)
  expect(told).toContain('u{202e}')
  // One event a thing: no blank line of theirs has begun another.
  expect(
    entries(stream)
      .filter(({ kind }) => kind === 'halted')
      .map(({ subject }) => textOf(subject ?? null))
      .at(-1),
  ).toBe('agent:evil')
  stream.stop()
})

test('each person has ten places: their oldest page makes room, and nobody else’s does', async () => {
  const other = await site.seat('una', 'viewer')
  const theirs = await listen(other.page)
  const many: Stream[] = []
  for (let count = 0; count < 12; count++) many.push(await listen(vic.page))
  expect(many.map(({ status }) => status)).toEqual(many.map(() => 200))
  await Promise.all(many.slice(0, 2).map(({ ended }) => ended))
  await site.people.call('halt', { who: 'agent:room', reason: 'who hears it?' })
  const heard = (stream: Stream): boolean =>
    entries(stream).some(({ subject }) => subject === 'agent:room')
  await expect.poll(() => [...many.slice(2), theirs].every(heard)).toBe(true)
  expect(many.slice(0, 2).some(heard)).toBe(false)
  for (const one of [...many, theirs]) one.stop()
})
