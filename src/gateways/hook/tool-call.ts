/** A tool's name and input, as most hosts give them, made a call; a tool that neither runs, writes nor reaches out has nothing to judge. */
import { isObject, parseJson, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Call, Calls } from './call.ts'

export interface ToolCall {
  readonly name: string
  /** An object, or the JSON text of one. */
  readonly input: Json | undefined
  readonly cwd: string | null
  /** True for a host whose MCP tools have names like any other's. */
  readonly hidesMcp?: boolean
}

const shells =
  /^(bash|shell|local_shell|exec_command|unified_exec|powershell|pwsh|execute_bash|execute_cmd|run_shell_command|run_in_terminal|run_command|run_terminal_cmd|terminal)$/i
const writers =
  /^(write|write_file|edit|edit_file|multiedit|multi_edit|notebookedit|create|create_file|fs_write|replace|replace_string_in_file|insert_edit_into_file|str_replace\w*|strreplace|apply_?patch|patch)$/i
const deleters = /^(delete|delete_file|remove_file)$/i
const readers = /^(read|read_file|read_many_files|view|fs_read)$/i
/** A host's own tools that look up or note down: what stands in them is never run. */
const harmless =
  /^(grep|rg|glob|ls|list|view|task|skill|sql|todo\w*|update_todo|web_?fetch|web_?search|codesearch|ask_user|question|report_intent|store_memory|lsp)$/i
/** Tools that type into a shell which is open already. */
const typing = /^(write_bash|write_powershell|write_stdin|write_to_terminal|send_to_terminal)$/i
/** What an editor's own `command` says: it is no shell's. */
const editing = /^(view|create|str_replace|insert|append|undo_edit|strReplace|delete)$/

const pathKeys = [
  'file_path',
  'path',
  'filePath',
  'filepath',
  'notebook_path',
  'target_file',
  'absolute_path',
  'filename',
]

/** Never throws. */
export function callsOf({ name, input, cwd, hidesMcp = false }: ToolCall): Calls {
  const given = inputOf(input)
  if (given === null) return [{ kind: 'unread', why: `the input of \`${name}\` is no JSON object` }]
  const mcp = mcpOf(name)
  if (mcp !== null) return [{ kind: 'mcp', ...mcp, arguments: given }]
  const dirs = dirsOf(given, cwd)
  const files = dirs.map((at) => fileOf(name, given, at))
  if (files.every((file) => file !== null)) return files.flat()
  const commands = commandsOf(name, given)
  if (commands.length === 0) return otherOf(name, given, hidesMcp)
  return dirs.flatMap((at) =>
    commands.map((command): Call =>
      command === null
        ? { kind: 'unread', why: `\`${name}\` names no command` }
        : { kind: 'shell', command, cwd: at },
    ),
  )
}

/** A host takes one of these names, and which is not told: each of them counts. Null is one that cannot be read. */
function commandsOf(name: string, input: JsonObject): readonly (string | null)[] {
  const own = typedOf(name, input) ?? awsOf(name, input)
  if (own !== null) return [own]
  return ['command', 'cmd', 'command_line', 'commandLine']
    .map((key) => input[key])
    .filter((value) => value !== undefined && value !== null)
    .map(commandOf)
}

function otherOf(name: string, given: JsonObject, hidesMcp: boolean): Calls {
  if (shells.test(name)) return [{ kind: 'unread', why: `\`${name}\` names no command` }]
  return hidesMcp && !harmless.test(name)
    ? [{ kind: 'mcp', server: '', tool: name, arguments: given }]
    : []
}

/** An object, or the text of one; null for anything else. Nothing at all is empty. */
export function inputOf(input: Json | undefined): JsonObject | null {
  if (input === undefined || input === null || input === '') return {}
  if (isObject(input)) return input
  if (typeof input !== 'string') return null
  try {
    const parsed = parseJson(input)
    return isObject(parsed) ? parsed : null
  } catch {
    // The caller says that it cannot be read.
    return null
  }
}

