/** The reference server's tools that answer by themselves: each kind of content, progress, logs, an error, a stream that is cut. */
import { setTimeout as pause } from 'node:timers/promises'
import { fromJsonSchema } from '@modelcontextprotocol/server'
import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server'
import { picture, sound } from './media.ts'

type Content = CallToolResult['content'][number]

/** Their names, and what they answer with, are the conformance suite's (modelcontextprotocol/conformance, its server scenarios). */
const answers: Readonly<Record<string, readonly Content[]>> = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [{ type: 'image', data: picture(), mimeType: 'image/png' }],
  test_audio_content: [{ type: 'audio', data: sound(), mimeType: 'audio/wav' }],
  test_embedded_resource: [
    embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ],
  test_multiple_content_types: [
    text('Multiple content types test:'),
    { type: 'image', data: picture(), mimeType: 'image/png' },
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ],
}

type Work = (ctx: ServerContext) => Promise<CallToolResult> | CallToolResult

const works: Readonly<Record<string, Work>> = {
  test_logging_tool: async ({ mcpReq }) => {
    await mcpReq.log('info', 'for who wants logs')
    return said('logged')
  },
  test_tool_with_progress: async (ctx) => await progress(ctx),
  test_error_handling: () => {
    throw new Error('This tool intentionally returns an error for testing')
  },
  test_reconnection: async ({ http }) => {
    http?.closeSSE?.()
    await pause(100)
    return said('answered after the stream was cut')
  },
}

/** `changed`: the server tells who listens that its lists have become others. */
export function addPlain(
  server: McpServer,
  changed: { readonly tools: () => void; readonly prompts: () => void },
): void {
  for (const [name, content] of Object.entries(answers))
    server.registerTool(name, { description: `Answers with ${name.slice(5)}` }, () => ({
      content: [...content],
    }))
  for (const [name, work] of Object.entries(works))
    server.registerTool(name, { description: `Shows ${name.slice(5)}` }, work)
  server.registerTool('test_trigger_tool_change', { description: 'Tells of tools' }, () => {
    changed.tools()
    return said('told')
  })
  server.registerTool('test_trigger_prompt_change', { description: 'Tells of prompts' }, () => {
    changed.prompts()
    return said('told')
  })
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Takes what JSON Schema 2020-12 can say', inputSchema: fromJsonSchema(schema) },
    (given) => said(JSON.stringify(given)),
  )
  server.registerTool(
    'test_headers',
    { description: 'Has an argument that a header repeats', inputSchema: fromJsonSchema(repeated) },
    (given) => said(JSON.stringify(given)),
  )
}

export function said(words: string): CallToolResult {
  return { content: [text(words)] }
}

async function progress({ mcpReq }: ServerContext): Promise<CallToolResult> {
  const token = mcpReq['_meta']?.progressToken
  for (const done of [0, 50, 100]) {
    if (token !== undefined)
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken: token, progress: done, total: 100 },
      })
    await pause(50)
  }
  return said('done')
}

function text(words: string): Content {
  return { type: 'text', text: words }
}

function embedded(uri: string, mimeType: string, words: string): Content {
  return { type: 'resource', resource: { uri, mimeType, text: words } }
}

/** What the scenario of SEP-1613 and SEP-2106 looks for in a list. */
const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  // As a text: an object with a `then` of its own could be awaited.
  ...JSON.parse(
    '{"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":["phone"]},"else":{"required":["email"]}}',
  ),
  additionalProperties: false,
} as const

/** `x-mcp-header` (SEP-2243): `Mcp-Param-Region` says the same. */
const repeated = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
} as const
