/** The hosts of agents as data: how each tells what it is about to do, and what it takes for an answer. */
import { isObject, textOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Call, Calls } from './call.ts'
import { byExit, decision, flat, nested, permission } from './reply.ts'
import type { Replying } from './reply.ts'
import { callsOf, inputOf } from './tool-call.ts'

export interface Dialect {
  readonly name: string
  /** Which event this is; empty where the host does not say. */
  readonly eventOf: (payload: JsonObject) => string
  readonly calls: (payload: JsonObject) => Calls
  readonly reply: Replying
}

/** An event that has no call in it, and one that nobody here knows. The second is no reason to let something pass. */
interface Events {
  readonly judged: RegExp
  readonly others: RegExp
}

function dialect(
  name: string,
  key: string,
  { judged, others }: Events,
  made: { readonly calls: (payload: JsonObject) => Calls; readonly reply: Replying },
): Dialect {
  const eventOf = (payload: JsonObject): string => textOf(payload[key])
  const calls = (payload: JsonObject): Calls => {
    const event = eventOf(payload)
    if (judged.test(event)) return made.calls(payload)
    return others.test(event) ? [] : [unread(`the event \`${event}\` of ${name} is not known here`)]
  }
  return { name, eventOf, calls, reply: made.reply }
}

function unread(why: string): Call {
  return { kind: 'unread', why }
}

/** `tool_name`, `tool_input`, `cwd`: Claude Code's form, which several took over. */
function toolUse(payload: JsonObject): Calls {
  const { tool_name: name, tool_input: input, cwd } = payload
  if (typeof name !== 'string' || name === '') return [unread('the call names no tool')]
  return callsOf({ name, input, cwd: dirOf(cwd) })
}

/** Gemini says apart which server a tool is of: its name alone (`mcp_a_b_c`) could be split in several ways. */
function geminiUse(payload: JsonObject): Calls {
  const { mcp_context: mcp, tool_input: input } = payload
  if (!isObject(mcp)) return toolUse(payload)
  const given = inputOf(input)
  const tool = textOf(mcp['tool_name']) || textOf(payload['tool_name'])
  return given === null || tool === ''
    ? [unread('the call of an MCP tool cannot be read')]
    : [{ kind: 'mcp', server: textOf(mcp['server_name']), tool, arguments: given }]
}

function cursorUse(payload: JsonObject): Calls {
  const { workspace_roots: roots } = payload
  const root = Array.isArray(roots) ? dirOf(roots[0]) : null
  const cwd = dirOf(payload['cwd']) ?? root
  switch (textOf(payload['hook_event_name'])) {
    case 'beforeShellExecution':
      return callsOf({ name: 'Shell', input: { command: payload['command'] ?? null }, cwd })
    case 'beforeMCPExecution':
      return cursorMcp(payload)
    case 'beforeReadFile':
    case 'beforeTabFileRead':
      return callsOf({ name: 'Read', input: { path: payload['file_path'] ?? '' }, cwd })
    default:
      return toolUse({ ...payload, cwd })
  }
}

function cursorMcp(payload: JsonObject): Calls {
  const given = inputOf(payload['tool_input'])
  const tool = textOf(payload['tool_name']).replace(/^MCP:/, '')
  return given === null || tool === ''
    ? [unread('the call of an MCP tool cannot be read')]
    : [{ kind: 'mcp', server: textOf(payload['mcp_server_name']), tool, arguments: given }]
}

/** One call as Copilot CLI sends it, or a list of them as its host in an editor does. */
function copilotUse(payload: JsonObject): Calls {
  const cwd = dirOf(payload['cwd'])
  const { toolCalls: many } = payload
  const all = Array.isArray(many)
    ? many.map((one) =>
        isObject(one) ? ([textOf(one['name']), one['args']] as const) : (['', null] as const),
      )
    : [
        [
          textOf(payload['toolName']) || textOf(payload['tool_name']),
          payload['toolArgs'] ?? payload['tool_input'],
        ] as const,
      ]
  return all.flatMap(([name, input]) =>
    name === ''
      ? [unread('the call names no tool')]
      : callsOf({ name, input, cwd, hidesMcp: true }),
  )
}

