/** Waits on this machine's loopback for a browser that an issuer sends back (RFC 8252 §7.3): one address, one answer, then it is gone. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { FirebreakError, messageOf } from '../base/error.ts'

export interface Loopback {
  /** Where the issuer sends the browser. */
  readonly redirect: string
  /** What stood behind the `?`, of the first that came with that state; throws `not_reachable` when nobody came in time. */
  readonly came: (state: string) => Promise<string>
  readonly close: () => void
}

const path = '/callback'

/** `port` 0 takes any. */
export async function openLoopback(port: number, signal: AbortSignal): Promise<Loopback> {
  let wanted: string | null = null
  let take: (search: string) => void = () => {}
  const arrived = new Promise<string>((resolve) => {
    take = resolve
  })
  const server = createServer({ maxHeaderSize: 16 * 1024 }, (incoming, outgoing) => {
    const search = searchOf(incoming, { host: hostOf(), wanted })
    say(outgoing, search === null ? 404 : 200)
    if (search !== null) take(search)
  })
  const hostOf = (): string => {
    const address = server.address()
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new FirebreakError('port_in_use', `cannot listen on port ${port}: ${messageOf(cause)}`),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    redirect: `http://${hostOf()}${path}`,
    came: async (state) => {
      wanted = state
      const late = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(nobody()), { once: true })
      })
      return await Promise.race([arrived, late])
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Null for what is none of it: another path, a name that was pointed at this machine, or a state that nobody here has left with. */
function searchOf(
  { method, headers, url = '/' }: IncomingMessage,
  { host, wanted }: { readonly host: string; readonly wanted: string | null },
): string | null {
  if (method !== 'GET' || headers.host !== host || wanted === null) return null
  const { pathname, search, searchParams } = new URL(url, `http://${host}`)
  return pathname === path && searchParams.get('state') === wanted ? search : null
}

function say(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  })
  outgoing.end(status === 200 ? 'Go back to the terminal.\n' : 'There is nothing here.\n')
}

function nobody(): FirebreakError {
  return new FirebreakError('not_reachable', 'nobody came back from the page in time')
}
