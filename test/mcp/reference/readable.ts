/** The reference server's resources and prompts, with completion. */
import { inputRequired, ResourceTemplate } from '@modelcontextprotocol/server'
import type { GetPromptResult, McpServer, PromptMessage } from '@modelcontextprotocol/server'
import { fields, taken } from './forms.ts'
import { picture } from './media.ts'

/** Their names, and what is in them, are the conformance suite's. */
export function addResources(server: McpServer): void {
  const fixed = [
    ['static-text', 'text/plain', 'This is the content of the static text resource.'],
    ['watched-resource', 'text/plain', 'Watched resource content'],
  ] as const
  for (const [name, mimeType, text] of fixed)
    server.registerResource(name, `test://${name}`, described(name, mimeType), ({ href: uri }) => ({
      contents: [{ uri, mimeType, text }],
    }))
  const image = described('static-binary', 'image/png')
  server.registerResource('static-binary', 'test://static-binary', image, ({ href: uri }) => ({
    contents: [{ uri, mimeType: 'image/png', blob: picture() }],
  }))
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined })
  const some = described('template', 'application/json')
  server.registerResource('template', template, some, ({ href: uri }, { id }) => {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` })
    return { contents: [{ uri, mimeType: 'application/json', text }] }
  })
}

export function addPrompts(server: McpServer): void {
  server.registerPrompt('test_simple_prompt', { description: 'Says one thing' }, () =>
    asked('This is a simple prompt for testing.'),
  )
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'Takes two',
      argsSchema: taken<{ arg1: string; arg2: string }>('arg1', 'arg2'),
    },
    ({ arg1, arg2 }) => asked(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    {
      description: 'Bears a resource',
      argsSchema: taken<{ resourceUri: string }>('resourceUri'),
    },
    ({ resourceUri: uri }) => {
      const text = 'Embedded resource content for testing.'
      const resource = { uri, mimeType: 'text/plain', text }
      return asked('Please process the embedded resource above.', { type: 'resource', resource })
    },
  )
  server.registerPrompt('test_prompt_with_image', { description: 'Bears a picture' }, () =>
    asked('Please analyze the image above.', {
      type: 'image',
      data: picture(),
      mimeType: 'image/png',
    }),
  )
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks' }, (ctx) => {
    const isAnswered = ctx.mcpReq.inputResponses?.['user_context'] !== undefined
    if (isAnswered) return asked('Prompt with what was answered')
    const requestedSchema = fields('context')
    const message = 'What context should the prompt use?'
    return inputRequired({
      inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema }) },
    })
  })
  server.server.setRequestHandler('completion/complete', ({ params }) => {
    const values = ['paris', 'park', 'party'].filter((each) =>
      each.startsWith(params.argument.value),
    )
    return { completion: { values, total: values.length, hasMore: false } }
  })
}

function described(name: string, mimeType: string): { description: string; mimeType: string } {
  return { description: `The resource ${name}`, mimeType }
}

function asked(words: string, before?: PromptMessage['content']): GetPromptResult {
  const content: readonly PromptMessage['content'][] = [
    ...(before === undefined ? [] : [before]),
    { type: 'text', text: words },
  ]
  return { messages: content.map((each) => ({ role: 'user', content: each })) }
}
