/** A server of Node's behind a function from Request to Response, as the SDK has it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

export interface Listening {
  readonly url: string
  readonly close: () => Promise<void>
}

type Answers = (request: Request) => Promise<Response>

export async function listen(port: number, answers: Answers): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    answer(answers, incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const at = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${at}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  answers: Answers,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
  const method = incoming.method ?? 'GET'
  const body = method === 'POST' ? await bodyOf(incoming) : null
  const url = `http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`
  const response = await answers(new Request(url, { method, headers, body, signal: gone.signal }))
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.flushHeaders()
  if (response.body === null) outgoing.end()
  else
    Readable.fromWeb(response.body)
      .on('error', () => outgoing.destroy())
      .pipe(outgoing)
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding('utf8')
  let text = ''
  for await (const part of incoming) text += String(part)
  return text
}
