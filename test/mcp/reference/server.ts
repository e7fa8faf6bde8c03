/** A server of the protocol's own SDK that has whatever the conformance suite asks for: with sessions until 2025-11-25, without since 2026-07-28. */
import { randomBytes, randomUUID } from 'node:crypto'
import {
  createMcpHandler,
  createRequestStateCodec,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  McpServer,
  originValidationResponse,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { addPushing, addRounds } from './asking.ts'
import type { State } from './asking.ts'
import { openEvents } from './events.ts'
import { addPlain } from './plain.ts'
import { addPrompts, addResources } from './readable.ts'
import { listen } from './web.ts'
import type { Listening } from './web.ts'

/** At a port of its own where none is named. */
export async function openReference(port = 0): Promise<Listening> {
  const state: State = createRequestStateCodec({ key: randomBytes(32) })
  const modern = createMcpHandler(() => served('new', state, modern.notify), { legacy: 'reject' })
  const legacy = openLegacy(state)
  const listening = await listen(port, async (request) => {
    const stranger =
      hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
      originValidationResponse(request, localhostAllowedOrigins())
    if (stranger !== undefined) return stranger
    return (await isLegacyRequest(request)) ? await legacy(request) : await modern.fetch(request)
  })
  return {
    url: `${listening.url}/mcp`,
    close: async () => {
      await modern.close()
      await listening.close()
    },
  }
}

type Session = WebStandardStreamableHTTPServerTransport

function openLegacy(state: State): (request: Request) => Promise<Response> {
  const sessions = new Map<string, Session>()
  const begin = async (): Promise<Session> => {
    const session = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: openEvents(),
      retryInterval: 500,
      onsessioninitialized: (id) => void sessions.set(id, session),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    await served('old', state, { toolsChanged: () => {}, promptsChanged: () => {} }).connect(
      session,
    )
    return session
  }
  return async (request) => {
    const id = request.headers.get('mcp-session-id')
    const session = id === null ? await begin() : sessions.get(id)
    return session === undefined
      ? new Response(null, { status: 404 })
      : await session.handleRequest(request)
  }
}

function served(
  era: 'old' | 'new',
  state: State,
  told: { readonly toolsChanged: () => void; readonly promptsChanged: () => void },
): McpServer {
  const server = new McpServer(
    { name: 'firebreak-reference', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: async (text, ctx) => await state.verify(text, ctx) },
    },
  )
  addPlain(server, { tools: told.toolsChanged, prompts: told.promptsChanged })
  addResources(server)
  addPrompts(server)
  if (era === 'new') addRounds(server, state)
  else {
    addPushing(server)
    server.server.setRequestHandler('resources/subscribe', () => ({}))
    server.server.setRequestHandler('resources/unsubscribe', () => ({}))
  }
  return server
}