/** As our plugin hands it on (docs/hooks). */
function opencodeUse({ tool, args, cwd }: JsonObject): Calls {
  return typeof tool === 'string' && tool !== ''
    ? callsOf({ name: tool, input: args, cwd: dirOf(cwd), hidesMcp: true })
    : [unread('the call names no tool')]
}

function windsurfUse(payload: JsonObject): Calls {
  const { tool_info: told } = payload
  if (!isObject(told)) return [unread('the call has no `tool_info`')]
  const cwd = dirOf(told['cwd'])
  switch (textOf(payload['agent_action_name'])) {
    case 'pre_run_command':
      return callsOf({ name: 'run_command', input: told, cwd })
    case 'pre_mcp_tool_use': {
      const given = inputOf(told['mcp_tool_arguments'])
      const tool = textOf(told['mcp_tool_name'])
      return given === null || tool === ''
        ? [unread('the call of an MCP tool cannot be read')]
        : [{ kind: 'mcp', server: textOf(told['mcp_server_name']), tool, arguments: given }]
    }
    case 'pre_write_code':
      return callsOf({ name: 'write', input: told, cwd })
    default:
      return callsOf({ name: 'read', input: told, cwd })
  }
}

function dirOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** Events of Claude Code's family that carry no call: before and after, a session, a prompt. */
const around =
  /^(Post|Session|Stop|Subagent|Notification|UserPrompt|PreCompact|Setup|Task|Teammate|Config|Cwd|File|Worktree|Instructions|Elicitation)/
const uses: Events = { judged: /^(PreToolUse|PermissionRequest)$/, others: around }

export const claudeCode: Dialect = dialect('claude-code', 'hook_event_name', uses, {
  calls: toolUse,
  reply: nested,
})

const all: readonly Dialect[] = [
  dialect(
    'cursor',
    'hook_event_name',
    {
      judged:
        /^(preToolUse|beforeShellExecution|beforeMCPExecution|beforeReadFile|beforeTabFileRead)$/,
      others: /^(after|post|session|stop|subagent|beforeSubmitPrompt|preCompact|workspace)/,
    },
    { calls: cursorUse, reply: permission },
  ),
  claudeCode,
  dialect('codex', 'hook_event_name', uses, { calls: toolUse, reply: nested }),
  dialect(
    'gemini',
    'hook_event_name',
    {
      judged: /^BeforeTool$/,
      others:
        /^(After|Session|BeforeAgent$|BeforeModel$|BeforeToolSelection$|Notification|PreCompress)/,
    },
    { calls: geminiUse, reply: decision },
  ),
  // Neither says which event it is: the form of the payload does.
  dialect('copilot', 'hookEventName', anyEvent(), { calls: copilotUse, reply: flat }),
  dialect('opencode', 'event', anyEvent(), { calls: opencodeUse, reply: byExit }),
  dialect(
    'windsurf',
    'agent_action_name',
    {
      judged: /^pre_(run_command|mcp_tool_use|read_code|write_code)$/,
      others: /^(post_|pre_user_prompt$)/,
    },
    { calls: windsurfUse, reply: byExit },
  ),
  dialect(
    'kiro',
    'hook_event_name',
    {
      judged: /^(preToolUse|PreToolUse)$/,
      others: /^(post|Post|agentSpawn|userPromptSubmit|UserPrompt|stop|Stop|Session|session)/,
    },
    { calls: toolUse, reply: byExit },
  ),
]

function anyEvent(): Events {
  return { judged: /^/, others: /$^/ }
}

export const dialects: ReadonlyMap<string, Dialect> = new Map(all.map((one) => [one.name, one]))
