/** `firebreak mcp` as an agent starts it: lines in and out, a grant in its environment, and nothing else. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject, parseJson } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { everything } from '../rig.ts'
import { openMcpRig } from './rig.ts'
import type { McpRig } from './rig.ts'

let mcp: McpRig
let grant: string
beforeAll(async () => {
  mcp = await openMcpRig()
  grant = await mcp.rig.people.mint('agent:cursor', everything)
}, 60_000)
afterAll(() => mcp.close())

const call = (id: number | string, name: string, args: JsonObject = {}): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args, _meta: { progressToken: `t${id}` } },
})
const hello = {
  jsonrpc: '2.0',
  id: 'hello',
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  },
}
const about = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  },
}

/** Gives it all lines at once and its end; gives all that it said. */
async function talk(
  args: readonly string[],
  lines: readonly JsonObject[],
  env: Readonly<Record<string, string>> = { FIREBREAK_GRANT: grant },
): Promise<{
  readonly said: readonly JsonObject[]
  readonly code: number | null
  readonly err: string
}> {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const child = spawn(process.execPath, ['--no-warnings', main, 'mcp', ...args], {
    env: { PATH: process.env['PATH'] ?? '', FIREBREAK_URL: mcp.rig.running.url, ...env },
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  child.stdin.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const said = out.split('\n').filter(Boolean).map(parseJson).filter(isObject)
  return { said, code, err }
}

const byId = (said: readonly JsonObject[], id: string | number): JsonObject | undefined =>
  said.find((message) => message['id'] === id)

test.each(['shop', 'local'])('an agent talks to `%s` as if it had started it', async (target) => {
  const { said, code } = await talk(
    [target],
    [
      hello,
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      call(1, 'list_volumes'),
      call(2, 'remove_volume', { volumeId: 'vol-1', confirm: true }),
    ],
  )
  expect(code).toBe(0)
  expect(byId(said, 'hello')).toMatchObject({ result: { protocolVersion: '2025-06-18' } })
  expect(byId(said, 1)).toMatchObject({ result: { content: [{ text: 'vol-1, vol-2' }] } })
  expect(byId(said, 2)).toMatchObject({
    result: { isError: true, structuredContent: { verdict: 'deny' } },
  })
  expect(said).toContainEqual(
    expect.objectContaining({
      method: 'notifications/progress',
      params: { progressToken: 't1', progress: 1, total: 2 },
    }),
  )
  expect(mcp.store.volumes.size).toBe(2)
})

test('the new revision needs no handshake, and each grant has one process', async () => {
  const lines = [1, 2].map((id) => ({ jsonrpc: '2.0', id, method: 'tools/list', params: about }))
  const { said } = await talk(['local'], lines)
  expect(new Set(said.map(({ id }) => id))).toEqual(new Set([1, 2]))
  expect(said[0]).toMatchObject({ result: { tools: expect.any(Array) } })
})

test('without a grant it says what is missing; with one that is none the agent is told', async () => {
  const without = await talk(['shop'], [hello], {})
  expect(without.code).toBe(2)
  expect(without.err).toContain('FIREBREAK_GRANT')
  const { said } = await talk(['shop'], [hello], { FIREBREAK_GRANT: 'fbk_nothing' })
  expect(said).toMatchObject([{ id: 'hello', error: { code: -32_003 } }])
})

test('where no daemon answers the agent is told, and the client’s request is answered', async () => {
  const { said } = await talk(['shop', '--url', 'http://127.0.0.1:9'], [hello])
  expect(said).toMatchObject([
    { id: 'hello', error: { message: expect.stringContaining('does not answer') } },
  ])
})
