/** Where a new set-up listens: the usual ports, or the next that are free. */
import { createServer } from 'node:net'

/** The first of twenty from `port` on that nobody listens at on this machine. */
export async function freePort(port: number): Promise<number> {
  for (let next = port; next < port + 20; next += 1) if (await isFree(next)) return next
  return port
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
