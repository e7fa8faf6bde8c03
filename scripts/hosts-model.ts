/** A model that asks for one ordinary command and then for one that destroys, whatever it is told: by the four APIs that agents' hosts speak. */
import { createServer } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import { isObject, parseJson, textOf } from '../src/base/json.ts'
import type { Json, JsonObject } from '../src/base/json.ts'

export interface Model {
  readonly url: string
  /** Everything that a host has sent. */
  readonly heard: () => string
  readonly close: () => Promise<void>
}

export async function openModel(commands: readonly string[]): Promise<Model> {
  let heard = ''
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString()
      heard += text
      answer(request.url ?? '', text, commands, response)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    heard: () => heard,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

function answer(
  path: string,
  text: string,
  commands: readonly string[],
  response: ServerResponse,
): void {
  const asked = text === '' ? {} : parseJson(text)
  const way = ways.find(({ at }) => path.includes(at))
  if (way === undefined || !isObject(asked)) {
    response.writeHead(404).end('{}')
    return
  }
  const tool = way.tools(asked).find((name) => shells.test(name))
  const command = tool === undefined ? undefined : commands[text.split(way.result).length - 1]
  const events = way.says(asked, command === undefined ? null : { tool: tool ?? '', command })
  const isStream = asked['stream'] === true || path.includes('stream')
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
  if (!isStream) response.end(JSON.stringify(way.whole(asked)))
  else
    response.end(
      events.map(eventOf).join('') + (way.at === '/completions' ? 'data: [DONE]\n\n' : ''),
    )
}

/** Gemini's reader takes no line but the data. */
function eventOf(event: JsonObject): string {
  const type = textOf(event['type'])
  return `${type === '' ? '' : `event: ${type}\n`}data: ${JSON.stringify(event)}\n\n`
}

const shells = /^(bash|shell|exec_command|shell_command|run_shell_command)$/i

interface Wish {
  readonly tool: string
  readonly command: string
}

interface Way {
  /** A part of its path. */
  readonly at: string
  /** What stands in a request once for each result of a tool. */
  readonly result: string
  readonly tools: (asked: JsonObject) => readonly string[]
  /** A call, or that it is done. */
  readonly says: (asked: JsonObject, wish: Wish | null) => readonly JsonObject[]
  readonly whole: (asked: JsonObject) => JsonObject
}

function named(
  list: Json | undefined,
  name: (tool: JsonObject) => Json | undefined,
): readonly string[] {
  const all: readonly Json[] = Array.isArray(list) ? list : []
  return all.filter(isObject).map((tool) => textOf(name(tool)))
}

/** Codex' newer tool calls it `cmd`. */
function argumentsOf({ tool, command }: Wish): JsonObject {
  return tool === 'exec_command' ? { cmd: command } : { command, description: 'canary' }
}

const usage = { input_tokens: 1, output_tokens: 1 }

const ways: readonly Way[] = [
  {
    at: '/completions',
    result: '"role":"tool"',
    tools: ({ tools }) => named(tools, ({ function: own }) => (isObject(own) ? own['name'] : '')),
    says: (_, wish) => {
      const chunk = (delta: JsonObject, finish: string | null): JsonObject => ({
        id: 'c',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'm',
        choices: [{ index: 0, delta, finish_reason: finish }],
      })
      if (wish === null)
        return [chunk({ role: 'assistant', content: 'done' }, null), chunk({}, 'stop')]
      const call = { name: wish.tool, arguments: JSON.stringify(argumentsOf(wish)) }
      const calls = [{ index: 0, id: `t${wish.command.length}`, type: 'function', function: call }]
      return [chunk({ role: 'assistant', tool_calls: calls }, null), chunk({}, 'tool_calls')]
    },
    whole: () => ({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'done' }, finish_reason: 'stop' },
      ],
    }),
  },
  {
    at: '/messages',
    result: '"type":"tool_result"',
    tools: ({ tools }) => named(tools, ({ name }) => name),
    says: ({ model = 'm' }, wish) => [
      {
        type: 'message_start',
        message: {
          id: 'm',
          type: 'message',
          role: 'assistant',
          model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage,
        },
      },
      {
        type: 'content_block_start',
        index: 0,
        content_block:
          wish === null
            ? { type: 'text', text: '' }
            : { type: 'tool_use', id: `toolu_${wish.command.length}`, name: wish.tool, input: {} },
      },
      {
        type: 'content_block_delta',
        index: 0,
        delta:
          wish === null
            ? { type: 'text_delta', text: 'done' }
            : { type: 'input_json_delta', partial_json: JSON.stringify(argumentsOf(wish)) },
      },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: wish === null ? 'end_turn' : 'tool_use', stop_sequence: null },
        usage: { output_tokens: 1 },
      },
      { type: 'message_stop' },
    ],
    whole: ({ model = 'm' }) => ({
      id: 'm',
      type: 'message',
      role: 'assistant',
      model,
      content: [{ type: 'text', text: 'done' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage,
      input_tokens: 1,
    }),
  },
  {
    at: 'enerateContent',
    result: '"functionResponse"',
    tools: ({ tools }) => {
      const all: readonly Json[] = Array.isArray(tools) ? tools : []
      return all
        .filter(isObject)
        .flatMap(({ functionDeclarations }) => named(functionDeclarations, ({ name }) => name))
    },
    says: (_, wish) => [
      generated(
        wish === null
          ? { text: 'done' }
          : { functionCall: { name: wish.tool, args: argumentsOf(wish) } },
      ),
    ],
    whole: () => generated({ text: 'done' }),
  },
  {
    at: '/responses',
    result: '_call_output"',
    tools: ({ tools }) => named(tools, ({ name }) => name),
    says: (_, wish) => {
      const item =
        wish === null
          ? {
              type: 'message',
              id: 'm',
              role: 'assistant',
              content: [{ type: 'output_text', text: 'done' }],
            }
          : {
              type: 'function_call',
              id: `f${wish.command.length}`,
              call_id: `c${wish.command.length}`,
              name: wish.tool,
              arguments: JSON.stringify(argumentsOf(wish)),
            }
      return [
        { type: 'response.created', response: { id: 'r' } },
        { type: 'response.output_item.done', item, output_index: 0 },
        { type: 'response.completed', response: { id: 'r', usage: { ...usage, total_tokens: 2 } } },
      ]
    },
    whole: () => ({ id: 'r', status: 'completed', output: [] }),
  },
]

function generated(part: JsonObject): JsonObject {
  return {
    candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  }
}
