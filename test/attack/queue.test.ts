/** What was allowed and has not been sent yet: where every way to the platform is taken, a no must still come first. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { rehearse } from '../../src/app/rehearse.ts'
import type { Rehearsal } from '../../src/app/rehearse.ts'
import { serve } from '../../src/app/serve.ts'
import type { Running } from '../../src/app/serve.ts'
import { everything } from '../rig.ts'

/** As many connections as agents have to one platform. */
const ways = 64
const dir = mkdtempSync(join(tmpdir(), 'firebreak-queue-'))
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
let running: Running
let people: Rehearsal
let ahead = 0

beforeAll(async () => {
  await new Promise<void>((done) => platform.listen(0, '127.0.0.1', done))
  const address = platform.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const file = join(dir, 'firebreak.yaml')
  const target = `{ platform: railway, url: 'http://127.0.0.1:${port}' }`
  writeFileSync(file, `version: 1\nlisten: 127.0.0.1:0\ntargets:\n  railway: ${target}\n`)
  const config = readConfig(file)
  const clock = { now: () => Date.now() + ahead, steady: () => performance.now() + ahead }
  running = await serve(config, () => {}, clock)
  people = await rehearse(config, { target: 'railway', secret: 'a-secret' }, clock.now)
}, 60_000)
afterAll(async () => {
  platform.closeAllConnections()
  platform.close()
  await running.stop()
  rmSync(dir, { recursive: true })
})

async function ask(grant: string, query: string): Promise<Response> {
  return await fetch(`${running.url}/railway/graphql/v2`, {
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
  const grant = await people.mint('agent:a', { ...everything, expiresMs: 86_400_000 })
  ahead += 31_000
  const other = await people.mint('agent:b', { ...everything, expiresMs: 86_400_000 })
  const streams = await Promise.all(
    Array.from({ length: ways }, async () => await ask(grant, '{ endless: me { id } }')),
  )
  const write = told(ask(grant, 'mutation { waiting: userTermsUpdate { id } }'))
  const read = told(ask(grant, '{ waiting: me { id } }'))
  for (let each = 0; each < 3; each++)
    expect((await fetch(`${running.url}/.firebreak/health`)).status).toBe(200)
  const behind = ask(other, '{ behind: me { id } }')
  await people.call('halt', { who: 'agent:a', reason: 'stop' })
  await Promise.all(streams.map(async (stream) => await stream.text().catch(() => 'cut')))
  expect(await Promise.all([write, read])).toEqual(['cut', 'cut'])
  expect((await behind).status).toBe(200)
  expect(arrived.filter((text) => text.includes('waiting'))).toEqual([])
})
