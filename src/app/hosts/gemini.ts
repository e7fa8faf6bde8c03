/** Gemini CLI. */
import { join } from 'node:path'
import { isObject } from '../../base/json.ts'
import type { Host, HookCommand, Installed, Place } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, shellOf, under, waitOf } from './json-host.ts'
import { readText } from './json-text.ts'
import { lineFor } from './own-hook.ts'

const form: HookForm = {
  host: 'gemini',
  leniency: 'comments',
  base: {},
  form: 'grouped',
  besides: ['enabled', 'disabled', 'notifications'],
}

function wanted(command: HookCommand): Wanted {
  const hook = { type: 'command', command: lineFor(command, 'gemini'), timeout: 10_000 }
  return [['BeforeTool', { matcher: '.*', hooks: [hook] }]]
}

function settings({ checkout, home }: Place): readonly [string, string] {
  return [join(checkout, '.gemini/settings.json'), join(home, '.gemini/settings.json')]
}

/** `hooksConfig` in any of its settings; in older ones its members stand among the events. */
function switchedOff(place: Place, { fires }: Installed): string | null {
  for (const path of settings(place)) {
    const text = place.read(path)
    const file = text === null || text.trim() === '' ? {} : readText(path, text, 'comments')
    for (const config of [file['hooksConfig'], file['hooks']].filter(isObject)) {
      if (config['enabled'] === false) return `\`${path}\` has hooks switched off`
      const { disabled } = config
      const names: readonly unknown[] = Array.isArray(disabled) ? disabled : []
      if (fires.kind === 'shell' && names.includes(fires.text))
        return `\`${path}\` names it among those that are \`disabled\``
    }
  }
  return null
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
  silenced: switchedOff,
  fired: ({ hook }) => ({
    fires: shellOf(hook),
    waitsMs: waitOf(hook, 'timeout', 1, 60_000),
    failsClosed: false,
  }),
  mcpFiles: (place) =>
    settings(place).map((path) => ({ path, at: ['mcpServers'], leniency: 'comments' })),
  mcp: { command: 'text and args', env: 'env', also: {}, variable: (name) => `$${name}` },
})
