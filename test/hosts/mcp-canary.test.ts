/** MCP routes as hosts would take them: past Firebreak, and through it. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { McpServer } from '../../src/app/hosts/host.ts'
import { mcpFindings } from '../../src/app/hosts/mcp-canary.ts'
import { withEnv } from '../../src/app/hosts/env-text.ts'
import type { Finding } from '../../src/core/verdict.ts'
import { openMcpRig } from '../mcp/rig.ts'
import type { McpRig } from '../mcp/rig.ts'
import { everything } from '../rig.ts'
import { hostOf, placeOf } from './rig.ts'

let mcp: McpRig
let grant = ''
beforeAll(async () => {
  mcp = await openMcpRig()
  grant = await mcp.rig.people.mint('agent:cursor', everything)
}, 60_000)
afterAll(() => mcp.close())

const root = join(import.meta.dirname, '../..')
const main = join(root, 'src/cli/main.ts')

async function found(
  entry: object,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Finding[]> {
  const at = { PATH: process.env['PATH'], ...env }
  const file = JSON.stringify({ mcpServers: { shop: entry } })
  const place = { ...placeOf({ [`${root}/.cursor/mcp.json`]: file }, { env: at }), checkout: root }
  const servers: readonly McpServer[] = hostOf('cursor').servers(place)
  return await mcpFindings(servers, place)
}

const piped = (
  target: string,
  url = mcp.rig.running.url,
  given = '${env:FIREBREAK_GRANT}',
): object => ({
  command: process.execPath,
  args: ['--no-warnings', main, 'mcp', target],
  env: { FIREBREAK_GRANT: given, FIREBREAK_URL: url },
})

test('a server past Firebreak is named, with its host and its file', async () => {
  const message = (way: string): string =>
    `cursor, \`${root}/.cursor/mcp.json\`: the MCP server \`shop\` is ${way}, past Firebreak; \`firebreak init --all-servers\` puts Firebreak in between`
  expect(await found({ command: 'npx', args: ['shop-mcp'] })).toEqual([
    { rule: 'mcp-past-firebreak', message: message('started by itself') },
  ])
  expect(await found({ url: 'https://mcp.example/x' })).toEqual([
    { rule: 'mcp-past-firebreak', message: message('reached by its URL') },
  ])
  expect(await found({ command: 'npx', args: ['shop-mcp'], disabled: true })).toEqual([])
})

test('through the pipe its tools are listed: nothing to say', async () => {
  expect(await found(piped('shop'), { FIREBREAK_GRANT: grant })).toEqual([])
  expect(await found(piped('local', mcp.rig.running.url, grant))).toEqual([])
}, 60_000)

test('by its URL too', async () => {
  const headers = { Authorization: 'Bearer ${env:FIREBREAK_GRANT}' }
  expect(
    await found({ url: `${mcp.rig.running.url}/shop`, headers }, { FIREBREAK_GRANT: grant }),
  ).toEqual([])
})

test('a target that is not there, a daemon that is not, a grant that is none', async () => {
  const why = async (entry: object): Promise<readonly string[]> =>
    (await found(entry, { FIREBREAK_GRANT: grant })).map(
      ({ rule, message }) => `${rule} ${message}`,
    )
  expect(await why(piped('nobody'))).toEqual([
    expect.stringMatching(/^mcp-silent .*goes through Firebreak/),
  ])
  expect(await why(piped('shop', 'http://127.0.0.1:9'))).toEqual([
    expect.stringMatching(/^mcp-silent .*Firebreak does not answer at http:\/\/127.0.0.1:9\/shop/),
  ])
  expect(await why(piped('shop', mcp.rig.running.url, 'fbk_nothing'))).toEqual([
    expect.stringMatching(/^mcp-silent /),
  ])
  const gone = {
    command: '/nowhere/firebreak',
    args: ['mcp', 'shop'],
    env: { FIREBREAK_GRANT: grant },
  }
  expect(await why(gone)).toEqual([expect.stringMatching(/^mcp-silent /)])
}, 60_000)

test('without a grant here, and where the grant would go to another machine, nothing is tried', async () => {
  expect(await found(piped('shop'))).toMatchObject([
    { rule: 'mcp-untried', message: expect.stringContaining('no grant') },
  ])
  const headers = { Authorization: `Bearer ${grant}` }
  expect(await found({ url: 'https://evil.example/shop', headers })).toMatchObject([
    { rule: 'mcp-untried', message: expect.stringContaining('another machine') },
  ])
})

test('no finding shows a grant', async () => {
  const all = [
    ...(await found(piped('nobody', mcp.rig.running.url, grant))),
    ...(await found({ command: 'x', env: { FIREBREAK_GRANT: grant } })),
  ]
  expect(JSON.stringify(all)).not.toContain(grant.slice(4))
}, 60_000)

test.each([
  ['$A/${A}', '1/1'],
  ['${env:A}{env:A}', '11'],
  ['${B:-two}', 'two'],
  ['${A:-two}', '1'],
  ['$B.', '.'],
  ['a$', 'a$'],
])('`%s` is `%s`', (text, filled) => expect(withEnv(text, { A: '1' })).toBe(filled))
