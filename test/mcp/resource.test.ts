/** What an MCP client without a grant is told: that this is a protected resource, which one, and where a grant is had (RFC 9728). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resourceNamed } from '../../src/app/oauth/resources.ts'
import { freePort } from '../free-port.ts'
import { openMcpRig } from './rig.ts'
import type { McpRig } from './rig.ts'

const ask = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> =>
  (
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    })
  ).headers.get('www-authenticate') ?? ''

describe('without a console', () => {
  let mcp: McpRig
  beforeAll(async () => {
    mcp = await openMcpRig()
  }, 60_000)
  afterAll(() => mcp.close())

  test('a request without a grant is told where to look, and one with a bad one that it is bad', async () => {
    const { url } = mcp.rig.running
    const where = `resource_metadata="${url}/.well-known/oauth-protected-resource/shop"`
    expect(await ask(`${url}/shop`)).toBe(`Bearer realm="firebreak", ${where}`)
    expect(await ask(`${url}/shop`, { authorization: 'Bearer fbk_x' })).toBe(
      `Bearer realm="firebreak", ${where}, error="invalid_token"`,
    )
    // What is no MCP server is no such resource.
    expect(await ask(`${url}/railway`)).toBe('Bearer realm="firebreak"')
  })

  test('the metadata names no authorization server: a person mints', async () => {
    const { url } = mcp.rig.running
    const answer = await fetch(`${url}/.well-known/oauth-protected-resource/local`)
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        resource: `${url}/local`,
        resource_name: 'local behind Firebreak',
        bearer_methods_supported: ['header'],
      },
    ])
  })

  test.each(['', '/', '/railway', '/nothing', '/shop/more', '/__proto__', '/.firebreak/mcp'])(
    'there is no resource at `%s`',
    async (path) => {
      const { url } = mcp.rig.running
      const answer = await fetch(`${url}/.well-known/oauth-protected-resource${path}`)
      expect(answer.status).toBe(404)
    },
  )

  test('a name of this machine by which somebody came is kept, another is not', async () => {
    const { url } = mcp.rig.running
    const local = url.replace('127.0.0.1', 'localhost')
    const answer = await fetch(`${local}/.well-known/oauth-protected-resource/shop`)
    expect(await answer.json()).toMatchObject({ resource: `${local}/shop` })
    const { config } = mcp.rig
    const port = Number(new URL(url).port)
    const rows: readonly (readonly [string, string | null])[] = [
      [`${url}/shop`, 'shop'],
      [`${local}/shop`, 'shop'],
      [`${url}/shop/`, null],
      [`${url}/railway`, null],
      [`${url}/shop?x`, null],
      [`${url}/shop#x`, null],
      [`http://evil.example:${port}/shop`, null],
      [`http://127.0.0.1:1/shop`, null],
      [`https://127.0.0.1:${port}/shop`, null],
      [`http://a@127.0.0.1:${port}/shop`, null],
      ['shop', null],
    ]
    for (const [resource, name] of rows)
      expect([resource, resourceNamed(config, resource, port)]).toEqual([resource, name])
  })
})

test('with a console it is the authorization server', async () => {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const mcp = await openMcpRig({
    more: `console: { listen: "127.0.0.1:${port}" , origin: "${origin}" }\n`,
  })
  const { url } = mcp.rig.running
  const answer = await fetch(`${url}/.well-known/oauth-protected-resource/shop`)
  expect(await answer.json()).toMatchObject({ authorization_servers: [origin] })
  await mcp.close()
}, 60_000)
