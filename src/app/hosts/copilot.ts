/** GitHub Copilot, on the command line and in VS Code. */
import { join } from 'node:path'
import type { Host, HookCommand, Place } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, shellOf, under, waitOf } from './json-host.ts'
import { lineFor } from './own-hook.ts'

const form: HookForm = { host: 'copilot', leniency: 'strict', base: { version: 1 }, form: 'flat' }

function wanted(command: HookCommand): Wanted {
  const line = lineFor(command, 'copilot')
  return [['preToolUse', { type: 'command', bash: line, powershell: line, timeoutSec: 10 }]]
}

function own({ home, env }: Place): string {
  return env['COPILOT_HOME'] ?? join(home, '.copilot')
}

export const copilot: Host = jsonHost({
  name: 'copilot',
  title: 'GitHub Copilot',
  scopes: ['checkout', 'home'],
  signs: (place) => [
    own(place),
    ...under(
      place.checkout,
      '.github/hooks',
      '.github/copilot-instructions.md',
      '.github/mcp.json',
    ),
  ],
  programs: ['copilot'],
  files: (place) => {
    const file = { isWritten: true, form, wanted }
    return [
      { ...file, path: join(place.checkout, '.github/hooks/firebreak.json'), scope: 'checkout' },
      { ...file, path: join(own(place), 'hooks/firebreak.json'), scope: 'home' },
    ]
  },
  flaw: () => null,
  silenced: () => null,
  fired: ({ hook }) => ({
    fires: shellOf(hook, 'bash'),
    waitsMs: waitOf(hook, 'timeoutSec', 1000, 30_000),
    // When it is late, the call runs all the same.
    failsClosed: true,
  }),
  mcpFiles: (place) => [
    ...under(place.checkout, '.mcp.json', '.github/mcp.json').map((path) => ({
      path,
      at: ['mcpServers'],
      leniency: 'comments' as const,
    })),
    { path: join(place.checkout, '.vscode/mcp.json'), at: ['servers'], leniency: 'commas' },
    { path: join(own(place), 'mcp-config.json'), at: ['mcpServers'], leniency: 'comments' },
  ],
  mcp: {
    command: 'text and args',
    env: 'env',
    also: { type: 'stdio' },
    variable: (name) => `\${${name}}`,
  },
})
