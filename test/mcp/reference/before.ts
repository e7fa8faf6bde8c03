/** Firebreak before the reference server, and a door to it for a client that shows no grant. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { everything, openRig } from '../../rig.ts'
import type { Listening } from './web.ts'

/** `door`: as a client without a grant reaches it; `url` takes a grant, and `grant` is one for everything. */
export interface Before extends Listening {
  readonly door: string
  readonly grant: string
}

/**
 * What its tools do is told by the config, as a person would: no name of the suite's says so, and what nobody knows is held.
 * INVARIANT (nothing else is loosened): a grant for every operation, one target, no credential.
 */
export async function openBefore(
  upstream: string,
  tools: readonly string[],
  port = 0,
): Promise<Before> {
  const known = tools.map((each) => `      ${each}: read\n`).join('')
  const rig = await openRig('limits:\n  openHolds: 1000\n', {
    targets: `  suite:\n    platform: mcp\n    url: ${upstream}\n    tools:\n${known}`,
  })
  const grant = await rig.people.mint('agent:suite', everything)
  const url = `${rig.running.url}/suite`
  const door = createServer((incoming, outgoing) => {
    const headers = [...incoming.rawHeaders, 'authorization', `Bearer ${grant}`]
    const { method } = incoming
    const onward = request(new URL(url), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      outgoing.flushHeaders()
      answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  door.listen(port, '127.0.0.1')
  await once(door, 'listening')
  const address = door.address()
  const at = typeof address === 'object' && address !== null ? address.port : port
  return {
    url,
    grant,
    door: `http://127.0.0.1:${at}/mcp`,
    close: async () => {
      door.closeAllConnections()
      door.close()
      await rig.close()
    },
  }
}
