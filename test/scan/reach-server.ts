/** A server that speaks as platforms do: each host's answers by method and path, or one trouble for all. */
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Said {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** As it stands, instead of JSON. */
  readonly text?: string
  /** By a header of the request and its value, another answer. */
  readonly by?: Readonly<Record<string, Readonly<Record<string, Said>>>>
  /** Never answers. */
  readonly silent?: boolean
  /** Begins to answer, and never ends. */
  readonly drip?: boolean
}

/** By `host/path` with its query, or without for any; `*` is for all that is not named. */
export type Script = Readonly<Record<string, Said>>

export interface Platforms {
  readonly url: string
  /** `GET host/path` of each call so far. */
  readonly calls: () => readonly string[]
  readonly heads: () => readonly Readonly<Record<string, unknown>>[]
  readonly bodies: () => readonly string[]
  readonly say: (script: Script) => void
  readonly close: () => Promise<void>
}

const notFound: Said = { status: 404, body: { message: 'Not Found' } }

const pathOf = ({ headers, url }: IncomingMessage): string => `${headers.host ?? ''}${url ?? ''}`

function answerTo(request: IncomingMessage, script: Script): Said {
  const whole = pathOf(request)
  const said = script[whole] ?? script[whole.split('?')[0] ?? ''] ?? script['*'] ?? notFound
  const [other] = Object.entries(said.by ?? {}).flatMap(([name, answers]) => {
    const answer = answers[String(request.headers[name])]
    return answer === undefined ? [] : [answer]
  })
  return other ?? said
}

export async function startPlatforms(): Promise<Platforms> {
  let script: Script = {}
  let calls: string[] = []
  let heads: Readonly<Record<string, unknown>>[] = []
  let bodies: string[] = []
  const server = createServer((request, response) => {
    const path = pathOf(request).split('?')[0] ?? ''
    calls.push(`${request.method ?? ''} ${path}`)
    heads.push(request.headers)
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => bodies.push(body))
    const said = answerTo(request, script)
    if (said.silent === true) return
    const type = { 'content-type': 'application/json' }
    response.writeHead(said.status ?? 200, { ...type, ...said.headers })
    if (said.drip === true) {
      response.write('[')
      return
    }
    response.end(said.text ?? JSON.stringify(said.body ?? {}))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    heads: () => heads,
    bodies: () => bodies,
    say: (next) => {
      script = next
      calls = []
      heads = []
      bodies = []
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
