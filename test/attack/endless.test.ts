/** A platform whose answers never end, or come in a form that nobody asked for: a no reaches what is under way, and nothing is passed unread. */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, toldOf } from '../rig.ts'
import { openBefore } from './before.ts'
import type { Before } from './before.ts'

const secret = 'a-secret-of-the-platform'
let before: Before
let heard: IncomingHttpHeaders = {}
/** What the platform does with a request, by the alias in its query. */
const platform = createServer((incoming, outgoing) => {
  heard = incoming.headers
  const parts: Buffer[] = []
  incoming.on('data', (part: Buffer) => parts.push(part))
  incoming.on('end', () => {
    const query = Buffer.concat(parts).toString('utf8')
    if (query.includes('endless')) stream(outgoing)
    else if (query.includes('packed'))
      outgoing.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(secret))
    else outgoing.end('{"data":null}')
  })
})
let streams = 0

function stream(outgoing: ServerResponse): void {
  streams += 1
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n')
  const more = setInterval(() => outgoing.write('data: more\n\n'), 50)
  outgoing.on('close', () => {
    streams -= 1
    clearInterval(more)
  })
}

beforeAll(async () => {
  before = await openBefore(platform, secret)
}, 60_000)
afterAll(async () => await before.close())

async function ask(grant: string, alias: string, headers = {}): Promise<Response> {
  const authorization = `Bearer ${grant}`
  const body = JSON.stringify({ query: `{ ${alias}: me { id } }` })
  return await fetch(`${before.running.url}/railway/graphql/v2`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, ...headers },
    body,
  })
}
async function mint(principal: string): Promise<string> {
  before.pass(31_000)
  return await before.people.mint(principal, { ...everything, expiresMs: 86_400_000 })
}
/** An open stream: the promise is rejected when it is cut, and never fulfilled while it goes on. */
async function opened(grant: string): Promise<{ readonly end: Promise<unknown> }> {
  const answer = await ask(grant, 'endless')
  expect(answer.status).toBe(200)
  return {
    end: answer.text().then(
      () => 'whole',
      () => 'cut',
    ),
  }
}

test('halt-halts: an answer that is under way ends within a second of the halt, at the platform too; others go on', async () => {
  const [halted, other] = [await mint('agent:a'), await mint('agent:b')]
  const [mine, theirs] = [await opened(halted), await opened(other)]
  expect(streams).toBe(2)
  const asked = performance.now()
  await before.people.call('halt', { who: 'agent:a', reason: 'a stream' })
  expect(await mine.end).toBe('cut')
  expect(performance.now() - asked).toBeLessThan(1000)
  await expect.poll(() => streams).toBe(1)
  await before.people.call('grant-revoke', { id: other })
  expect(await theirs.end).toBe('cut')
  await expect.poll(() => streams).toBe(0)
})

test('an answer ends with the grant that it was asked with', async () => {
  const stream = await opened(await mint('agent:c'))
  before.pass(2 * 86_400_000)
  expect(await stream.end).toBe('cut')
})

test('secret-stays: an answer in a coding that nobody asked for is not passed on, since the redactor cannot read it', async () => {
  const grant = await mint('agent:d')
  const told = await toldOf(await ask(grant, 'packed', { 'accept-encoding': 'gzip' }))
  expect(heard['accept-encoding']).toBe('identity')
  expect(told).toMatchObject({ status: 502, body: { executed: null } })
  expect(told.text).toContain('it answered in `gzip`, which was not asked for')
})

test('secret-stays: no part of an answer is asked for alone', async () => {
  const grant = await mint('agent:e')
  expect((await ask(grant, 'plain', { range: 'bytes=0-3', 'if-range': '"x"' })).status).toBe(200)
  expect(heard).not.toHaveProperty('range')
  expect(heard).not.toHaveProperty('if-range')
})
