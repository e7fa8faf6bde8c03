/**
 * A door to the MCP gateway for the protocol's own conformance suite, which shows no grant: `node scripts/mcp-conformance.ts
 * http://127.0.0.1:4100/mcp 4200` puts Firebreak before that server, and a relay that adds a grant at port 4200. Run the
 * suite (`npx @modelcontextprotocol/conformance server --url …`) against both: the results must be the same.
 */
import { createServer, request } from 'node:http'
import { everything, openRig } from '../test/rig.ts'

const [upstream = 'http://127.0.0.1:4100/mcp', port = '4200'] = process.argv.slice(2)
const rig = await openRig('limits:\n  openHolds: 1000\n', {
  targets: `  suite:\n    platform: mcp\n    url: ${upstream}\n`,
})
const grant = await rig.people.mint('agent:suite', everything)
const server = createServer((incoming, outgoing) => {
  const raw = [...incoming.rawHeaders, 'authorization', `Bearer ${grant}`]
  const target = new URL(`${rig.running.url}/suite`)
  const onward = request(target, { method: incoming.method, headers: raw }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    answer.pipe(outgoing)
    answer.on('error', () => outgoing.destroy())
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
})
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`at :${port}/mcp\n`))
process.once('SIGTERM', () => {
  server.closeAllConnections()
  server.close()
  void rig.close()
})
