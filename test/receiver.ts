/** Where notices go, in tests: a server that writes down what comes and answers as it is told. */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { Server } from 'node:net'

export interface Heard {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly url: string
  readonly heard: Heard[]
  /** What it answers from now on; 0: it hears, and says nothing, and the connection stays. A redirect leads to itself, at another path. */
  readonly answer: { status: number; body: string }
  readonly close: () => Promise<void>
}

export async function openReceiver(): Promise<Receiver> {
  const heard: Heard[] = []
  const answer: Receiver['answer'] = { status: 200, body: 'as you wish' }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      heard.push({ path: request.url ?? '', headers: request.headers, body })
      if (answer.status === 0) return
      response.writeHead(answer.status, { connection: 'close', location: '/elsewhere' })
      response.end(answer.body)
    })
  })
  const port = await listenOn(server)
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${port}`, heard, answer, close }
}

/** Listens on this machine alone, at a port that was free; gives the port. */
export async function listenOn(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
