/** What each host sends at the events at which our hook stands: one call that must be refused and one that must pass. None of them is ever run. */
import type { JsonObject } from '../../base/json.ts'

/** What a call is about. */
export interface Subject {
  readonly shell: string
  /** For a tool of an MCP server that takes SQL. */
  readonly query: string
  readonly path: string
  readonly cwd: string
}

export interface Sample {
  readonly event: string
  readonly payload: (subject: Subject) => JsonObject
  /** False at an event at which our hook lets everything pass. */
  readonly isRefused: boolean
}

/** In the fields that each host's sources and documents name (docs/hooks.md); none for a host that is not known. */
export function samplesOf(host: string): readonly Sample[] {
  return all[host] ?? []
}

/** Hosts that have one event under two names, by their version: one of them is enough. */
export const renamed: readonly string[] = ['opencode', 'kiro']

/** A call that our hook refuses. */
export function harm(cwd: string): Subject {
  const query = 'DROP TABLE firebreak_canary'
  return { shell: `psql -c "${query}"`, query, path: `${cwd}/firebreak.yaml`, cwd }
}

/** A call that passes. */
export function ordinary(cwd: string): Subject {
  return { shell: 'git status', query: 'SELECT 1', path: `${cwd}/firebreak-canary.txt`, cwd }
}

const refused = { isRefused: true }

const cursor: readonly Sample[] = [
  {
    event: 'beforeShellExecution',
    ...refused,
    payload: ({ shell, cwd }) => ({
      ...cursorSays('beforeShellExecution', cwd),
      command: shell,
      cwd,
      sandbox: false,
    }),
  },
  {
    event: 'beforeMCPExecution',
    ...refused,
    payload: ({ query, cwd }) => ({
      ...cursorSays('beforeMCPExecution', cwd),
      tool_name: 'execute_sql',
      tool_input: JSON.stringify({ query }),
      mcp_server_name: 'canary',
      url: 'https://mcp.example/canary',
    }),
  },
  {
    event: 'beforeReadFile',
    isRefused: false,
    payload: ({ path, cwd }) => ({
      ...cursorSays('beforeReadFile', cwd),
      file_path: path,
      content: 'canary',
      attachments: [],
    }),
  },
  {
    event: 'preToolUse',
    ...refused,
    payload: ({ path, cwd }) => ({
      ...cursorSays('preToolUse', cwd),
      tool_name: 'Write',
      tool_input: { file_path: path, content: 'canary' },
      tool_use_id: 'canary',
      cwd,
    }),
  },
]

function cursorSays(event: string, cwd: string): JsonObject {
  return {
    conversation_id: 'canary',
    generation_id: 'canary',
    model: 'canary',
    hook_event_name: event,
    cursor_version: '2.1.0',
    workspace_roots: [cwd],
  }
}

const windsurf: readonly Sample[] = [
  {
    event: 'pre_run_command',
    ...refused,
    payload: ({ shell, cwd }) => windsurfSays('pre_run_command', { command_line: shell, cwd }),
  },
  {
    event: 'pre_mcp_tool_use',
    ...refused,
    payload: ({ query }) =>
      windsurfSays('pre_mcp_tool_use', {
        mcp_server_name: 'canary',
        mcp_tool_name: 'execute_sql',
        mcp_tool_arguments: { query },
      }),
  },
  {
    event: 'pre_write_code',
    ...refused,
    payload: ({ path }) => windsurfSays('pre_write_code', { file_path: path, edits: [] }),
  },
  {
    event: 'pre_read_code',
    isRefused: false,
    payload: ({ path }) => windsurfSays('pre_read_code', { file_path: path }),
  },
]

function windsurfSays(event: string, told: JsonObject): JsonObject {
  return {
    agent_action_name: event,
    trajectory_id: 'canary',
    execution_id: 'canary',
    timestamp: '2026-11-27T00:00:00Z',
    tool_info: told,
  }
}

/** Claude Code's form, which others took over. */
function toolUse(event: string, tool: string, more: JsonObject): readonly Sample[] {
  const payload = ({ shell, cwd }: Subject): JsonObject => ({
    session_id: 'canary',
    ...more,
    cwd,
    hook_event_name: event,
    tool_name: tool,
    tool_input: { command: shell },
  })
  return [{ event, ...refused, payload }]
}

function opencode(event: string, tool: string): Sample {
  const payload = ({ shell, cwd }: Subject): JsonObject => ({
    tool,
    args: { command: shell, description: 'canary' },
    cwd,
  })
  return { event, ...refused, payload }
}

const claude = { transcript_path: '/canary', permission_mode: 'default', tool_use_id: 'canary' }

const all: Readonly<Record<string, readonly Sample[]>> = {
  cursor,
  'claude-code': toolUse('PreToolUse', 'Bash', claude),
  codex: toolUse('PreToolUse', 'Bash', { ...claude, turn_id: 'canary', model: 'canary' }),
  gemini: toolUse('BeforeTool', 'run_shell_command', { timestamp: '2026-11-27T00:00:00Z' }),
  copilot: [
    {
      event: 'preToolUse',
      ...refused,
      payload: ({ shell, cwd }) => ({
        sessionId: 'canary',
        timestamp: 1,
        cwd,
        toolName: 'bash',
        toolArgs: { command: shell },
      }),
    },
  ],
  opencode: [opencode('tool.execute.before', 'bash'), opencode('execute.before', 'shell')],
  windsurf,
  kiro: [
    ...toolUse('PreToolUse', 'execute_bash', {}),
    ...toolUse('preToolUse', 'execute_bash', {}),
  ],
}
