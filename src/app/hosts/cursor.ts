/** Cursor: it takes all of a file or none of it, without a word. */
import { isObject } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Host, HookCommand, Place } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, shellOf, under, waitOf } from './json-host.ts'
import type { HookFile } from './json-host.ts'
import { objectIn } from './json-text.ts'
import { lineFor } from './own-hook.ts'

const form: HookForm = { host: 'cursor', leniency: 'strict', base: { version: 1 }, form: 'flat' }

/** The events of Cursor 2 and 3, as its SDK checks them. */
const events = new Set([
  'sessionStart',
  'sessionEnd',
  'preToolUse',
  'postToolUse',
  'postToolUseFailure',
  'subagentStart',
  'subagentStop',
  'beforeShellExecution',
  'afterShellExecution',
  'beforeMCPExecution',
  'afterMCPExecution',
  'beforeReadFile',
  'afterFileEdit',
  'beforeTabFileRead',
  'afterTabFileEdit',
  'beforeSubmitPrompt',
  'preCompact',
  'stop',
  'afterAgentResponse',
  'afterAgentThought',
  'workspaceOpen',
])

function wanted(command: HookCommand): Wanted {
  const entry = { command: lineFor(command, 'cursor'), timeout: 10, failClosed: true }
  return [
    ['beforeShellExecution', entry],
    ['beforeMCPExecution', entry],
    ['beforeReadFile', entry],
    ['preToolUse', { ...entry, matcher: 'Write|Delete|WebFetch|Task' }],
  ]
}

function files({ checkout, home }: Place): readonly HookFile[] {
  const file = { isWritten: true, form, wanted }
  return [
    { ...file, path: `${checkout}/.cursor/hooks.json`, scope: 'checkout' },
    { ...file, path: `${home}/.cursor/hooks.json`, scope: 'home' },
  ]
}

/** Its reader cuts off what it takes for a comment, also within a text, before it parses. */
function flaw(text: string): string | null {
  const trap = /\/\/|\/\*/.exec(text)
  if (trap !== null) {
    const line = text.slice(0, trap.index).split('\n').length
    return `has \`${trap[0]}\` in line ${line}: Cursor takes none of a file with that, a URL’s included`
  }
  const file = objectIn(text)
  if (file === null) return null
  const { version = 1, hooks = {} } = file
  if (!Number.isInteger(version))
    return 'has a `version` that is no whole number: Cursor takes none of it'
  const odd = isObject(hooks) ? Object.keys(hooks).find((event) => !events.has(event)) : undefined
  if (odd !== undefined)
    return `names the event \`${odd}\`: Cursor takes none of a file with one it does not know`
  return isObject(hooks) ? badEntry(hooks) : null
}

function badEntry(hooks: JsonObject): string | null {
  for (const [event, list] of Object.entries(hooks))
    for (const entry of Array.isArray(list) ? list : []) {
      const why = isObject(entry) ? badMember(entry) : 'no object'
      if (why !== null)
        return `has a hook at \`${event}\` with ${why}: Cursor takes none of the file`
    }
  return null
}

function badMember({
  command,
  type,
  prompt,
  timeout = 1,
  failClosed = true,
  matcher = '',
}: JsonObject): string | null {
  const says = type === 'prompt' ? prompt : command
  if (typeof says !== 'string' || says === '') return 'nothing to run'
  if (typeof timeout !== 'number' || timeout <= 0) return 'a `timeout` that is no number above 0'
  if (typeof failClosed !== 'boolean') return 'a `failClosed` that is neither true nor false'
  return typeof matcher === 'string' && isPattern(matcher) ? null : 'a `matcher` that is no pattern'
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== ''
  } catch {
    // That is the question.
    return false
  }
}

export const cursor: Host = jsonHost({
  name: 'cursor',
  title: 'Cursor',
  scopes: ['checkout', 'home'],
  signs: ({ checkout, home }) => [`${checkout}/.cursor`, `${home}/.cursor`],
  programs: ['cursor', 'cursor-agent'],
  files,
  flaw,
  silenced: () => null,
  fired: ({ hook }) => ({
    fires: shellOf(hook),
    waitsMs: waitOf(hook, 'timeout', 1000, 60_000),
    failsClosed: hook['failClosed'] === true,
  }),
  mcpFiles: ({ checkout, home }) =>
    [...under(checkout, '.cursor/mcp.json'), ...under(home, '.cursor/mcp.json')].map((path) => ({
      path,
      at: ['mcpServers'],
      leniency: 'commas',
    })),
  mcp: {
    command: 'text and args',
    env: 'env',
    also: {},
    variable: (name) => `\${env:${name}}`,
  },
})
