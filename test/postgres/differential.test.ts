/** The harness finds nothing behind a relay that changes nothing, and finds one changed byte. */
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { scriptSetup, wholeScript } from './differential-script.ts'
import { differential } from './differential.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster({
    users: [{ name: 'clear', password: 'open sesame', how: 'password' }],
  })
  cluster.sql(scriptSetup)
})
afterAll(() => cluster.stop())

/** A relay of bytes; `change` sees what the server sends. */
async function relay(change: (bytes: Buffer) => Buffer): Promise<{ port: number; server: Server }> {
  const server = createServer((client) => {
    const upstream = connect(cluster.port, '127.0.0.1')
    client.pipe(upstream)
    upstream.on('data', (bytes) => client.write(change(bytes)))
    for (const socket of [client, upstream])
      socket
        .on('error', () => undefined)
        .on('close', () => [client, upstream].map((s) => s.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

const login = (port: number) => ({ port, user: 'postgres', database: 'postgres' })

test('a plain relay is no difference, over all kinds of messages', async () => {
  const { port, server } = await relay((bytes) => bytes)
  const found = await differential(login(cluster.port), login(port), wholeScript)
  server.close()
  expect(found.differences).toEqual([])
  expect(found.frames).toBeGreaterThan(3000)
  expect(found.bytes).toBeGreaterThan(3_000_000)
})

test('one changed byte is a difference, named by what was said', async () => {
  const { port, server } = await relay((bytes) => {
    const at = bytes.indexOf('word 500')
    return at < 0
      ? bytes
      : Buffer.concat([bytes.subarray(0, at), Buffer.from('W'), bytes.subarray(at + 1)])
  })
  const script = wholeScript.filter(({ name }) => name === 'SELECT * FROM words ORDER BY id')
  const found = await differential(login(cluster.port), login(port), script)
  server.close()
  expect(found.differences).toHaveLength(1)
  expect(found.differences[0]).toMatch(/^SELECT \* FROM words.*Word 500/u)
})

test('a password by another way is no difference', async () => {
  const direct = { ...login(cluster.port), user: 'clear', password: 'open sesame' }
  expect((await differential(direct, direct, [])).differences).toEqual([])
  const wrong = await differential(direct, { ...direct, password: 'no' }, [])
  expect(wrong.differences[0]).toContain('password authentication failed')
})
