/** What was allowed and has not been sent yet: where every way to the platform is taken, a no must still come first. */
import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything } from '../rig.ts'
import { openBefore } from './before.ts'
import type { Before } from './before.ts'

/** As many connections as agents have to one platform. */
const ways = 64
const arrived: string[] = []
const platform = createServer((incoming, outgoing) => {
  const parts: Buffer[] = []
  incoming.on('data', (part: Buffer) => parts.push(part))
  incoming.on('end', () => {
    const text = Buffer.concat(parts).toString('utf8')
    arrived.push(text)
    if (text.includes('endless')) outgoing.writeHead(200).write('first')
    else outgoing.end('{"data":null}')
  })
})
let before: Before

beforeAll(async () => {
  before = await openBefore(platform, 'a-secret')
}, 60_000)
afterAll(async () => await before.close())

async function ask(grant: string, query: string): Promise<Response> {
  return await fetch(`${before.running.url}/railway/graphql/v2`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${grant}` },
    body: JSON.stringify({ query }),
  })
}

/** The status, or that there was no answer. */
async function told(answer: Promise<Response>): Promise<number | 'cut'> {
  return await answer.then(
    ({ status }) => status,
    () => 'cut' as const,
  )
}

test('halt-halts: what waits for a free way to the platform is not sent after the halt that frees one', async () => {
  const grant = await before.people.mint('agent:a', { ...everything, expiresMs: 86_400_000 })
  before.pass(31_000)
  const other = await before.people.mint('agent:b', { ...everything, expiresMs: 86_400_000 })
  const streams = await Promise.all(
    Array.from({ length: ways }, async () => await ask(grant, '{ endless: me { id } }')),
  )
  const write = told(ask(grant, 'mutation { waiting: userTermsUpdate { id } }'))
  const read = told(ask(grant, '{ waiting: me { id } }'))
  for (let each = 0; each < 3; each++)
    expect((await fetch(`${before.running.url}/.firebreak/health`)).status).toBe(200)
  const behind = ask(other, '{ behind: me { id } }')
  await before.people.call('halt', { who: 'agent:a', reason: 'stop' })
  await Promise.all(streams.map(async (stream) => await stream.text().catch(() => 'cut')))
  expect(await Promise.all([write, read])).toEqual(['cut', 'cut'])
  expect((await behind).status).toBe(200)
  expect(arrived.filter((text) => text.includes('waiting'))).toEqual([])
})
