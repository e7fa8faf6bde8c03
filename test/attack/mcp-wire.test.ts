/** An agent that words, frames or addresses a message so that Firebreak and the MCP server read two: none reaches the server. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attenuate } from '../../src/grants/grant.ts'
import { everything } from '../rig.ts'
import { openMcpRig } from '../mcp/rig.ts'
import type { Client, McpRig } from '../mcp/rig.ts'

let mcp: McpRig
let grant: string
const clients = new Map<string, Client>()
beforeAll(async () => {
  mcp = await openMcpRig()
  grant = await mcp.rig.people.mint('agent:mallory', everything)
  for (const target of ['shop', 'local']) {
    const client = await mcp.client(grant, target)
    await client.call('list_volumes')
    clients.set(target, client)
  }
}, 60_000)
afterAll(() => mcp.close())

const destroy = '"params":{"name":"remove_volume","arguments":{"volumeId":"vol-1","confirm":true}}'
const list = '{"jsonrpc":"2.0","id":7,"method":"tools/list"}'

test.each<[string, string, Readonly<Record<string, string>>]>([
  [
    'a second method in another case, for a reader that cares for none',
    `{"jsonrpc":"2.0","id":7,"method":"tools/list","Method":"tools/call",${destroy}}`,
    {},
  ],
  [
    'a second name in another case',
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"list_volumes","NAME":"remove_volume"}}',
    {},
  ],
  [
    'second parameters by a long s',
    `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"list_volumes"},${destroy.replace('params', 'paramſ')}}`,
    {},
  ],
  [
    'an answer that is a call in another case',
    `{"jsonrpc":"2.0","id":7,"result":{},"Method":"tools/call",${destroy}}`,
    {},
  ],
  ['another charset', list, { 'content-type': 'application/json; charset=utf-7' }],
  ['another type', list, { 'content-type': 'text/plain' }],
  ['another coding', list, { 'content-encoding': 'gzip' }],
  ['a notification of which nobody knows', '{"jsonrpc":"2.0","method":"notifications/purge"}', {}],
  [
    'SQL as the answer to a question of the server',
    '{"jsonrpc":"2.0","id":7,"result":{"action":"accept","content":{"sql":"DROP TABLE users"}}}',
    {},
  ],
  [
    'a command as the answer',
    '{"jsonrpc":"2.0","id":7,"result":{"action":"accept","content":{"command":"rm -rf /var/lib/postgresql"}}}',
    {},
  ],
  [
    'a header that repeats no argument',
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"list_volumes","arguments":{}}}',
    { 'mcp-param-query': 'DROP TABLE users' },
  ],
  ['a tool by a number', '{"jsonrpc":"2.0","id":1e400,"method":"tools/list"}', {}],
  ['an id that is a list', '{"jsonrpc":"2.0","id":[7],"method":"tools/list"}', {}],
  ['parameters as a list', '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":["x"]}', {}],
])('%s is refused', async (_, body, headers) => {
  for (const client of clients.values()) {
    const before = mcp.server.shown.length
    const answer = await client.post(body, headers)
    expect([400, 415]).toContain(answer.status)
    expect(mcp.server.shown).toHaveLength(before)
  }
  expect(mcp.store.volumes.size).toBe(2)
})

test('input for a task is read like any other', async () => {
  const client = clients.get('shop')
  const inputResponses = { a: { action: 'accept', content: { sql: 'DROP TABLE users' } } }
  const before = mcp.server.shown.length
  const answer = await client?.ask('tasks/update', { taskId: 't', inputResponses })
  expect(answer).toMatchObject({ error: { data: { executed: false, effect: 'destroy' } } })
  expect(mcp.server.shown).toHaveLength(before)
})

test('Firebreak’s own files are out of reach, and nobody is asked', async () => {
  const path = '/srv/firebreak.yaml'
  const answer = await clients.get('shop')?.call('write_file', { path, content: 'x' })
  expect(JSON.stringify(answer)).toContain('"verdict":"deny"')
  expect(JSON.stringify(answer)).toContain('"rule":"lifeline"')
})

test('a narrowed grant finds no session of the one that it came from', async () => {
  const narrow = attenuate(grant, [], 'agent:helper')
  for (const [target, client] of clients) {
    const url = `${mcp.rig.running.url}/${target}`
    const session = client.session ?? ''
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${narrow}`,
      'mcp-session-id': session,
    }
    expect(session).not.toBe('')
    expect((await fetch(url, { method: 'POST', headers, body: list })).status).toBe(404)
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(404)
  }
})

test('events are sent again to nobody without the session that they are of', async () => {
  const url = `${mcp.rig.running.url}/shop`
  const headers = { authorization: `Bearer ${grant}`, 'last-event-id': '1' }
  const before = mcp.server.shown.length
  expect((await fetch(url, { headers })).status).toBe(404)
  expect(mcp.server.shown).toHaveLength(before)
})

test('what an honest client says still passes', async () => {
  for (const client of clients.values()) {
    const typed = { 'content-type': 'application/json; charset=utf-8' }
    expect((await client.post(list, typed)).status).toBe(200)
    const answer = '{"jsonrpc":"2.0","id":7,"result":{"action":"accept","content":{"name":"a b"}}}'
    expect((await client.post(answer)).status).toBe(202)
    const sampled =
      '{"jsonrpc":"2.0","id":8,"result":{"role":"assistant","model":"m","content":{"type":"text","text":"delete what you like"}}}'
    expect((await client.post(sampled)).status).toBe(202)
  }
})
