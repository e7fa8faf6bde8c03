/** A stored action's one run: cleared, sent as it was stored, and judged by what came back. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { isObject } from '../../base/json.ts'
import { Secret } from '../../base/secret.ts'
import { actionDigest } from '../../core/action.ts'
import type { Action } from '../../core/action.ts'
import { Clearance } from '../../core/clearance.ts'
import { allow } from '../../core/verdict.ts'
import type { Ran } from '../../guard/ports.ts'
import { openRunner } from './runner.ts'
import { openRequest, storeRequest } from './stored.ts'
import type { Arrived } from './target.ts'
import { openUpstream } from './upstream.ts'

const action: Action = { principal: 'a', root: 'g', target: 't', operations: [], key: null }
const request: Arrived = {
  method: 'POST',
  path: '/graphql/v2',
  query: '',
  contentType: 'application/json',
  contentEncoding: null,
  accept: 'application/json',
  body: Buffer.from('{"query":"mutation{x}"}'),
}

async function run(listener: RequestListener, clearance = cleared()): Promise<Ran> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const target = {
    name: 't',
    platform: 'railway',
    origin: `http://127.0.0.1:${port}`,
    basePath: '/base',
    credential: { name: 'authorization', prefix: 'Bearer ' },
    graphql: true,
    read: () => [],
  }
  const limits = { connectMs: 1000, headMs: 1000, bodyMs: 1000, connections: 1 }
  const upstream = openUpstream(target, limits, null)
  onTestFinished(async () => {
    await upstream.close()
    server.closeAllConnections()
    server.close()
  })
  const runner = openRunner({
    target,
    upstream,
    credential: async () => await Promise.resolve(new Secret('s3cret')),
    happened: async () => await Promise.resolve('unknown'),
    deadline: (ms) => AbortSignal.timeout(Math.min(ms, 2000)),
    sent: () => undefined,
    redact: (_, bytes) => bytes,
  })
  return await runner.run(clearance, action, storeRequest(request))
}

function cleared(digest = actionDigest(action)): Clearance {
  const clearance = Clearance.clear(digest, allow, null)
  if (clearance === null) throw new TypeError('no clearance')
  return clearance
}

const says =
  (status: number, body: string): RequestListener =>
  (incoming, outgoing) => {
    incoming.resume()
    outgoing.writeHead(status, { 'content-type': 'application/json' })
    outgoing.end(body)
  }

test('what runs is what was stored, with the real credential', async () => {
  const seen: (string | undefined)[] = []
  const ran = await run((incoming, outgoing) => {
    seen.push(
      incoming.method,
      incoming.url,
      incoming.headers.authorization,
      incoming.headers['content-type'],
    )
    incoming.on('data', (part: Buffer) => seen.push(part.toString()))
    incoming.on('end', () => outgoing.end('{"data":{"x":true}}'))
  })
  expect(seen).toEqual([
    'POST',
    '/base/graphql/v2',
    'Bearer s3cret',
    'application/json',
    '{"query":"mutation{x}"}',
  ])
  expect(ran).toMatchObject({ kind: 'executed', status: 200 })
  const { answer } = ran
  expect(isObject(answer) ? answer['body'] : null).toBe(
    Buffer.from('{"data":{"x":true}}').toString('base64'),
  )
})

test.each<[string, number, string, string]>([
  ['data', 200, '{"data":{"x":true}}', 'executed'],
  ['errors and no data', 200, '{"errors":[{}],"data":null}', 'failed'],
  ['errors alone', 200, '{"errors":[{}]}', 'failed'],
  ['errors, and no field has a value', 200, '{"errors":[{}],"data":{"x":null}}', 'failed'],
  [
    'errors beside a field that was done',
    200,
    '{"errors":[{}],"data":{"x":true,"y":null}}',
    'executed',
  ],
  ['no JSON', 200, '<html>', 'failed'],
  ['a redirect', 302, '{"data":{"x":true}}', 'failed'],
  ['a refusal', 403, '{"data":null}', 'failed'],
  ['a broken server', 500, '', 'failed'],
])('an answer with %s is told as it is', async (_, status, body, kind) =>
  expect(await run(says(status, body))).toMatchObject({ kind, status }),
)

test('without its own clearance, or with a spent one, nothing is sent', async () => {
  const seen: string[] = []
  const listener: RequestListener = (incoming, outgoing) => {
    seen.push(incoming.url ?? '')
    outgoing.end()
  }
  await expect(run(listener, cleared('sha256:other'))).rejects.toThrow('does not cover')
  const spent = cleared()
  spent.spend(actionDigest(action))
  await expect(run(listener, spent)).rejects.toThrow('is spent')
  expect(seen).toEqual([])
})

test('an answer that never comes is an error, not an outcome', async () => {
  await expect(run((incoming) => void incoming.resume())).rejects.toThrow('did not answer in time')
  await expect(run((incoming) => void incoming.socket.destroy())).rejects.toThrow('target')
})

test('a stored request opens as it was, byte for byte', () =>
  fc.assert(
    fc.property(fc.uint8Array(), fc.option(fc.string()), (body, accept) => {
      const opened = openRequest(storeRequest({ ...request, accept, body }))
      expect(opened).toMatchObject({ method: 'POST', path: '/graphql/v2', accept })
      expect(Buffer.from(opened?.body ?? []).equals(Buffer.from(body))).toBe(true)
    }),
  ))
