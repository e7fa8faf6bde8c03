/** Kiro, on the command line (hooks in each agent's own file) and as an editor (files of hooks). */
import { join } from 'node:path'
import type { Host, HookCommand, Place, Scope } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, shellOf, under, waitOf } from './json-host.ts'
import type { HookFile } from './json-host.ts'
import { lineFor } from './own-hook.ts'

const form: HookForm = { host: 'kiro', leniency: 'strict', base: {}, form: 'flat' }

function wanted(command: HookCommand): Wanted {
  return [['preToolUse', { matcher: '*', command: lineFor(command, 'kiro'), timeout_ms: 10_000 }]]
}

/** An agent of which there is no file has no hooks, and one that we would make is used by nobody. */
function agents({ list }: Place, folder: string): readonly string[] {
  const within = join(folder, '.kiro/agents')
  return list(within)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(within, name))
}

function files(place: Place): readonly HookFile[] {
  const scopes: readonly (readonly [Scope, string])[] = [
    ['checkout', place.checkout],
    ['home', place.home],
  ]
  return scopes.flatMap(([scope, folder]) =>
    agents(place, folder).map((path) => ({ path, scope, isWritten: true, form, wanted })),
  )
}

export const kiro: Host = jsonHost({
  name: 'kiro',
  title: 'Kiro',
  scopes: ['checkout', 'home'],
  signs: ({ checkout, home }) => [...under(checkout, '.kiro'), ...under(home, '.kiro')],
  programs: ['kiro-cli', 'kiro'],
  files,
  flaw: () => null,
  fired: ({ hook }) => ({
    fires: shellOf(hook),
    waitsMs: waitOf(hook, 'timeout_ms', 1, 30_000),
    failsClosed: false,
  }),
  mcpFiles: (place) => {
    const settings = [place.checkout, place.home].map((folder) =>
      join(folder, '.kiro/settings/mcp.json'),
    )
    const own = [place.checkout, place.home].flatMap((folder) => agents(place, folder))
    return [...settings, ...own].map((path) => ({ path, at: ['mcpServers'], leniency: 'strict' }))
  },
  mcp: {
    command: 'text and args',
    env: 'env',
    also: {},
    variable: (name) => `\${${name}}`,
  },
})
