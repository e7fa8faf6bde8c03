/** The rehearsal's MCP server over Streamable HTTP, with sessions. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer } from './answer.ts'
import type { Store } from './store.ts'

export interface McpServer {
  readonly url: string
  /** What each request showed as its authority. */
  readonly shown: (string | undefined)[]
  readonly close: () => Promise<void>
}

export async function startMcpServer(store: Store): Promise<McpServer> {
  const sessions = new Set<string>()
  const shown: (string | undefined)[] = []
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    shown.push(incoming.headers.authorization)
    const session = incoming.headers['mcp-session-id']
    const body = await whole(incoming)
    if (incoming.method !== 'POST') {
      outgoing.writeHead(incoming.method === 'DELETE' ? 204 : 405).end()
      return
    }
    const message: Parameters<typeof answer>[1] = JSON.parse(body)
    const isHello = message['method'] === 'initialize'
    if (!isHello && !sessions.has(String(session))) {
      outgoing.writeHead(404).end()
      return
    }
    const early: unknown[] = []
    const said = answer(store, message, (one) => void early.push(one))
    const begun = randomUUID()
    if (isHello) sessions.add(begun)
    const head = isHello ? { 'mcp-session-id': begun } : {}
    if (said === null) outgoing.writeHead(202, head).end()
    else if (early.length === 0)
      outgoing
        .writeHead(200, { 'content-type': 'application/json', ...head })
        .end(JSON.stringify(said))
    else {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream', ...head })
      for (const one of [...early, said]) outgoing.write(`data: ${JSON.stringify(one)}\n\n`)
      outgoing.end()
    }
  }
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    shown,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function whole(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString('utf8')
}
