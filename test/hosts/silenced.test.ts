/** A hook that stands in its file, and is not asked all the same. */
import { expect, test } from 'vitest'
import { changed } from '../../src/app/hosts/place.ts'
import type { Scope } from '../../src/app/hosts/host.ts'
import { checkout, command, home, hostOf, placeOf } from './rig.ts'

function silenced(
  name: string,
  scope: Scope,
  files: Readonly<Record<string, string>>,
): readonly (string | null)[] {
  const host = hostOf(name)
  const empty = placeOf(files)
  const place = changed(empty, host.hooks(empty, command, scope))
  return host.installed(place).map((hook) => host.silenced(place, hook))
}

const config = `${home}/.codex/config.toml`
const ofHome = `${home}/.codex/hooks.json`
const ofCheckout = `${checkout}/.codex/hooks.json`
const trust = (file: string, more = '', at = 'pre_tool_use:0:0'): string =>
  `[hooks.state."${file}:${at}"]\ntrusted_hash = "sha256:1"\n${more}`
const two = JSON.stringify({
  hooks: { PreToolUse: [{ hooks: [{ type: 'command', command: 'x' }] }] },
})

test.each<[string, Scope, Readonly<Record<string, string>>, string | null]>([
  ['nothing is trusted yet', 'home', {}, 'until a person has trusted it'],
  ['it is trusted', 'home', { [config]: trust(ofHome) }, null],
  ['under an older key', 'home', { [config]: trust(`file:${ofHome}`) }, null],
  [
    'another place is trusted',
    'home',
    { [config]: trust(ofHome), [ofHome]: two },
    'until a person',
  ],
  [
    'behind another',
    'home',
    { [config]: trust(ofHome, '', 'pre_tool_use:1:0'), [ofHome]: two },
    null,
  ],
  [
    'it is switched off',
    'home',
    { [config]: trust(ofHome, 'enabled = false\n') },
    'it is switched off',
  ],
  [
    'hooks are off',
    'home',
    { [config]: `[features]\nhooks = false\n${trust(ofHome)}` },
    'switched off under `[features]`',
  ],
  [
    'the project is not trusted',
    'checkout',
    { [config]: trust(ofCheckout) },
    'the project is not trusted',
  ],
  [
    'the project is trusted',
    'checkout',
    { [config]: `${trust(ofCheckout)}\n[projects."${checkout}"]\ntrust_level = "trusted"\n` },
    null,
  ],
])('codex: %s', (_, scope, files, why) => {
  const [got] = silenced('codex', scope, files)
  if (why === null) expect(got).toBe(null)
  else expect(got).toContain(why)
})

const ofGemini = `${home}/.gemini/settings.json`
test.each<[string, Readonly<Record<string, string>>, string | null]>([
  ['nothing is said', {}, null],
  [
    'hooks are off',
    { [ofGemini]: '{"hooksConfig": {"enabled": false}}' },
    'has hooks switched off',
  ],
  [
    'by the checkout',
    { [`${checkout}/.gemini/settings.json`]: '{"hooksConfig": {"enabled": false}}' },
    'switched off',
  ],
  [
    'it is named',
    { [ofGemini]: '{"hooksConfig": {"disabled": ["firebreak hook gemini"]}}' },
    '`disabled`',
  ],
  [
    'in the older form',
    { [ofGemini]: '{"hooks": {"enabled": false, "disabled": []}}' },
    'switched off',
  ],
])('gemini: %s', (_, files, why) => {
  const [got] = silenced('gemini', 'home', files)
  if (why === null) expect(got).toBe(null)
  else expect(got).toContain(why)
})

test('claude code: `disableAllHooks` in any of its settings', () => {
  expect(silenced('claude-code', 'checkout', {})).toEqual([null])
  for (const path of [`${checkout}/.claude/settings.json`, `${home}/.claude/settings.json`])
    expect(silenced('claude-code', 'checkout', { [path]: '{"disableAllHooks": true}' })).toEqual([
      `\`${path}\` has \`disableAllHooks\``,
    ])
})

const ofCopilot = `${home}/.copilot/config.json`
test.each<[string, Scope, Readonly<Record<string, string>>, string | null]>([
  ['in the home', 'home', {}, null],
  ['in a folder that is not trusted', 'checkout', {}, 'not trusted'],
  [
    'in one that is',
    'checkout',
    { [ofCopilot]: `// its own\n{"trustedFolders": ["${checkout}"]}` },
    null,
  ],
  [
    'switched off',
    'home',
    { [`${home}/.copilot/settings.json`]: '{"disableAllHooks": true}' },
    '`disableAllHooks`',
  ],
])('copilot: %s', (_, scope, files, why) => {
  const [got] = silenced('copilot', scope, files)
  if (why === null) expect(got).toBe(null)
  else expect(got).toContain(why)
})

test('a variable that is empty names no folder', () => {
  const env = { CODEX_HOME: '', COPILOT_HOME: '', XDG_CONFIG_HOME: '', CLAUDE_CONFIG_DIR: '' }
  for (const name of ['codex', 'copilot', 'opencode', 'claude-code'])
    for (const { path } of hostOf(name).hooks(placeOf({}, { env }), command, 'home'))
      expect(path.startsWith(`${home}/.`)).toBe(true)
})
