/** GitHub Copilot, on the command line and in VS Code. */
import { join } from 'node:path'
import type { JsonObject } from '../../base/json.ts'
import type { Host, HookCommand, Installed, Place } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, shellOf, under, waitOf } from './json-host.ts'
import { readText } from './json-text.ts'
import { lineFor } from './own-hook.ts'
import { folderOf } from './place.ts'

const form: HookForm = { host: 'copilot', leniency: 'strict', base: { version: 1 }, form: 'flat' }

function wanted(command: HookCommand): Wanted {
  const line = lineFor(command, 'copilot')
  return [['preToolUse', { type: 'command', bash: line, powershell: line, timeoutSec: 10 }]]
}

function own(place: Place): string {
  return folderOf(place, 'COPILOT_HOME', join(place.home, '.copilot'))
}

/** Its own config, and the settings of a user and of a repository (`copilot help config`, 1.0.102). */
function switchedOff(place: Place, { scope }: Installed): string | null {
  const read = (path: string): JsonObject => {
    const text = place.read(path)
    return text === null || text.trim() === '' ? {} : readText(path, text, 'comments')
  }
  const settings = [
    join(own(place), 'settings.json'),
    join(place.checkout, '.github/copilot/settings.json'),
  ]
  const off = settings.find((path) => read(path)['disableAllHooks'] === true)
  if (off !== undefined) return `\`${off}\` has \`disableAllHooks\``
  const { trustedFolders } = read(join(own(place), 'config.json'))
  const trusted: readonly unknown[] = Array.isArray(trustedFolders) ? trustedFolders : []
  return scope === 'home' || trusted.some((folder) => folder === place.checkout)
    ? null
    : 'the folder is not trusted: start Copilot here once, and trust it'
}

export const copilot: Host = jsonHost({
  name: 'copilot',
  title: 'GitHub Copilot',
  // With a prompt given (`-p`), hooks of a folder that is not trusted are not asked, and calls run.
  scopes: ['home', 'checkout'],
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
  silenced: switchedOff,
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
