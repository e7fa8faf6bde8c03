/** Windsurf. */
import { join } from 'node:path'
import type { Host, HookCommand, Place } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, shellOf, under } from './json-host.ts'
import { lineFor } from './own-hook.ts'

const form: HookForm = { host: 'windsurf', leniency: 'strict', base: {}, form: 'flat' }

function wanted(command: HookCommand): Wanted {
  const entry = { command: lineFor(command, 'windsurf'), show_output: true }
  return ['pre_run_command', 'pre_mcp_tool_use', 'pre_write_code', 'pre_read_code'].map((event) => [
    event,
    entry,
  ])
}

/** It says no time after which it goes on; this is what others wait. */
const supposedMs = 60_000

export const windsurf: Host = jsonHost({
  name: 'windsurf',
  title: 'Windsurf',
  scopes: ['checkout', 'home'],
  signs: ({ checkout, home }) => [
    ...under(checkout, '.windsurf'),
    ...under(home, '.codeium/windsurf'),
  ],
  programs: ['windsurf'],
  files: ({ checkout, home }: Place) => {
    const file = { isWritten: true, form, wanted }
    return [
      { ...file, path: join(checkout, '.windsurf/hooks.json'), scope: 'checkout' },
      { ...file, path: join(home, '.codeium/windsurf/hooks.json'), scope: 'home' },
    ]
  },
  flaw: () => null,
  silenced: () => null,
  fired: ({ hook }) => ({ fires: shellOf(hook), waitsMs: supposedMs, failsClosed: false }),
  mcpFiles: ({ home }) => [
    {
      path: join(home, '.codeium/windsurf/mcp_config.json'),
      at: ['mcpServers'],
      leniency: 'comments',
    },
  ],
  mcp: {
    command: 'text and args',
    env: 'env',
    also: {},
    variable: (name) => `\${env:${name}}`,
  },
})
