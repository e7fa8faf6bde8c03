/** The reference server's tools that ask the client first: by a request of their own (until 2025-11-25), or by a result that wants input (2026-07-28). */
import { acceptedContent, inputRequired } from '@modelcontextprotocol/server'
import type {
  CallToolResult,
  ElicitRequestFormParams,
  InputRequests,
  InputRequiredResult,
  McpServer,
  RequestStateCodec,
  ServerContext,
} from '@modelcontextprotocol/server'
import { choices, defaults, fields, taken } from './forms.ts'
import { said } from './plain.ts'

/** What goes round with a question, signed. */
export type State = RequestStateCodec<{ readonly step: number }>

/**
 * Until 2025-11-25: what the server asks and logs stands in the stream of the call. (`requestSampling`, `elicitInput` and `log` of
 * the SDK's context say it on the session's own stream, where it is lost for a client whose stream has not come yet.)
 */
export function addPushing(server: McpServer): void {
  server.registerTool('test_tool_with_logging', { description: 'Logs' }, async ({ mcpReq }) => {
    for (const each of ['started', 'processing data', 'completed'])
      await mcpReq.notify({
        method: 'notifications/message',
        params: { level: 'info', data: `Tool ${each}` },
      })
    return said('three were logged')
  })
  server.registerTool(
    'test_sampling',
    { description: 'Samples', inputSchema: taken<{ prompt: string }>('prompt') },
    async ({ prompt }, { mcpReq }) => {
      const { content } = await mcpReq.send({
        method: 'sampling/createMessage',
        params: {
          messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
          maxTokens: 100,
        },
      })
      return said(`LLM response: ${JSON.stringify(content)}`)
    },
  )
  server.registerTool(
    'test_elicitation',
    { description: 'Asks', inputSchema: taken<{ message: string }>('message') },
    async ({ message }, ctx) =>
      said(`User response: ${await elicited(ctx, message, fields('username', 'email'))}`),
  )
  for (const [name, form] of [
    ['test_elicitation_sep1034_defaults', defaults],
    ['test_elicitation_sep1330_enums', choices],
  ] as const)
    server.registerTool(name, { description: 'Asks by a form' }, async (ctx) =>
      said(`Elicitation completed: ${await elicited(ctx, 'Please fill this in', form)}`),
    )
}

async function elicited(
  { mcpReq }: ServerContext,
  message: string,
  requestedSchema: ElicitRequestFormParams['requestedSchema'],
): Promise<string> {
  const { action, content } = await mcpReq.send({
    method: 'elicitation/create',
    params: { mode: 'form', message, requestedSchema },
  })
  return `action=${action}, content=${JSON.stringify(content ?? {})}`
}

const name = inputRequired.elicit({
  message: 'What is your name?',
  requestedSchema: fields('name'),
})
const confirm = inputRequired.elicit({
  message: 'Please confirm',
  requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
})
const colour = inputRequired.elicit({
  message: 'Step 2: What is your favorite color?',
  requestedSchema: fields('color'),
})
const roots = inputRequired.listRoots()

function sampled(text: string): InputRequests[string] {
  return inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens: 100,
  })
}

type Step = { readonly asks: InputRequests; readonly signed?: boolean }

/** Each asks in its order, and answers when everything was answered. */
const rounds: Readonly<Record<string, readonly Step[]>> = {
  test_input_required_result_elicitation: [{ asks: { user_name: name } }],
  test_streaming_elicitation: [{ asks: { user_name: name } }],
  test_input_required_result_sampling: [
    { asks: { capital_question: sampled('What is the capital of France?') } },
  ],
  test_input_required_result_list_roots: [{ asks: { client_roots: roots } }],
  test_input_required_result_request_state: [{ asks: { confirm }, signed: true }],
  test_input_required_result_tampered_state: [{ asks: { confirm }, signed: true }],
  test_input_required_result_multiple_inputs: [
    {
      asks: { user_name: name, greeting: sampled('Generate a greeting'), client_roots: roots },
      signed: true,
    },
  ],
  test_input_required_result_multi_round: [
    { asks: { step1: name }, signed: true },
    { asks: { step2: colour }, signed: true },
  ],
  test_missing_capability: [{ asks: { sampled: sampled('Are you there?') } }],
}

/** 2026-07-28: the call ends with what it wants, and comes again with it. */
export function addRounds(server: McpServer, state: State): void {
  for (const [tool, steps] of Object.entries(rounds))
    server.registerTool(tool, { description: 'Asks before it answers' }, async (ctx) => {
      const at = steps.findLastIndex(({ asks }) => isAnswered(ctx, asks)) + 1
      const step = steps[at]
      return step === undefined
        ? said(`state-ok ${JSON.stringify(ctx.mcpReq.inputResponses)}`)
        : await wanting(step, { state, at })
    })
  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks for what the client can' },
    (context): CallToolResult | InputRequiredResult => {
      const able = server.server.getClientCapabilities()
      const asks: InputRequests = {
        ...(able?.sampling === undefined ? {} : { sampled: sampled('Are you there?') }),
        ...(able?.elicitation === undefined ? {} : { user_name: name }),
      }
      if (Object.keys(asks).length === 0) return said('there is nobody to ask')
      return isAnswered(context, asks) ? said('answered') : inputRequired({ inputRequests: asks })
    },
  )
}

function isAnswered({ mcpReq }: ServerContext, asks: InputRequests): boolean {
  return Object.entries(asks).every(([key, { method }]) =>
    method === 'elicitation/create'
      ? acceptedContent(mcpReq.inputResponses, key) !== undefined
      : mcpReq.inputResponses?.[key] !== undefined,
  )
}

async function wanting(
  { asks, signed = false }: Step,
  { state, at }: { readonly state: State; readonly at: number },
): Promise<InputRequiredResult> {
  return inputRequired({
    inputRequests: asks,
    ...(signed ? { requestState: await state.mint({ step: at }) } : {}),
  })
}
