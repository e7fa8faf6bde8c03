/** A Firebreak before the rehearsal's MCP server, by HTTP and as a process, and a client that speaks for an agent. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMcpServer } from '../../sim/mcp/http.ts'
import type { McpServer } from '../../sim/mcp/http.ts'
import { openStore } from '../../sim/mcp/store.ts'
import type { Store } from '../../sim/mcp/store.ts'
import { isObject, parseJson } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

export interface McpRig {
  readonly rig: Rig
  readonly store: Store
  readonly server: McpServer
  /** A client of its own with this grant: `shop` is reached by HTTP, `local` is a process. */
  readonly client: (grant: string, target?: string) => Promise<Client>
  /** What reached the process. */
  readonly calls: () => readonly JsonObject[]
  readonly close: () => Promise<void>
}

export interface Client {
  readonly session: string | null
  readonly ask: (method: string, params?: JsonObject) => Promise<JsonObject>
  readonly call: (name: string, args?: JsonObject) => Promise<JsonObject>
  readonly post: (body: string, headers?: Readonly<Record<string, string>>) => Promise<Response>
}

export interface Furnishing {
  /** Further keys of both targets, in YAML, indented by four. */
  readonly target?: string
  readonly more?: string
  readonly words?: string
}

const limits = 'limits:\n  burst: { count: 1000, window: 1m }\n'

export async function openMcpRig({
  target = '',
  more = limits,
  words,
}: Furnishing = {}): Promise<McpRig> {
  const store = openStore()
  const server = await startMcpServer(store)
  const environments = `    environments:
      production: { id: prod-1 }
      staging: { id: stage-1, protected: false }`
  const script = join(import.meta.dirname, '../../sim/mcp/stdio.ts')
  const targets = (dir: string): string => `  shop:
    platform: mcp
    url: ${server.url}
    secret: authorization
${environments}
${target}
  local:
    platform: mcp
    command: ["${process.execPath}", "--no-warnings", "${script}"]
    env: { CALLS: "${join(dir, 'calls')}"${words === undefined ? '' : `, WORDS: "${words}"`} }
    secret: SHOP_TOKEN
${environments}
${target}`
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-mcp-'))
  const rig = await openRig(more, { targets: targets(dir) })
  await rig.people.callAs('custody-add', { target: 'shop', secret: 'real-token-of-the-shop' })
  await rig.people.callAs('custody-add', { target: 'local', secret: 'real-token-of-the-shop' })
  const file = join(dir, 'calls')
  return {
    rig,
    store,
    server,
    client: async (grant, name = 'shop') => await connect(`${rig.running.url}/${name}`, grant),
    calls: () =>
      existsSync(file)
        ? readFileSync(file, 'utf8').trim().split('\n').map(parseJson).filter(isObject)
        : [],
    close: async () => {
      await rig.close()
      await server.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export async function connect(url: string, grant: string): Promise<Client> {
  let session: string | null = null
  let last = 0
  const post: Client['post'] = async (body, headers = {}) =>
    await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${grant}`,
        ...(session === null ? {} : { 'mcp-session-id': session }),
        ...headers,
      },
      body,
    })
  const ask: Client['ask'] = async (method, params = {}) => {
    last += 1
    const answer = await post(JSON.stringify({ jsonrpc: '2.0', id: last, method, params }))
    session ??= answer.headers.get('mcp-session-id')
    return lastIn(await answer.text())
  }
  await ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  })
  await post(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }))
  return {
    session,
    ask,
    post,
    call: async (name, args = {}) => await ask('tools/call', { name, arguments: args }),
  }
}

/** The last message of a body of JSON or of a stream. */
export function lastIn(text: string): JsonObject {
  const lines = text.split('\n').filter((line) => line.startsWith('data: '))
  const found = parseJson(lines.at(-1)?.slice(6) ?? text)
  return isObject(found) ? found : {}
}

/** The result of an answer. */
export function resultIn(answer: JsonObject): JsonObject {
  return isObject(answer['result']) ? answer['result'] : {}
}

export function textIn(answer: JsonObject): string {
  return JSON.stringify(resultIn(answer)['content'] ?? answer)
}
