/** OpenCode: its hook is a plugin, a whole file of ours. */
import { join } from 'node:path'
import type { Host, Installed, Place, Scope } from './host.ts'
import { jsonHost, opened, under } from './json-host.ts'
import { broken } from './json-text.ts'
import { folderOf } from './place.ts'
import { isPlugin, pluginText, pluginWords } from './opencode-plugin.ts'
import type { Generation } from './opencode-plugin.ts'

const folders = ['plugins', 'plugin']

function own(place: Place): string {
  return join(folderOf(place, 'XDG_CONFIG_HOME', join(place.home, '.config')), 'opencode')
}

function rootOf(place: Place, scope: Scope): string {
  return scope === 'checkout' ? join(place.checkout, '.opencode') : own(place)
}

function plugins(place: Place): readonly { readonly path: string; readonly scope: Scope }[] {
  return (['checkout', 'home'] as const).flatMap((scope) =>
    folders.map((folder) => ({ path: join(rootOf(place, scope), folder, 'firebreak.js'), scope })),
  )
}

/** Which of its two forms of plugin is in use, by the package that it puts beside its config; the older one where nothing tells. */
function generationOf(place: Place): Generation {
  const texts = [join(place.checkout, '.opencode'), own(place)].map(
    (folder) => place.read(join(folder, 'node_modules/@opencode-ai/plugin/package.json')) ?? '',
  )
  return texts.some((text) => /"version":\s*"2\./.test(text)) ? 2 : 1
}

function installed(place: Place): readonly Installed[] {
  return plugins(place).flatMap(({ path, scope }) => {
    const text = place.read(path)
    return text === null || !isPlugin(text)
      ? []
      : [
          {
            host: 'opencode',
            file: path,
            scope,
            at: [],
            event: pluginWords(text)?.generation === 2 ? 'execute.before' : 'tool.execute.before',
            fires: { kind: 'plugin', path },
            waitsMs: 10_000,
            failsClosed: true,
          },
        ]
  })
}

/** Without its plugins: its file of settings is JSON like others'. */
const settings = jsonHost({
  name: 'opencode',
  title: 'OpenCode',
  scopes: ['checkout', 'home'],
  signs: (place) => [
    ...under(place.checkout, '.opencode', 'opencode.json', 'opencode.jsonc'),
    own(place),
  ],
  programs: ['opencode'],
  files: () => [],
  flaw: () => null,
  silenced: () => null,
  fired: ({ hook }) => ({
    fires: { kind: 'plugin', path: '' },
    waitsMs: Object.keys(hook).length,
    failsClosed: true,
  }),
  mcpFiles: (place) =>
    [
      ...under(
        place.checkout,
        'opencode.json',
        'opencode.jsonc',
        '.opencode/opencode.json',
        '.opencode/opencode.jsonc',
      ),
      ...under(own(place), 'opencode.json', 'opencode.jsonc'),
    ].map((path) => ({ path, at: ['mcp'], leniency: 'commas' })),
  mcp: {
    command: 'list',
    env: 'environment',
    also: { type: 'local' },
    variable: (name) => `{env:${name}}`,
  },
})

export const opencode: Host = {
  ...settings,
  hooks: (place, command, scope = 'checkout') => {
    const there = plugins(place).find(
      (file) => file.scope === scope && isPlugin(place.read(file.path) ?? ''),
    )
    const path = there?.path ?? join(rootOf(place, scope), 'plugins', 'firebreak.js')
    const file = opened(place, path)
    if (file.before !== null && !isPlugin(file.before) && file.before.trim() !== '')
      throw broken(path, 'is a plugin of somebody else')
    const after = pluginText(command, generationOf(place))
    return file.before === after ? [] : [{ ...file, after }]
  },
  unhooked: (place) =>
    plugins(place).flatMap(({ path }) => {
      const file = opened(place, path)
      return file.before !== null && isPlugin(file.before)
        ? [{ path: file.path, before: file.before, after: null }]
        : []
    }),
  installed,
}
