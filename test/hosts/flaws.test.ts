/** Files of which a host would take nothing: refused, with what to mend. And the docs: what is set up by hand is what is set up. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkout, command, hostOf, placeOf } from './rig.ts'

const cursor = (hooks: object, more: object = { version: 1 }): string =>
  JSON.stringify({ ...more, hooks })

test.each<[string, string, string]>([
  ['cursor', cursor({ beforeTeleport: [] }), 'names the event `beforeTeleport`'],
  ['cursor', cursor({ stop: [{ command: 'curl http://127.0.0.1' }] }), 'has `//` in line 1'],
  ['cursor', '{\n  /* mine */\n  "version": 1\n}', 'has `/*` in line 2'],
  ['cursor', cursor({}, { version: 1.5 }), 'a `version` that is no whole number'],
  ['cursor', cursor({ stop: [{ command: '' }] }), 'nothing to run'],
  ['cursor', cursor({ stop: ['x'] }), 'no object'],
  [
    'cursor',
    cursor({ stop: [{ command: 'x', timeout: 0 }] }),
    'a `timeout` that is no number above 0',
  ],
  ['cursor', cursor({ stop: [{ command: 'x', failClosed: 'yes' }] }), 'neither true nor false'],
  ['cursor', cursor({ stop: [{ command: 'x', matcher: '(' }] }), 'a `matcher` that is no pattern'],
  [
    'claude-code',
    '{"hooks": {"Stop": [{"matcher": {"type": "always"}, "hooks": []}]}}',
    'has a hook at `Stop`',
  ],
  [
    'claude-code',
    '{"hooks": {"Stop": [{"type": "command", "command": "x"}]}}',
    'has a hook at `Stop`',
  ],
  ['claude-code', '{"hooks": {"Stop": [{"hooks": [{"command": "x"}]}]}}', 'has a hook at `Stop`'],
])('%s takes none of %s', (name, text, why) => {
  const path = `${checkout}/${name === 'cursor' ? '.cursor/hooks.json' : '.claude/settings.local.json'}`
  const ask = (): unknown => hostOf(name).hooks(placeOf({ [path]: text }), command)
  expect(ask).toThrow(`\`${path}\` `)
  expect(ask).toThrow(why)
  expect(() => hostOf(name).installed(placeOf({ [path]: text }))).toThrow(why)
})

test('cursor: what it takes is not refused', () => {
  const text = cursor({
    stop: [{ command: 'x', matcher: 'a|b', timeout: 1.5, failClosed: false, loop_limit: 3 }],
    preToolUse: [{ type: 'prompt', prompt: 'is it safe?' }],
  })
  expect(
    hostOf('cursor').hooks(placeOf({ [`${checkout}/.cursor/hooks.json`]: text }), command),
  ).toHaveLength(1)
})

test('cursor: a program whose path it would cut off is refused', () => {
  const ask = (): unknown => hostOf('cursor').hooks(placeOf({}), { argv: ['//opt/firebreak'] })
  expect(ask).toThrow('has `//`')
})

const docs = readFileSync(join(import.meta.dirname, '../../docs/hooks.md'), 'utf8')
const blocks = [...docs.matchAll(/```json ([\w-]+)\n([\s\S]*?)```/g)].map(
  ([, host = '', text = '']) => [host, text] as const,
)

test.each(blocks)('%s: what the docs say is what is put in', (name, text) => {
  const host = hostOf(name)
  const written: unknown = JSON.parse(text)
  if (text.includes('"http"')) {
    const path = `${checkout}/.claude/settings.local.json`
    expect(host.hooks(placeOf({ [path]: text }), command)).toEqual([])
    return
  }
  const agent = name === 'kiro' ? { [`${checkout}/.kiro/agents/a.json`]: '' } : {}
  const made: readonly unknown[] = host
    .hooks(placeOf(agent), command, 'checkout')
    .map(({ after }): unknown => JSON.parse(after))
  expect(made).toContainEqual(written)
})
