/** What an agent may ask of Firebreak itself, and that nothing among it approves. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { domains, everything } from '../rig.ts'
import { connect, openMcpRig, resultIn } from './rig.ts'
import type { Client, McpRig } from './rig.ts'

let mcp: McpRig
let grant: string
let own: Client
beforeAll(async () => {
  mcp = await openMcpRig()
  grant = await mcp.rig.people.mint('agent:cursor', everything)
  own = await connect(`${mcp.rig.running.url}/.firebreak/mcp`, grant)
}, 60_000)
afterAll(() => mcp.close())

const facts = async (name: string, args: JsonObject = {}): Promise<JsonObject> => {
  const { structuredContent } = resultIn(await own.call(name, args))
  return isObject(structuredContent) ? structuredContent : {}
}

test('it has four tools, and none of them changes anything', async () => {
  const { tools } = resultIn(await own.ask('tools/list'))
  const names = Array.isArray(tools) ? tools.filter(isObject).map(({ name }) => name) : []
  expect(names).toEqual(['preflight', 'hold_status', 'my_grant', 'recovery_points'])
  for (const name of ['approve', 'hold-approve', 'resume', 'accept', 'grant-mint'])
    expect(resultIn(await own.call(name, { id: 'x' }))).toMatchObject({ isError: true })
})

test('preflight says what would go, as the platform tells it, and nothing is held or run by asking', async () => {
  const graphql = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const said = await facts('preflight', { target: 'railway', graphql })
  expect(said).toMatchObject({ operation: 'volumeDelete', effect: 'destroy', measured: true })
  expect(said['verdict']).not.toBe('allow')
  expect(JSON.stringify(said['blastRadius'])).toContain('production')
  expect(await mcp.rig.people.call('hold-list', { all: true })).toEqual([])
  expect(mcp.rig.platform.mutations()).toBe(0)
})

test('preflight knows the grant of who asks', async () => {
  const narrow = await mcp.rig.people.mint('agent:narrow', domains)
  const client = await connect(`${mcp.rig.running.url}/.firebreak/mcp`, narrow)
  const graphql = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  const { structuredContent } = resultIn(
    await client.call('preflight', { target: 'railway', graphql }),
  )
  expect(structuredContent).toMatchObject({ verdict: 'deny', findings: [{ rule: 'scope' }] })
})

test.each<[string, JsonObject, JsonObject]>([
  [
    'a tool that loses things',
    { target: 'shop', tool: 'remove_volume', arguments: {} },
    { verdict: 'deny', effect: 'destroy' },
  ],
  [
    'a tool that reads',
    { target: 'shop', tool: 'list_volumes' },
    { verdict: 'allow', effect: 'read' },
  ],
  ['SQL', { sql: 'DROP TABLE users' }, { verdict: 'hold', effect: 'destroy', measured: false }],
  ['a command', { command: 'npm test' }, { verdict: 'allow', measured: false }],
])('preflight of %s', async (_, question, said) =>
  expect(await facts('preflight', question)).toMatchObject(said),
)

test('a question that nobody can read is told so', async () => {
  for (const question of [{}, { target: 'shop' }, { target: 'nowhere', tool: 'x' }])
    expect(resultIn(await own.call('preflight', question))).toMatchObject({ isError: true })
})

test('a hold tells where it stands, to its own grant alone', async () => {
  const shop = await mcp.client(grant)
  const { structuredContent } = resultIn(await shop.call('get_secrets'))
  const holdId = isObject(structuredContent) ? textOf(structuredContent['holdId']) : ''
  expect(await facts('hold_status', { holdId })).toMatchObject({ state: 'open', verdict: 'hold' })
  await mcp.rig.people.call('hold-deny', { id: holdId })
  expect(await facts('hold_status', { holdId })).toMatchObject({ state: 'denied', verdict: 'deny' })
  const other = await mcp.rig.people.mint('agent:other', everything)
  const client = await connect(`${mcp.rig.running.url}/.firebreak/mcp`, other)
  expect(resultIn(await client.call('hold_status', { holdId }))).toMatchObject({ isError: true })
})

test('a grant says what it is for, and shows no secret', async () => {
  const said = await facts('my_grant')
  expect(said).toMatchObject({ principal: 'agent:cursor', stopped: null, operations: [['*']] })
  expect(JSON.stringify(said)).not.toContain('fbk_')
})

test('recovery points are those of what the grant reaches', async () => {
  expect(await facts('recovery_points')).toEqual({ points: [] })
})