/** `mcp__server__tool`, `MCP:tool`, `@server/tool`, `server___tool`. */
function mcpOf(name: string): { readonly server: string; readonly tool: string } | null {
  const [, server, tool] =
    /^mcp__(.+?)__(.+)$/.exec(name) ??
    /^@([^/]+)\/(.+)$/.exec(name) ??
    /^(.+?)___(.+)$/.exec(name) ??
    /^()MCP:(.+)$/.exec(name) ??
    /^()mcp_(.+)$/.exec(name) ??
    []
  return tool === undefined ? null : { server: server ?? '', tool }
}

function fileOf(name: string, input: JsonObject, cwd: string | null): Calls | null {
  const does = deleters.test(name) ? 'delete' : readers.test(name) ? 'read' : 'write'
  const isEditor = editing.test(textOf(input['command'])) && pathsOf(input).length > 0
  if (does === 'write' && !writers.test(name) && !isEditor) return null
  const paths = [...pathsOf(input), ...patched(input)]
  const text = ['content', 'file_text', 'new_string', 'new_str', 'contents']
    .map((key) => textOf(input[key]))
    .find((one) => one !== '')
  return paths.map((path): Call => ({
    kind: 'file',
    does,
    path,
    cwd,
    ...(text === undefined ? {} : { text }),
  }))
}

function pathsOf(input: JsonObject): readonly string[] {
  const lists = [input['operations'], input['edits'], input['files']].flatMap((list) =>
    Array.isArray(list) ? list : [],
  )
  return [input, ...lists.filter(isObject)].flatMap((each) =>
    pathKeys.map((key) => textOf(each[key])).filter((path) => path !== ''),
  )
}

/** The files that a patch names, of the form that `apply_patch` takes. */
function patched(input: JsonObject): readonly string[] {
  const text = ['command', 'input', 'patch', 'patchText'].map((key) => commandOf(input[key]) ?? '')
  return patchedIn(text.join('\n'))
}

export function patchedIn(text: string): readonly string[] {
  const named = /^(?:\*\*\* (?:\w+ File|Move to): |(?:\+\+\+|---|rename to) (?:[ab]\/)?)(\S.*)$/gm
  return [...text.matchAll(named)].map(([, path = '']) => path.trim())
}

/** A text as it is; a list of words as a shell would have to be given them. */
function commandOf(value: Json | undefined): string | null {
  if (typeof value === 'string') return value
  if (!Array.isArray(value) || value.length === 0) return null
  if (!value.every((word) => typeof word === 'string')) return null
  return value.map((word) => quoted(textOf(word))).join(' ')
}

/** Kiro's own tool for AWS, as the command line that would do the same. */
function awsOf(name: string, input: JsonObject): string | null {
  if (name !== 'use_aws') return null
  const kebab = (text: string): string =>
    text
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
      .replaceAll('_', '-')
      .toLowerCase()
  const words = ['service_name', 'operation_name'].map((key) => quoted(kebab(textOf(input[key]))))
  const parameters = isObject(input['parameters']) ? Object.entries(input['parameters']) : []
  const flags = parameters.map(
    ([key, value]) =>
      `--${quoted(kebab(key))} ${quoted(typeof value === 'string' ? value : JSON.stringify(value))}`,
  )
  return ['aws', ...words, ...flags].join(' ')
}

function typedOf(name: string, input: JsonObject): string | null {
  return typing.test(name)
    ? ['input', 'chars', 'text', 'data'].map((key) => textOf(input[key])).join('')
    : null
}

export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Where it would run: as the host says, and as the call does, which the host may not believe. */
function dirsOf(input: JsonObject, cwd: string | null): readonly (string | null)[] {
  const dirs = ['cwd', 'workdir', 'working_dir', 'directory', 'dir_path']
    .map((key) => textOf(input[key]))
    .filter((dir) => dir !== '')
    .map((dir) => (/^([/~]|[A-Za-z]:)/.test(dir) || cwd === null ? dir : `${cwd}/${dir}`))
  return [...new Set([cwd, ...dirs])]
}
