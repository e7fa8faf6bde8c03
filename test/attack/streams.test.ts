/** An agent that keeps every way to the platform open: what is asked and what was approved must still get through. */
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { openTargets } from '../../src/app/targets.ts'
import { Secret } from '../../src/base/secret.ts'

test('a hundred streams of an agent do not keep the inventory from asking', async () => {
  const open: ServerResponse[] = []
  const platform = createServer((incoming, outgoing) => {
    const streams = incoming.headers['accept'] === 'text/event-stream'
    incoming.resume()
    incoming.on('end', () => {
      if (streams) open.push(outgoing.writeHead(200))
      else outgoing.end('{"data":{"answered":true}}')
    })
  })
  await new Promise<void>((done) => platform.listen(0, '127.0.0.1', done))
  const address: unknown = platform.address()
  const port =
    typeof address === 'object' && address !== null && 'port' in address ? address.port : 0
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-streams-'))
  const file = join(dir, 'firebreak.yaml')
  writeFileSync(
    file,
    `version: 1\ntargets:\n  railway: { platform: railway, url: 'http://127.0.0.1:${String(port)}' }\n`,
  )
  const target = openTargets(readConfig(file), async () => new Secret('secret')).get('railway')
  const outgoing = {
    method: 'POST',
    path: '/graphql/v2',
    query: '',
    headers: ['accept', 'text/event-stream'],
    body: Buffer.from('{}'),
  }
  const hears = {
    onRequestStart: () => {},
    onResponseStart: () => {},
    onResponseData: () => {},
    onResponseEnd: () => {},
    onResponseError: () => {},
  }
  for (let stream = 0; stream < 100; stream++)
    target?.upstream.send(outgoing, new Secret('secret'), hears)
  await expect.poll(() => open.length).toBeGreaterThanOrEqual(64)
  const answer = await target?.ask('query { answered }', {}, AbortSignal.timeout(3000))
  expect(answer).toEqual({ answered: true })
  await Promise.all([target?.upstream.close(), target?.own.close()])
  platform.closeAllConnections()
  platform.close()
  rmSync(dir, { recursive: true })
})
