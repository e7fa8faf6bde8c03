/** Claude Code. */
import { join } from 'node:path'
import type { JsonObject } from '../../base/json.ts'
import { isObject, textOf } from '../../base/json.ts'
import type { Fired, Host, HookCommand, Place } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, shellOf, under, waitOf } from './json-host.ts'
import { objectIn } from './json-text.ts'
import type { HookFile } from './json-host.ts'
import { lineFor } from './own-hook.ts'
import { folderOf } from './place.ts'

const form: HookForm = { host: 'claude-code', leniency: 'strict', base: {}, form: 'grouped' }

/** As one line: hosts that take over these hooks (Copilot CLI 1.0.102) drop `args`, and would run a bare `node`. */
function wanted(command: HookCommand): Wanted {
  const line = lineFor(command, 'claude-code')
  const hook = { type: 'command', command: line, timeout: 10, onFailure: 'block' }
  return [['PreToolUse', { matcher: '*', hooks: [hook] }]]
}

function own(place: Place): string {
  return folderOf(place, 'CLAUDE_CONFIG_DIR', join(place.home, '.claude'))
}

/** In the checkout the local file: the command may name a path of this machine, which is nobody else's. */
function files(place: Place): readonly HookFile[] {
  const file = { isWritten: true, form, wanted }
  const { checkout } = place
  return [
    { ...file, path: join(checkout, '.claude/settings.local.json'), scope: 'checkout' },
    { ...file, path: join(checkout, '.claude/settings.json'), scope: 'checkout', isWritten: false },
    { ...file, path: join(own(place), 'settings.json'), scope: 'home' },
  ]
}

/** One hook in another form than it reads, and it takes nothing of the file, without a word where it runs by `-p` (anthropics/claude-code#75081). */
function flaw(text: string): string | null {
  const { hooks } = objectIn(text) ?? {}
  if (!isObject(hooks)) return null
  for (const [event, groups] of Object.entries(hooks))
    for (const group of Array.isArray(groups) ? groups : [])
      if (!isGroup(group))
        return `has a hook at \`${event}\` that is no matcher with a list of hooks: Claude Code takes none of the file`
  return null
}

function isGroup(group: unknown): boolean {
  if (!isObject(group) || !Array.isArray(group['hooks'])) return false
  const within: readonly unknown[] = group['hooks']
  const { matcher = '' } = group
  return (
    typeof matcher === 'string' &&
    within.every((hook) => isObject(hook) && textOf(hook['type']) !== '')
  )
}

/** Any of its settings can switch off all hooks but an administrator's. */
function switchedOff(place: Place): string | null {
  const off = files(place).find(
    ({ path }) => objectIn(place.read(path) ?? '')?.['disableAllHooks'] === true,
  )
  return off === undefined ? null : `\`${off.path}\` has \`disableAllHooks\``
}

function firesOf(hook: JsonObject): Fired {
  const { type, args, headers } = hook
  if (type === 'http') {
    const given = typeof headers === 'object' && headers !== null ? Object.entries(headers) : []
    const texts = given.map(([name, value]) => [name, textOf(value)])
    return { kind: 'http', url: textOf(hook['url']), headers: Object.fromEntries(texts) }
  }
  if (!Array.isArray(args)) return shellOf(hook)
  return { kind: 'argv', argv: [textOf(hook['command']), ...args.map((arg) => textOf(arg))] }
}

export const claudeCode: Host = jsonHost({
  name: 'claude-code',
  title: 'Claude Code',
  scopes: ['checkout', 'home'],
  signs: (place) => [join(place.checkout, '.claude'), own(place), join(place.home, '.claude.json')],
  programs: ['claude'],
  files,
  flaw,
  silenced: (place) => switchedOff(place),
  fired: ({ hook }) => ({
    fires: firesOf(hook),
    waitsMs: waitOf(hook, 'timeout', 1000, 600_000),
    failsClosed: hook['onFailure'] === 'block',
  }),
  mcpFiles: (place) => {
    const { checkout, home } = place
    const mine = join(folderOf(place, 'CLAUDE_CONFIG_DIR', home), '.claude.json')
    return [
      ...under(checkout, '.mcp.json').map((path) => ({ path, at: ['mcpServers'] })),
      { path: mine, at: ['mcpServers'] },
      { path: mine, at: ['projects', checkout, 'mcpServers'] },
    ].map((file) => ({ ...file, leniency: 'strict' }))
  },
  mcp: {
    command: 'text and args',
    env: 'env',
    also: { type: 'stdio' },
    variable: (name) => `\${${name}}`,
  },
})
