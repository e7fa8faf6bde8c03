/** Kiro: from version 3 (and 1 of its editor) hooks are files of their own, before they stand in each agent's file. Both are written. */
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { isObject, textOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { FileChange, FileRemoval, Host, HookCommand, Installed, Place, Scope } from './host.ts'
import type { HookForm, Wanted } from './hook-list.ts'
import { jsonHost, opened, shellOf, under, waitOf } from './json-host.ts'
import type { HookFile } from './json-host.ts'
import { broken, readText, written } from './json-text.ts'
import { asksUs, lineFor } from './own-hook.ts'

const form: HookForm = { host: 'kiro', leniency: 'strict', base: {}, form: 'flat' }

function wanted(command: HookCommand): Wanted {
  return [['preToolUse', { matcher: '*', command: lineFor(command, 'kiro'), timeout_ms: 10_000 }]]
}

/** The file of version 3; its time-out is in seconds. */
function ownFile(command: HookCommand): JsonObject {
  const action = { type: 'command', command: lineFor(command, 'kiro') }
  return {
    version: 'v1',
    hooks: [{ name: 'firebreak', trigger: 'PreToolUse', matcher: '.*', action, timeout: 10 }],
  }
}

function folders({ checkout, home }: Place): readonly (readonly [Scope, string])[] {
  return [
    ['checkout', join(checkout, '.kiro')],
    ['home', join(home, '.kiro')],
  ]
}

/** An agent of which there is no file has no hooks there, and one that we would make is used by nobody. */
function agents({ list }: Place, folder: string): readonly string[] {
  const within = join(folder, 'agents')
  return list(within)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(within, name))
}

function files(place: Place): readonly HookFile[] {
  return folders(place).flatMap(([scope, folder]) =>
    agents(place, folder).map((path) => ({ path, scope, isWritten: true, form, wanted })),
  )
}

const ofAgents: Host = jsonHost({
  name: 'kiro',
  title: 'Kiro',
  scopes: ['checkout', 'home'],
  signs: ({ checkout, home }) => [...under(checkout, '.kiro'), ...under(home, '.kiro')],
  programs: ['kiro-cli', 'kiro'],
  files,
  flaw: () => null,
  silenced: () => null,
  fired: ({ hook }) => ({
    fires: shellOf(hook),
    waitsMs: waitOf(hook, 'timeout_ms', 1, 30_000),
    failsClosed: false,
  }),
  mcpFiles: (place) =>
    folders(place)
      .flatMap(([, folder]) => [join(folder, 'settings/mcp.json'), ...agents(place, folder)])
      .map((path) => ({ path, at: ['mcpServers'], leniency: 'strict' })),
  mcp: {
    command: 'text and args',
    env: 'env',
    also: {},
    variable: (name) => `\${${name}}`,
  },
})

function ownFiles(place: Place): readonly { readonly path: string; readonly scope: Scope }[] {
  return folders(place).map(([scope, folder]) => ({
    path: join(folder, 'hooks/firebreak.json'),
    scope,
  }))
}

/** Its hooks of ours; none where it has none, or is not there. */
function oursIn(path: string, text: string | null): readonly JsonObject[] {
  if (text === null || text.trim() === '') return []
  const { hooks } = readText(path, text, 'strict')
  const all: readonly unknown[] = Array.isArray(hooks) ? hooks : []
  return all.filter(isObject).filter((hook) => asksUs(hook, 'kiro'))
}

function ownChange(place: Place, command: HookCommand, scope: Scope): readonly FileChange[] {
  return ownFiles(place)
    .filter((file) => file.scope === scope)
    .flatMap((file) => {
      const { path, before } = opened(place, file.path)
      const isTheirs =
        before !== null && before.trim() !== '' && oursIn(file.path, before).length === 0
      if (isTheirs) throw broken(file.path, 'is a file of somebody else’s hooks')
      const after = ownFile(command)
      const isThere =
        before !== null &&
        before.trim() !== '' &&
        isDeepStrictEqual(readText(path, before, 'strict'), after)
      return isThere ? [] : [{ path, before, after: written(after) }]
    })
}

function ownRemovals(place: Place): readonly FileRemoval[] {
  return ownFiles(place).flatMap((file) => {
    const { path, before } = opened(place, file.path)
    return before !== null && oursIn(file.path, before).length > 0
      ? [{ path, before, after: null }]
      : []
  })
}

function ownInstalled(place: Place): readonly Installed[] {
  return ownFiles(place).flatMap(({ path, scope }) =>
    oursIn(path, place.read(path))
      .filter(({ enabled }) => enabled !== false)
      .map((hook) => {
        const { action } = hook
        return {
          host: 'kiro',
          file: path,
          scope,
          event: textOf(hook['trigger']),
          at: [],
          fires: shellOf(isObject(action) ? action : {}),
          waitsMs: waitOf(hook, 'timeout', 1000, 60_000),
          failsClosed: false,
        }
      }),
  )
}

export const kiro: Host = {
  ...ofAgents,
  hooks: (place, command, scope = 'checkout') => [
    ...ownChange(place, command, scope),
    ...ofAgents.hooks(place, command, scope),
  ],
  unhooked: (place) => [...ownRemovals(place), ...ofAgents.unhooked(place)],
  installed: (place) => [...ownInstalled(place), ...ofAgents.installed(place)],
}
