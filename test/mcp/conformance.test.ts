/** The protocol's own client before the reference server, directly and through Firebreak: it is told the same. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBefore } from './reference/before.ts'
import type { Before } from './reference/before.ts'
import { toolNames } from './reference/names.ts'
import { openReference } from './reference/server.ts'
import type { Listening } from './reference/web.ts'

let reference: Listening
let before: Before

beforeAll(async () => {
  reference = await openReference()
  before = await openBefore(reference.url, await toolNames(reference.url))
})

afterAll(async () => {
  await before.close()
  await reference.close()
})

const revisions = [
  ['2025-11-25', 'legacy'],
  ['2026-07-28', { pin: '2026-07-28' }],
] as const

/** Everything that the client hears while it does `work`. */
async function heard(
  url: string,
  mode: (typeof revisions)[number][1],
  work: (client: Client, hears: (told: unknown) => void) => Promise<unknown>,
): Promise<readonly unknown[]> {
  const told: unknown[] = []
  const client = new Client(
    { name: 'conformance', version: '1' },
    { capabilities: { sampling: {}, elicitation: {}, roots: {} }, versionNegotiation: { mode } },
  )
  client.setRequestHandler('sampling/createMessage', ({ params }) => {
    told.push(params)
    return { role: 'assistant', model: 'none', content: { type: 'text', text: 'Paris' } }
  })
  client.setRequestHandler('elicitation/create', ({ params }) => {
    told.push(params)
    return { action: 'accept', content: { name: 'Ada', ok: true, color: 'red', context: 'all' } }
  })
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///somewhere' }] }))
  client.setNotificationHandler('notifications/message', ({ params }) => void told.push(params))
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  try {
    told.push(
      await work(client, (each) => told.push(each)).catch((thrown: unknown) => String(thrown)),
    )
  } finally {
    await client.close()
  }
  return told
}

const works: readonly (readonly [
  string,
  (client: Client, hears: (told: unknown) => void) => Promise<unknown>,
])[] = [
  ['what the server is', async (client) => await Promise.resolve(client.getServerCapabilities())],
  ['the list of tools', async (client) => await client.listTools()],
  ['the lists of resources and templates', lists],
  ['a text', async (client) => await client.readResource({ uri: 'test://static-text' })],
  ['bytes', async (client) => await client.readResource({ uri: 'test://static-binary' })],
  ['a template', async (client) => await client.readResource({ uri: 'test://template/1/data' })],
  [
    'a resource that is not there',
    async (client) => await client.readResource({ uri: 'test://no' }),
  ],
  ['the list of prompts', async (client) => await client.listPrompts()],
  ['a prompt', async (client) => await client.getPrompt({ name: 'test_prompt_with_image' })],
  [
    'completion',
    async (client) =>
      await client.complete({
        ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
        argument: { name: 'arg1', value: 'par' },
      }),
  ],
  [
    'progress, in its order',
    async (client, hears) =>
      await client.callTool({ name: 'test_tool_with_progress' }, { onprogress: hears }),
  ],
  ...['test_multiple_content_types', 'test_audio_content', 'test_error_handling'].map(called),
]

const old = [
  called('test_tool_with_logging'),
  called('test_sampling', { prompt: 'What is the capital of France?' }),
  called('test_elicitation', { message: 'Who are you?' }),
  called('test_elicitation_sep1034_defaults'),
  called('test_elicitation_sep1330_enums'),
  called('test_reconnection'),
  ['a subscription', subscribed],
] as const

const rounds = [
  'test_input_required_result_elicitation',
  'test_input_required_result_sampling',
  'test_input_required_result_list_roots',
  'test_input_required_result_request_state',
  'test_input_required_result_multiple_inputs',
  'test_input_required_result_multi_round',
  'test_input_required_result_capabilities',
].map((each) => called(each))

const cases = revisions.flatMap(([revision, mode]) =>
  [...works, ...(mode === 'legacy' ? old : rounds)].map(
    ([what, work]) => [revision, what, mode, work] as const,
  ),
)

test.each(cases)('%s: %s', async (_, what, mode, work) => {
  const direct = await heard(reference.url, mode, work)
  const through = await heard(before.door, mode, work)
  expect(through).toStrictEqual(direct)
  // Two faults alike would prove nothing.
  expect(direct.at(-1)).toBeTypeOf(what.includes('not there') ? 'string' : 'object')
})

function called(
  name: string,
  given: Record<string, unknown> | number = {},
): (typeof works)[number] {
  const args = typeof given === 'number' ? {} : given
  return [name, async (client) => await client.callTool({ name, arguments: args })]
}

async function lists(client: Client): Promise<unknown> {
  return [await client.listResources(), await client.listResourceTemplates()]
}

async function subscribed(client: Client): Promise<unknown> {
  const uri = 'test://watched-resource'
  return [await client.subscribeResource({ uri }), await client.unsubscribeResource({ uri })]
}
