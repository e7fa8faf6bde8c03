/** Files that are ours alone: OpenCode's plugin, Kiro's file of hooks. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pluginText, pluginWords } from '../../src/app/hosts/opencode-plugin.ts'
import { changed } from '../../src/app/hosts/place.ts'
import { checkout, command, home, hostOf, placeOf } from './rig.ts'

const docs = join(import.meta.dirname, '../../docs/hooks')

test.each([
  [1, 'opencode.js'],
  [2, 'opencode-2.js'],
] as const)('the plugin for OpenCode %i is the one in the docs', (generation, name) => {
  expect(pluginText(command, generation)).toBe(readFileSync(join(docs, name), 'utf8'))
})

test.each([
  [['firebreak']],
  [['/opt/node', '/opt/fire break/dist/hook.cjs']],
  [["/it's/firebreak"]],
  [['C:\\Program Files\\firebreak.cmd']],
  [['/a "quoted" \\ one/firebreak']],
])('a plugin that asks %j is known again, and no other', (argv) => {
  for (const generation of [1, 2] as const) {
    const text = pluginText({ argv }, generation)
    expect(pluginWords(text)?.generation).toBe(generation)
    expect(pluginWords(text)?.argv.slice(0, argv.length)).toEqual(argv)
    expect(pluginWords(text.replaceAll('\n', '\r\n'))?.generation).toBe(generation)
    expect(pluginWords(`${text} `)).toBe(null)
    expect(pluginWords(text.replace('!== 0', '=== 0'))).toBe(null)
  }
})

const plugin = `${checkout}/.opencode/plugins/firebreak.js`
const ofKiro = `${checkout}/.kiro/hooks/firebreak.json`

test.each([
  ['opencode', plugin],
  ['kiro', ofKiro],
])('%s: made, left alone, renewed, taken away', (name, path) => {
  const host = hostOf(name)
  const [change] = host.hooks(placeOf({}), command, 'checkout')
  expect(change).toMatchObject({ path, before: null })
  const text = change?.after ?? ''
  const there = placeOf({ [path]: text })
  expect(host.hooks(there, command, 'checkout')).toEqual([])
  expect(host.unhooked(there)).toEqual([{ path, before: text, after: null }])
  expect(host.installed(there)).toMatchObject([{ file: path, scope: 'checkout' }])
  const [renewed] = host.hooks(there, { argv: ['/opt/firebreak'] }, 'checkout')
  expect(renewed).toMatchObject({ path, before: text, after: expect.stringContaining('/opt/') })
  expect(host.hooks(placeOf({ [path]: '' }), command, 'checkout')[0]?.after).toBe(text)
})

test.each([
  ['opencode', plugin, 'export const Mine = 1\n', 'is a plugin of somebody else'],
  ['kiro', ofKiro, '{"hooks": [{"name": "mine"}]}', 'somebody else’s hooks'],
  ['kiro', ofKiro, '{"hooks": [', 'is no JSON'],
])('%s: what stands there and is not ours is refused', (name, path, text, why) => {
  const place = placeOf({ [path]: text })
  expect(() => hostOf(name).hooks(place, command, 'checkout')).toThrow(why)
  if (!why.includes('JSON')) expect(hostOf(name).unhooked(place)).toEqual([])
})

test('a file out of the checkout, by a link, is not written', () => {
  const place = placeOf({}, { links: { [`${checkout}/.opencode`]: '/etc/x' } })
  expect(() => hostOf('opencode').hooks(place, command, 'checkout')).toThrow(
    'leads out of the checkout',
  )
})

test('an older folder of plugins is kept to, and the version in use decides the form', () => {
  const older = `${checkout}/.opencode/plugin/firebreak.js`
  const there = placeOf({ [older]: pluginText({ argv: ['/old/firebreak'] }, 1) })
  expect(hostOf('opencode').hooks(there, command, 'checkout')[0]?.path).toBe(older)
  const packaged = `${home}/.config/opencode/node_modules/@opencode-ai/plugin/package.json`
  const newer = placeOf({ [packaged]: '{"version": "2.0.1"}' })
  const [change] = hostOf('opencode').hooks(newer, command, 'home')
  expect(change?.path).toBe(`${home}/.config/opencode/plugins/firebreak.js`)
  expect(change?.after).toBe(pluginText(command, 2))
  expect(
    hostOf('opencode').installed(changed(newer, change === undefined ? [] : [change])),
  ).toMatchObject([{ event: 'execute.before' }])
})

test('kiro: a hook that is switched off counts as none, and is switched on again', () => {
  const [change] = hostOf('kiro').hooks(placeOf({}), command)
  const off = change?.after.replace('"timeout": 10', '"timeout": 10, "enabled": false') ?? ''
  const place = placeOf({ [ofKiro]: off })
  expect(hostOf('kiro').installed(place)).toEqual([])
  expect(hostOf('kiro').hooks(place, command)).toMatchObject([{ after: change?.after }])
})
