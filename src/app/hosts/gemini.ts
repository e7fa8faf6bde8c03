/** Gemini CLI. */
import { join } from 'node:path'
import type { Host, HookCommand, Place } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, shellOf, under, waitOf } from './json-host.ts'
import { lineFor } from './own-hook.ts'

const form: HookForm = { host: 'gemini', leniency: 'comments', base: {}, form: 'grouped' }

function wanted(command: HookCommand): Wanted {
  const hook = { type: 'command', command: lineFor(command, 'gemini'), timeout: 10_000 }
  return [['BeforeTool', { matcher: '.*', hooks: [hook] }]]
}

function settings({ checkout, home }: Place): readonly [string, string] {
  return [join(checkout, '.gemini/settings.json'), join(home, '.gemini/settings.json')]
}

export const gemini: Host = jsonHost({
  name: 'gemini',
  title: 'Gemini CLI',
  // A project's hooks are off in a folder that is not trusted.
  scopes: ['home', 'checkout'],
  signs: ({ checkout, home }) => [...under(checkout, '.gemini'), ...under(home, '.gemini')],
  programs: ['gemini'],
  files: (place) => {
    const [checkout, home] = settings(place)
    const file = { isWritten: true, form, wanted }
    return [
      { ...file, path: checkout, scope: 'checkout' },
      { ...file, path: home, scope: 'home' },
    ]
  },
  flaw: () => null,
  fired: ({ hook }) => ({
    fires: shellOf(hook),
    waitsMs: waitOf(hook, 'timeout', 1, 60_000),
    failsClosed: false,
  }),
  mcpFiles: (place) =>
    settings(place).map((path) => ({ path, at: ['mcpServers'], leniency: 'comments' })),
  mcp: { command: 'text and args', env: 'env', also: {}, variable: (name) => `$${name}` },
})
