/** http-proxy-3 as its documentation sets it up, with a keep-alive agent: port, upstream. */
import { Agent, createServer } from 'node:http'
import { createProxyServer } from 'http-proxy-3'

const [, , port = '0', upstream = ''] = process.argv
const proxy = createProxyServer({
  target: upstream,
  agent: new Agent({ keepAlive: true, maxSockets: 64 }),
})
const server = createServer((incoming, outgoing) => proxy.web(incoming, outgoing))
server.keepAliveTimeout = 65_000
server.listen(Number(port), '127.0.0.1')
