/** Codex CLI: hooks in JSON, MCP servers in TOML. */
import { join } from 'node:path'
import { untrusted } from './codex-trust.ts'
import type { Host, HookCommand, Place } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, opened, shellOf, under, waitOf } from './json-host.ts'
import { lineFor } from './own-hook.ts'
import { broken } from './json-text.ts'
import { folderOf } from './place.ts'
import { tomlServers, withTomlRoute } from './mcp-toml.ts'

const form: HookForm = { host: 'codex', leniency: 'strict', base: {}, form: 'grouped' }

function wanted(command: HookCommand): Wanted {
  const hook = { type: 'command', command: lineFor(command, 'codex'), timeout: 10 }
  return [['PreToolUse', { matcher: '.*', hooks: [hook] }]]
}

function own(place: Place): string {
  return folderOf(place, 'CODEX_HOME', join(place.home, '.codex'))
}

const json = jsonHost({
  name: 'codex',
  title: 'Codex CLI',
  // A project's hooks count only where the project is trusted.
  scopes: ['home', 'checkout'],
  signs: (place) => [...under(place.checkout, '.codex'), own(place)],
  programs: ['codex'],
  files: (place) => {
    const file = { isWritten: true, form, wanted }
    return [
      { ...file, path: join(place.checkout, '.codex/hooks.json'), scope: 'checkout' },
      { ...file, path: join(own(place), 'hooks.json'), scope: 'home' },
    ]
  },
  flaw: () => null,
  silenced: (place, hook) => untrusted(place, own(place), hook),
  fired: ({ hook }) => ({
    fires: shellOf(hook),
    waitsMs: waitOf(hook, 'timeout', 1000, 600_000),
    failsClosed: false,
  }),
  mcpFiles: () => [],
  mcp: { command: 'text and args', env: 'env', also: {}, variable: (name) => name },
})

export const codex: Host = {
  ...json,
  servers: (place) =>
    [join(place.checkout, '.codex/config.toml'), join(own(place), 'config.toml')].flatMap(
      (path) => {
        const text = place.read(path)
        return text === null ? [] : tomlServers('codex', path, text)
      },
    ),
  throughFirebreak: (place, server, route) => {
    const { path, before } = opened(place, server.file)
    if (before === null) throw broken(server.file, 'is not there any more')
    return { path, before, after: withTomlRoute(before, server, route) }
  },
}
