/** What Firebreak's libraries cost alone: node:http in, an undici pool out, and nothing in between: port, upstream. */
import { createServer } from 'node:http'
import { Pool } from 'undici'

const [, , port = '0', upstream = ''] = process.argv
const pool = new Pool(upstream, { connections: 64 })
const server = createServer((incoming, outgoing) => {
  const body: Buffer[] = []
  const answer: Buffer[] = []
  const headers = ['content-type', 'application/json', 'authorization', 'Bearer benchmark-token']
  incoming.on('data', (part: Buffer) => body.push(part))
  incoming.on('end', () =>
    pool.dispatch(
      { method: 'POST', path: incoming.url ?? '/', headers, body: Buffer.concat(body) },
      {
        onRequestStart: () => {},
        onResponseStart: (_, status) =>
          outgoing.writeHead(status, { 'content-type': 'application/json' }),
        onResponseData: (_, part) => answer.push(part),
        onResponseEnd: () => outgoing.end(Buffer.concat(answer).toString('latin1'), 'latin1'),
        onResponseError: () => outgoing.destroy(),
      },
    ),
  )
})
server.keepAliveTimeout = 65_000
server.listen(Number(port), '127.0.0.1')
