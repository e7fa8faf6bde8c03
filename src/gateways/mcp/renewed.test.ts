import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Secret } from '../../base/secret.ts'
import { collect } from '../http/collect.ts'
import { openUpstream } from '../http/upstream.ts'
import type { Upstream } from '../http/upstream.ts'
import { openRenewed } from './renewed.ts'

let server: Server
let upstream: Upstream
const shown: string[] = []
const bodies: string[] = []
beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    const token = String(incoming.headers['authorization'])
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      shown.push(token)
      bodies.push(Buffer.concat(parts).toString())
      if (token === 'good') outgoing.end('done')
      else {
        outgoing.writeHead(401, { 'www-authenticate': 'Bearer' })
        if (incoming.url === '/endless') pour(() => outgoing.write('x'.repeat(50_000)))
        else outgoing.end('no')
      }
      function pour(write: () => boolean): void {
        while (write());
        outgoing.once('drain', () => pour(write))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const credential = { name: 'authorization', prefix: '' }
  upstream = openUpstream(
    { origin: `http://127.0.0.1:${port}`, basePath: '', credential },
    { connectMs: 5000, headMs: 5000, bodyMs: 5000, connections: 4 },
    null,
  )
})
afterAll(async () => {
  await upstream.close()
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  shown.length = 0
  bodies.length = 0
})

async function sent(path: string, fresh: Secret | null): Promise<string> {
  const took: string[] = []
  const renewed = openRenewed({
    upstream,
    renew: async () => await Promise.resolve(fresh),
    took: (one) => void took.push(one.reveal()),
  })
  const outgoing = { method: 'POST', path, query: '', headers: [], body: Buffer.from('ask') }
  const signal = new AbortController().signal
  const answer = await collect(renewed, outgoing, new Secret('old'), { maxBytes: 1000, signal })
  await collect(renewed, outgoing, new Secret('old'), { maxBytes: 1000, signal })
  return `${answer.status} ${answer.body.toString()} ${took.join()}`
}

test.each(['/', '/endless'])(
  'what is refused is sent once more with a new credential, whole, and the next goes with it at once: %s',
  async (path) => {
    expect(await sent(path, new Secret('good'))).toBe('200 done good')
    expect(shown).toEqual(['old', 'good', 'good'])
    expect(bodies).toEqual(['ask', 'ask', 'ask'])
  },
)

test.each<[string, Secret | null, readonly string[]]>([
  ['none can be had', null, ['old']],
  ['the new one is refused too', new Secret('bad'), ['old', 'bad']],
])('where %s no 401 comes back, and it is not tried again', async (_, fresh, tried) => {
  await expect(sent('/', fresh)).rejects.toThrow('nothing renews that')
  expect(shown).toEqual(tried)
})
