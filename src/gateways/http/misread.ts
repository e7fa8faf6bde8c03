/** What Node refuses before it is a request: it gets a problem body like every other refusal. */
import { STATUS_CODES } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { plainProblem } from './answer.ts'

const shape = { graphql: false, accept: null }

/** Answers broken requests on this server; a connection on which another answer is still due is cut, since this one would be taken for it. */
export function answerMisread(server: Server): void {
  // A list for each connection, made once: sets that come and go with each answer keep it in memory (see `lives.ts`).
  const due = new WeakMap<Duplex, ServerResponse[]>()
  const dueOn = (socket: Duplex): ServerResponse[] => {
    const known = due.get(socket)
    if (known !== undefined) return known
    const list: ServerResponse[] = []
    due.set(socket, list)
    return list
  }
  server.on('request', ({ socket }, outgoing) => {
    const list = dueOn(socket)
    list.push(outgoing)
    outgoing.on('close', () => {
      const at = list.indexOf(outgoing)
      if (at >= 0) list.splice(at, 1)
    })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const others = [...(due.get(socket) ?? [])].filter((outgoing) => !isBroken(outgoing))
    if (!socket.writable || others.length > 0 || error.code === 'ECONNRESET') socket.destroy()
    else refuse(socket, messageFor(error.code ?? ''))
  })
}

const lingerMs = 2000

/** A client that never ends its own side would keep the connection for ever. */
function refuse(socket: Duplex, message: string): void {
  socket.end(message)
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.on('close', () => clearTimeout(timer))
}

/** True where it is this very request that broke: its head came, its body did not, and nothing was answered. */
function isBroken({ req, headersSent }: ServerResponse): boolean {
  return !req.complete && !headersSent
}

function messageFor(code: string): string {
  const [status, detail] = refusals[code] ?? [400, 'this is no HTTP/1.1 request']
  const { headers, body } = plainProblem({ status, kind: 'no-request', detail }, shape)
  const lines = headers.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`))
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n`
  return `${line}${lines.join('')}connection: close\r\n\r\n${Buffer.from(body).toString('utf8')}`
}

const refusals: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not come whole in time'],
  HPE_HEADER_OVERFLOW: [431, 'the head of the request is larger than 32 KiB'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the chunk extensions are too long'],
}
