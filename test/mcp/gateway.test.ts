/** An agent before MCP servers: what is safe passes as it came, what is not waits for a person, and nothing that the server or the agent says changes that. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isObject, textOf } from '../../src/base/json.ts'
import { everything } from '../rig.ts'
import { openMcpRig, resultIn, textIn } from './rig.ts'
import type { Client, McpRig } from './rig.ts'

let mcp: McpRig
let grant: string
beforeAll(async () => {
  mcp = await openMcpRig()
  grant = await mcp.rig.people.mint('agent:cursor', everything)
}, 60_000)
afterAll(() => mcp.close())

const reached = (target: string): readonly string[] =>
  (target === 'shop' ? mcp.store.calls : mcp.calls()).map(({ name }) =>
    typeof name === 'string' ? name : '',
  )

describe.each(['shop', 'local'])('%s', (target) => {
  let client: Client
  beforeAll(async () => {
    client = await mcp.client(grant, target)
  })

  test('what reads and what writes is let through, and answered as the server answers', async () => {
    expect(await client.call('list_volumes')).toEqual({
      jsonrpc: '2.0',
      id: expect.any(Number),
      result: { content: [{ type: 'text', text: 'vol-1, vol-2' }] },
    })
    expect(textIn(await client.call('create_note', { text: 'DROP TABLE users' }))).toContain('done')
    expect(textIn(await client.call('execute_sql', { query: 'select 1' }))).toContain('ok')
  })

  test('R11: `confirm: true` from an agent is worth nothing, and an annotation that calls it harmless neither', async () => {
    for (const args of [{ volumeId: 'vol-1' }, { volumeId: 'vol-1', confirm: true }]) {
      const result = resultIn(await client.call('remove_volume', args))
      expect(result).toMatchObject({
        isError: true,
        structuredContent: {
          operation: 'remove_volume',
          effect: 'destroy',
          verdict: 'deny',
          executed: false,
          retryable: false,
        },
        _meta: {
          'io.modelcontextprotocol/authorization': {
            reason: 'insufficient_authorization',
            remediation: 'none',
          },
        },
      })
    }
    expect(reached(target)).not.toContain('remove_volume')
  })

  test('R12: SQL in its arguments is read', async () => {
    const result = resultIn(await client.call('execute_sql', { query: 'DROP TABLE users' }))
    expect(result).toMatchObject({ isError: true, structuredContent: { effect: 'destroy' } })
    expect(mcp.store.rows.size).toBe(1)
  })

  test('what nobody understands waits for a person, and its approval binds exactly it', async () => {
    const result = resultIn(await client.call('frobnicate', { id: 1 }))
    // It declares what it gives, and a client would hold the refusal to that.
    expect(result['structuredContent']).toBeUndefined()
    const meta = isObject(result['_meta']) ? result['_meta'] : {}
    const facts = isObject(meta['firebreak/problem']) ? meta['firebreak/problem'] : {}
    expect(facts).toMatchObject({ effect: 'unread', verdict: 'hold', retryable: true })
    expect(textIn({ result })).toContain('firebreak approve')
    const id = textOf(facts['holdId'])
    const shown = await mcp.rig.people.call('hold-show', { id })
    const digest = isObject(shown) ? textOf(shown['shown']) : ''
    await mcp.rig.people.callAs('hold-approve', { id, shown: digest })
    const again = await settled(client)
    expect(textIn(again)).toContain('frobnicate done')
    expect(resultIn(again)['_meta']).toMatchObject({ 'firebreak/replayed': true })
    await client.call('frobnicate', { id: 1 })
    expect(reached(target).filter((name) => name === 'frobnicate')).toHaveLength(1)
    // Another parameter is another call.
    expect(resultIn(await client.call('frobnicate', { id: 2 }))).toMatchObject({ isError: true })
  })

  test('secrets are shown to nobody without a person, and the credential of the server to nobody at all', async () => {
    expect(resultIn(await client.call('get_secrets'))).toMatchObject({
      isError: true,
      structuredContent: { effect: 'expose', verdict: 'hold' },
    })
    expect(JSON.stringify(await client.ask('tools/list'))).not.toContain('real-token')
  })

  test('progress reaches who asked for it, under their own token', async () => {
    const answer = await client.post(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 'p',
        method: 'tools/call',
        params: { name: 'create_note', arguments: {}, _meta: { progressToken: 'mine' } },
      }),
    )
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    const text = await answer.text()
    expect(text).toContain('"progressToken":"mine"')
    expect(text).toContain('"id":"p"')
  })

  test('a grant sees the tools that it reaches, and no other', async () => {
    const narrow = await mcp.rig.people.mint('agent:reader', {
      ...everything,
      operations: ['read', 'create_note'],
    })
    const reader = await mcp.client(narrow, target)
    const { tools } = resultIn(await reader.ask('tools/list'))
    const names = Array.isArray(tools) ? tools.filter(isObject).map(({ name }) => name) : []
    expect(names).toEqual(['list_volumes', 'execute_sql', 'create_note', 'frobnicate'])
    expect(
      resultIn(await reader.call('execute_sql', { query: 'insert into a values (1)' })),
    ).toMatchObject({ isError: true, structuredContent: { findings: [{ rule: 'scope' }] } })
  })

  test('a grant for another target gets nothing', async () => {
    const other = await mcp.rig.people.mint('agent:other', { ...everything, targets: ['railway'] })
    const url = `${mcp.rig.running.url}/${target}`
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${other}` },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    })
    expect(answer.status).toBe(403)
  })

  test('a session is its grant’s', async () => {
    const second = await mcp.rig.people.mint('agent:second', everything)
    const session = client.session ?? ''
    expect(session).not.toBe('')
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${second}`,
      'mcp-session-id': session,
    }
    const url = `${mcp.rig.running.url}/${target}`
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(404)
    expect((await fetch(url, { headers })).status).toBe(404)
  })

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]', {}],
    [
      'a key that stands twice',
      '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}',
      {},
    ],
    ['no JSON', '{', {}],
    [
      'a notification that is a call',
      '{"jsonrpc":"2.0","method":"tools/call","params":{"name":"remove_volume"}}',
      {},
    ],
    [
      'a header that names another tool',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_volumes"}}',
      { 'mcp-name': 'remove_volume' },
    ],
  ])('%s is refused', async (_, body, headers) => {
    const before = reached(target).length
    expect((await client.post(body, headers)).status).toBe(400)
    expect(reached(target)).toHaveLength(before)
  })

  test('a method that nobody knows goes nowhere', async () => {
    const answer = await client.ask('volumes/purge', { id: 'vol-1' })
    expect(answer).toMatchObject({ error: { code: -32_601 } })
  })

  test('a page of another origin is refused', async () => {
    const headers = { origin: 'https://evil.example' }
    expect((await client.post('{}', headers)).status).toBe(403)
  })
})

test('the server is shown its credential, and never a grant', () => {
  expect(new Set(mcp.server.shown)).toEqual(new Set(['Bearer real-token-of-the-shop']))
})

async function settled(client: Client): ReturnType<Client['call']> {
  for (let turn = 0; turn < 100; turn += 1) {
    const answer = await client.call('frobnicate', { id: 1 })
    if (resultIn(answer)['isError'] !== true) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it never ran')
}
